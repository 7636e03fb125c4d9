"""How long a sweep will take: from runs of the same nets, or from a few timed steps."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from labbench import architecture, paths
from labbench.architecture import Conv, Dense, Model
from labbench.audio.chosen import Counts, epoch_clips
from labbench.decoding import decoded
from labbench.errors import LabbenchError, RunError
from labbench.presets import Preset, to_tree
from labbench.runs import machine
from labbench.runs.files import write_atomic
from labbench.scheduler.devices import Device, probe
from labbench.scheduler.fitting import check_fits
from labbench.scheduler.placing import choices
from labbench.scheduler.start import place_in_queue
from labbench.tables.progress import Cell, CellRun, TableProgress
from labbench.tables.sweep import Plan, Task
from labbench.worker.asking import ask

JUDGED_SHARE = 1 / 3
"""What judging a clip costs of training on it: one of three passes."""


def multiply_adds(model: Model, classes: int) -> int:
    """Multiply-adds of one clip's way through a net."""
    count = 0
    for layer in architecture.plan(model, classes):
        if isinstance(layer, Conv):
            count += layer.kernel * layer.in_channels * layer.channels * layer.length
        elif isinstance(layer, Dense):
            count += layer.in_features * layer.channels
    return count


def cost(preset: Preset) -> int:
    """Multiply-adds of one clip's way through a preset's net."""
    return multiply_adds(preset.model, len(preset.data.words))


@dataclass(frozen=True, slots=True)
class Pace:
    """Measured seconds of training a clip, by multiply-adds."""

    points: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, points: Iterable[tuple[float, float]]) -> Pace:
        """The pace of some points; several for one net are averaged."""
        by_cost: dict[float, list[float]] = {}
        for macs, seconds in points:
            by_cost.setdefault(float(macs), []).append(seconds)
        return cls(tuple((macs, math.fsum(s) / len(s)) for macs, s in sorted(by_cost.items())))

    def seconds_per_clip(self, macs: float) -> float | None:
        """Seconds of training one clip; None where nothing was measured.

        Between two points on the straight line of their logarithms; beyond the last at its rate.
        """
        if not self.points or macs <= 0:
            return None
        below = [point for point in self.points if point[0] <= macs]
        above = [point for point in self.points if point[0] >= macs]
        if not below or not above:
            known, seconds = below[-1] if below else above[0]
            return seconds * macs / known
        (low, fast), (high, slow) = below[-1], above[0]
        if high <= low * (1 + 1e-9):
            return fast
        share = math.log(macs / low) / math.log(high / low)
        return float(fast * (slow / fast) ** share)

    def covers(self, macs: float, within: float = 1.5) -> bool:
        """Whether a net as large, or nearly, was measured."""
        return any(1 / within <= macs / known <= within for known, _ in self.points)


def clips_as_training(clips: Counts) -> float:
    """The clips of an epoch, as so many clips of training."""
    return clips.train + JUDGED_SHARE * clips.validation


def measured(cells: Iterable[Cell], kind: str = "") -> Pace:
    """The pace of the runs of some cells.

    Args:
        kind: only runs on this kind of device: cpu, cuda, mps; "": on any.
    """
    points = []
    for cell in cells:
        for one in cell.runs:
            if kind and one.status.slot.partition(":")[0] != kind:
                continue
            if (seconds := _seconds_per_clip(one, cell.planned.preset)) is not None:
                points.append((float(cost(cell.planned.preset)), seconds))
    return Pace.of(points)


def _seconds_per_clip(one: CellRun, preset: Preset) -> float | None:
    """Seconds a training clip of a run, judging included; from its first whole epoch on."""
    status = one.status
    if not status.epoch or status.elapsed_s <= 0 or not status.step:
        return None
    return status.elapsed_s / (status.step * preset.training.batch)


def epochs_left(one: CellRun | None, preset: Preset) -> int:
    """Epochs that a cell has still to train at most."""
    return preset.training.epochs - (one.status.epoch if one is not None else 0)


def left_s(progress: TableProgress, at_once: int = 1, known: Pace | None = None) -> float | None:
    """Seconds until all live and queued runs of a table have ended, at most; None: unknown.

    Early stopping may end them sooner.

    Args:
        at_once: runs that are trained at the same time.
        known: what was measured beside the table's own runs.
    """
    own = measured(progress)
    pace = own if own.points else known or own
    total = 0.0
    for cell in progress:
        for one in cell.by_seed.values():
            if one.state == "live" and one.status.left_s is not None:
                total += one.status.left_s
            elif one.state in ("live", "queued"):
                seconds = _run_left_s(one, cell.planned.preset, pace, progress)
                if seconds is None:
                    return None
                total += seconds
    return total / max(at_once, 1)


def _run_left_s(one: CellRun, preset: Preset, pace: Pace, progress: TableProgress) -> float | None:
    each = pace.seconds_per_clip(cost(preset))
    clips = _clips_an_epoch([one, *(r for cell in progress for r in cell.runs)], preset)
    if each is None or clips is None:
        return None
    return each * clips * epochs_left(one, preset)


def _clips_an_epoch(runs: Sequence[CellRun], preset: Preset) -> float | None:
    """Clips of an epoch, by the first run that knows how many steps one has."""
    known = next((one.status for one in runs if one.status.steps_per_epoch), None)
    return known.steps_per_epoch * preset.training.batch if known else None


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
