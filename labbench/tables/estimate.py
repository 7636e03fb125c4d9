"""How long a sweep will take: from runs of the same nets, or from a few timed steps.

The steps are timed in a child (`labbench.worker.calibrate`): this process loads no torch. What
was timed is kept beside the runs, by host and device.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from labbench import paths
from labbench.audio.chosen import epoch_clips
from labbench.decoding import decoded
from labbench.errors import LabbenchError, RunError
from labbench.presets import Preset, to_tree
from labbench.runs import machine
from labbench.runs.files import write_atomic
from labbench.scheduler.devices import Device, probe
from labbench.scheduler.fitting import check_fits
from labbench.scheduler.placing import choices
from labbench.scheduler.start import place_in_queue
from labbench.tables.pace import Pace, clips_as_training, cost, epochs_left, measured
from labbench.tables.sweep import Plan, Task
from labbench.worker.asking import ask

TIMED_NETS = 3
"""The smallest, the middle and the largest net are timed; others are put in between."""

TIMED_OUT_S = 180.0
"""A calibration that takes longer is given up: the sweep starts without an estimate."""


START_S = 3.0
"""From a run's turn to its first step: torch is loaded, clips are opened, the net is built."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Time for the runs of a plan, at most: early stopping may end them sooner."""

    work_s: float
    """One after the other."""
    at_once: int
    """Runs that are trained at the same time: one a device, however many share it."""

    @property
    def span_s(self) -> float:
        """From the first start to the last end."""
        return self.work_s / self.at_once


def estimate(plan: Plan, *, time_steps: bool = True) -> Estimate | None:
    """The time for a plan; None where nothing tells it.

    Args:
        time_steps: time a few steps of nets that no run tells of (takes seconds).
    """
    if not plan.tasks:
        return Estimate(0.0, 1)
    here = probe()
    found = choices(place_in_queue(plan.tasks[0].preset), here)
    kind = found[0][0].kind
    pace = known_pace(plan, kind, found[0][0].model)
    unknown = [
        task.preset
        for task in plan.tasks
        if not pace.covers(cost(task.preset)) and _fits(task, here)
    ]
    if unknown and time_steps:
        timed = calibrated(unknown)
        _keep(kind, found[0][0].model, timed)
        pace = Pace.of([*pace.points, *timed.points])
    work = [_seconds(task, pace) for task in plan.tasks]
    known = [seconds for seconds in work if seconds is not None]
    return Estimate(sum(known), len(found)) if len(known) == len(work) else None


def _fits(task: Task, here: Sequence[Device]) -> bool:
    """Whether it can be trained here at all: what cannot is not timed, and refused later."""
    try:
        check_fits(task.preset, place_in_queue(task.preset), here)
    except LabbenchError:
        return False
    return True


def known_pace(plan: Plan, kind: str, model: str) -> Pace:
    """What runs of the table and earlier calibrations on such a device tell."""
    own = measured(plan.cells, kind)
    return Pace.of([*own.points, *_kept().get(f"{kind} {model}", ())])


def _seconds(task: Task, pace: Pace) -> float | None:
    each = pace.seconds_per_clip(cost(task.preset))
    clips = epoch_clips(task.preset, task.clips.name)
    if each is None or clips is None:
        return None
    epochs = epochs_left(task.before, task.preset)
    return START_S + each * clips_as_training(clips) * epochs


def calibrated(presets: Sequence[Preset]) -> Pace:
    """Time a few steps of some of the nets in a child; no points where it cannot."""
    chosen = _spread(presets)
    presets_json = msgspec.json.encode([to_tree(preset) for preset in chosen]).decode()
    try:
        found = ask("labbench.worker.calibrate", presets_json, timeout_s=TIMED_OUT_S)
    except LabbenchError:
        return Pace(())
    return Pace.of(zip(map(cost, chosen), found["seconds"], strict=True))


def _spread(presets: Sequence[Preset]) -> list[Preset]:
    """The nets with the least, the middle and the most arithmetic."""
    by_cost = {cost(preset): preset for preset in presets}
    order = [by_cost[macs] for macs in sorted(by_cost)]
    if len(order) <= TIMED_NETS:
        return order
    return [order[0], order[len(order) // 2], order[-1]]


def _path() -> Path:
    return paths.runs_dir() / f".pace-{machine.host()}.json"


Measured = Annotated[float, msgspec.Meta(gt=0, le=1e18)]


def _kept() -> dict[str, list[tuple[Measured, Measured]]]:
    try:
        return decoded(paths.read(_path()), dict[str, list[tuple[Measured, Measured]]])
    except (OSError, msgspec.MsgspecError):
        return {}


def _keep(kind: str, model: str, timed: Pace) -> None:
    """Keep what was timed for the next time; a disk that is full forgets it."""
    kept = _kept()
    before = dict(kept.get(f"{kind} {model}", ()))
    kept[f"{kind} {model}"] = sorted({**before, **dict(timed.points)}.items())
    with contextlib.suppress(RunError, OSError):
        paths.runs_dir().mkdir(parents=True, exist_ok=True)
        write_atomic(_path(), msgspec.json.encode(kept), durable=False)
