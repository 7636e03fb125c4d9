"""A sweep: every cell of a table that has no figure yet is queued, once.

What is missing is read from the run folders, so a sweep can be asked for again at any moment; a
lock sees to it that two at once queue nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from labbench import paths
from labbench.audio.chosen import clips_of
from labbench.audio.library import SYNTHETIC, find
from labbench.errors import BusyError, LabbenchError
from labbench.presets import Preset
from labbench.runs import Clips, RunFolder, queue
from labbench.runs.files import write_error
from labbench.scheduler.dispatch import ensure_dispatcher
from labbench.scheduler.start import RESUMABLE, On, resume, submit
from labbench.tables.layout import PlannedCell, TableLayout
from labbench.tables.progress import Cell, CellRun, Cells

LOCK_WAIT_S = 60.0
"""Another sweep queues its cells in less."""


@dataclass(frozen=True, slots=True)
class Task:
    """A run that is to be queued: a new one, or one to go on with."""

    cell: PlannedCell
    preset: Preset
    """The cell's, with its seed."""
    clips: Clips
    before: CellRun | None = None
    """A stopped, failed or lost run of it that is gone on with."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep has to do."""

    layout: TableLayout
    tasks: tuple[Task, ...]
    cells: tuple[Cell, ...]
    """The table as it stands."""
    finished: int
    """Runs wanted that are finished already."""
    under_way: int
    """Runs wanted that wait or run already."""

    @property
    def again(self) -> int:
        """How many runs are gone on with."""
        return sum(task.before is not None for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of a task: its run, or why there is none."""

    task: Task
    run: RunFolder | None
    error: LabbenchError | None = None


def plan(layout: TableLayout, cells: Cells, *, seeds: int = 1) -> Plan:
    """What is missing of a table: cells without a figure, a run under way, for each seed.

    Args:
        seeds: seeds a cell, counted up from its preset's.

    Raises:
        DataError: a cell's clips are not there, or several could be meant.
    """
    tasks: dict[tuple[str, int, Clips], Task] = {}
    finished = under_way = 0
    found = [(clips, cells.of(planned, clips)) for planned, clips in _with_clips(layout)]
    in_vain = _in_vain([cell for _, cell in found])
    for clips, cell in found:
        planned = cell.planned
        first = planned.preset.training.seed
        for seed in range(first, first + seeds):
            standing = cell.by_seed.get(seed)
            if standing is not None and standing.state == "finished":
                finished += 1
            elif standing and standing.state in ("live", "queued") and standing.run not in in_vain:
                under_way += 1
            else:
                task = Task(planned, seeded(planned.preset, seed), clips, standing)
                tasks.setdefault((planned.key, seed, clips), task)
    return Plan(
        layout, tuple(tasks.values()), tuple(cell for _, cell in found), finished, under_way
    )


def _with_clips(layout: TableLayout) -> Iterator[tuple[PlannedCell, Clips]]:
    """The cells of a table, each with the data set that it is trained on."""
    for cell in layout:
        clips = clips_of(cell.preset)
        if clips.name != SYNTHETIC:
            find(clips.name)
        yield cell, clips


def _in_vain(cells: Sequence[Cell]) -> set[RunFolder]:
    """The runs of some cells that wait and that nobody will start: they are queued anew."""
    waiting = [
        (one.run, one.status) for cell in cells for one in cell.runs if one.state == "queued"
    ]
    return {run for run, _ in queue.unclaimed(waiting)}


def seeded(preset: Preset, seed: int) -> Preset:
    """The preset with another seed."""
    training = msgspec.structs.replace(preset.training, seed=seed)
    return msgspec.structs.replace(preset, training=training)


def submit_cells(
    tasks: Sequence[Task], *, slurm: str | None = None, per_device: int | None = None
) -> Iterator[Submitted]:
    """Queue tasks one after the other, new runs and those to go on with.

    What one of them meets does not keep the next from being queued.

    Args:
        slurm: options of sbatch, for a job of a Slurm cluster each; None: this host's queue.
        per_device: runs at once on each device in this host's queue; None: as LABBENCH_SLOTS says.
    """
    try:
        for task in tasks:
            yield _submitted(task, slurm, None if per_device is None else str(per_device))
    finally:
        # Whoever leaves in between leaves what is queued to the dispatcher.
        if slurm is None:
            ensure_dispatcher()


def _submitted(task: Task, slurm: str | None, slots: str | None) -> Submitted:
    before = task.before
    try:
        if before is None or before.status.state not in (*RESUMABLE, "queued"):
            run = submit(task.preset, slurm=slurm, slots=slots, begin=False)
            return Submitted(task, run)
        on: On = "local" if slurm is None else "slurm"
        resume(before.run, on=on, slurm=slurm, slots=slots, begin=False)
        return Submitted(task, before.run)
    except LabbenchError as error:
        return Submitted(task, None, error)


@contextmanager
def alone(root: Path | None = None) -> Iterator[None]:
    """Be the one sweep that looks at what is missing and queues it.

    Raises:
        BusyError: another is at it for too long.
        RunError: the runs folder cannot be written.
    """
    root = root or paths.runs_dir()
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / ".sweep.lock")
        lock.acquire(timeout=LOCK_WAIT_S)
    except Timeout:
        raise BusyError(
            "another sweep is queueing its cells.", where=str(root), hint="Try again in a while."
        ) from None
    except OSError as error:
        raise write_error(root, error) from error
    try:
        yield
    finally:
        lock.release()
