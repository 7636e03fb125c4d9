"""How long cells take: seconds of training a clip by the arithmetic of their nets.

What was measured, on runs or by a few timed steps, is points (multiply-adds a clip, seconds a
clip); a net in between is put in between. Nothing here computes with nets: it loads no torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labbench import architecture
from labbench.architecture import Conv, Dense, Model
from labbench.audio.chosen import Counts
from labbench.presets import Preset
from labbench.tables.progress import Cell, CellRun, TableProgress

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
