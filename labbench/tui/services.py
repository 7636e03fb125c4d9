"""What the app asks of the world outside: the clock, the machine, and workers.

One object, so that a test gives the app a world of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbench.audio.jobs import Order
    from labbench.presets import Preset
    from labbench.runs import RunFolder, Status
    from labbench.tables.layout import TableLayout
    from labbench.tables.pace import Estimate
    from labbench.tables.sweep import Plan, Submitted
    from labbench.worker.analyst import Analyst


@dataclass(frozen=True, slots=True)
class Machine:
    """The device that new runs get, and how busy it is."""

    device: str
    """cpu, mps or cuda:N."""
    model: str = ""
    load: float | None = None
    """Share of the time it is at work, 0 to 1."""
    used_bytes: int | None = None
    memory_bytes: int | None = None


def read_machine() -> Machine:
    """The first GPU, or the CPU where there is none."""
    from labbench.scheduler.devices import probe

    first = probe()[0]
    used = None
    if first.memory_bytes is not None and first.free_bytes is not None:
        used = first.memory_bytes - first.free_bytes
    model = first.model.removeprefix("NVIDIA ").split(" ")[0] if first.kind == "cuda" else ""
    return Machine(first.name, model, first.load, used, first.memory_bytes)


def begin() -> None:
    """Go on with what a dead dispatcher left waiting.

    Raises:
        LabbenchError: the settings or the runs folder cannot be used.
    """
    from labbench.scheduler.start import ensure_dispatcher

    ensure_dispatcher()


def settle(rows: Sequence[tuple[RunFolder, Status]]) -> str:
    """Bring runs on a cluster up to what it says of their jobs; "" unless it does not answer."""
    from labbench.scheduler import slurm, slurm_queue

    slurm.settle(rows)
    return slurm_queue.silence()


def submit(preset: Preset) -> RunFolder:
    """A new run of a preset: it starts when a device is free.

    Raises:
        LabbenchError: it cannot be made.
    """
    from labbench.scheduler import start

    return start.submit(preset)


def resume(run: RunFolder) -> None:
    """Go on with a stopped, failed or lost run when a device is free.

    Raises:
        LabbenchError: there is nothing to go on with.
    """
    from labbench.scheduler import start

    start.resume(run)


def stop(run: RunFolder, now: bool) -> None:
    """Ask a run to stop, or to stop at once; one that waits is taken out of the queue.

    Raises:
        LabbenchError: it is not running.
    """
    from labbench.scheduler import start

    start.stop(run, now=now)


def remove(run: RunFolder) -> str:
    """Delete a run and its job of a cluster; what is left to do, in words.

    Raises:
        LabbenchError: it is live, or cannot be deleted.
    """
    from labbench.scheduler import start

    return start.remove(run)


def plan(layout: TableLayout, seeds: int) -> Plan:
    """What is missing of a table.

    Raises:
        LabbenchError: its clips are not there.
    """
    from labbench.runs.reader import listing
    from labbench.tables import sweep
    from labbench.tables.progress import Cells

    return sweep.plan(layout, Cells(listing()[0]), seeds=seeds)


def estimate(plan: Plan) -> Estimate | None:
    """How long a plan takes; a few steps are timed where no run tells."""
    from labbench.tables.pace import estimate

    return estimate(plan)


def sweep(layout: TableLayout, seeds: int) -> Sequence[Submitted]:
    """Queue what is missing of a table.

    Raises:
        LabbenchError: nothing of it can be queued.
    """
    from labbench.tables.sweep import alone, submit_cells

    with alone():
        return tuple(submit_cells(plan(layout, seeds).tasks))


def analyst(run: RunFolder) -> Analyst:
    """Who answers questions about a run's net; a process starts with the first question."""
    from labbench.worker.analyst import Analyst

    return Analyst(run)


def make(order: Order) -> None:
    """Have a data set made by a process that outlives us.

    Raises:
        LabbenchError: it cannot be made.
    """
    from labbench.audio import maker

    maker.start(order)


@dataclass(frozen=True, slots=True)
class Services:
    """The world the app lives in."""

    now: Callable[[], float] = time.time
    machine: Callable[[], Machine] = read_machine
    begin: Callable[[], None] = begin
    """Called once, when the app has looked at the runs for the first time."""
    settle: Callable[[Sequence[tuple[RunFolder, Status]]], str] = settle
    submit: Callable[[Preset], RunFolder] = submit
    resume: Callable[[RunFolder], None] = resume
    stop: Callable[[RunFolder, bool], None] = stop
    remove: Callable[[RunFolder], str] = remove
    plan: Callable[[TableLayout, int], Plan] = plan
    estimate: Callable[[Plan], Estimate | None] = estimate
    sweep: Callable[[TableLayout, int], Sequence[Submitted]] = sweep
    analyst: Callable[[RunFolder], Analyst] = analyst
    make: Callable[[Order], None] = make
    beating: bool = True
    """Whether the app looks at runs by itself; a test calls `app.poll()`."""
