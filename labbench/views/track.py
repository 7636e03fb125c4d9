"""A run's course laid along an axis of steps, epochs or time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypedDict, get_args

import numpy as np

from labbench.draw.plot import THICK, THIN, Floats, Series, smoothed
from labbench.errors import LabbenchError
from labbench.runs import History, Status, events

By = Literal["step", "epoch", "time"]
BYS: tuple[str, ...] = get_args(By)

Window = tuple[float, float]
"""The part of a run that is shown, as shares of all of it, from and to."""

WHOLE: Window = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Track:
    """The lines of a run along an axis; it has at least one step."""

    history: History
    by: By
    steps_per_epoch: float
    seconds: float
    """Of a unit of time: 1, 60 or 3600."""

    @classmethod
    def of(cls, history: History, status: Status, by: By, seconds: float = 1.0) -> Track:
        """The track of a run that has steps."""
        an_epoch = float(status.steps_per_epoch or history.steps["step"][-1])
        return cls(history, by, an_epoch, seconds)

    @property
    def whole(self) -> float:
        """Where it ends."""
        ends = [float(self.step_x()[-1])]
        ends += [self.epoch_x(epoch) for epoch in self.history.epochs[-1:]]
        return max(ends)

    @property
    def end(self) -> float:
        """Where it ends, in steps, epochs or seconds."""
        return self.whole * self.seconds

    def step_x(self) -> Floats:
        """(S,) where each step is."""
        steps = self.history.steps
        if self.by == "time":
            return steps["elapsed_s"] / self.seconds
        return steps["step"] / (self.steps_per_epoch if self.by == "epoch" else 1.0)

    def epoch_x(self, epoch: events.Epoch) -> float:
        """Where an epoch ends."""
        if self.by == "time":
            return epoch.elapsed_s / self.seconds
        return float(epoch.epoch if self.by == "epoch" else epoch.step)

    def train(self, name: str, smooth: float, color: str) -> Series:
        """The `loss` or `accuracy` of the training batches, a thin line."""
        history = self.history
        y = smoothed(history.means[name], smooth**history.stride) if smooth else history.steps[name]
        return Series(self.step_x(), y, color, THIN)

    def validation(self, name: str, color: str) -> Series:
        """The `loss` or `accuracy` on validation after each epoch, a thick line."""
        epochs = self.history.epochs
        x = np.array([self.epoch_x(epoch) for epoch in epochs], dtype=np.float64)
        y = np.array([getattr(epoch, f"val_{name}") for epoch in epochs], dtype=np.float64)
        return Series(x, y, color, THICK)

    def step_at(self, x: float) -> int:
        """Index of the last step up to a place, of the first where there is none."""
        return max(int(np.searchsorted(self.step_x(), x, side="right")) - 1, 0)

    def epoch_at(self, x: float) -> events.Epoch | None:
        """The last epoch that ended up to a place."""
        past = [epoch for epoch in self.history.epochs if self.epoch_x(epoch) <= x]
        return past[-1] if past else None


class Bounds(TypedDict):
    """What axes are told of where values can be."""

    y_bounds: tuple[float, float]
    whole_x: bool


def bounds(name: str, by: By) -> Bounds:
    """Where the values of `loss` or `accuracy` can be along an axis."""
    return {"y_bounds": (0.0, 1.0 if name == "accuracy" else math.inf), "whole_x": by != "time"}


def unit(by: By, seconds: float) -> str:
    """What an axis counts."""
    return {1.0: "seconds", 60.0: "minutes", 3600.0: "hours"}[seconds] if by == "time" else by


def seconds_a_unit(elapsed_s: float) -> float:
    """The unit of time that suits a course of so many seconds."""
    return 3600.0 if elapsed_s > 18_000 else 60.0 if elapsed_s > 300 else 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a course that is asked for, in steps, epochs or seconds."""

    start: float = 0.0
    stop: float | None = None
    """None: its end."""
    at: float | None = None
    """Where values are told; None: nowhere."""

    @classmethod
    def seen(cls, window: Window, cursor: float | None, end: float) -> Part:
        """What is in view of a course that ends there."""
        start, stop = window
        last = None if stop >= 1.0 else stop * end
        return cls(start * end, last, None if cursor is None else cursor * end)

    def shares(self, end: float) -> tuple[Window, float | None]:
        """The part and the place of the values as shares of a course that ends there.

        Raises:
            LabbenchError: no such part or place is in it.
        """
        if end <= 0:
            return WHOLE, None
        start, stop = self.start / end, 1.0 if self.stop is None else self.stop / end
        window = start, min(stop, 1.0)
        if not 0 <= window[0] < window[1]:
            last = "its end" if self.stop is None else f"{self.stop:g}"
            raise LabbenchError(
                f"nothing is drawn from {self.start:g} to {last}: the curves end at {end:g}.",
                hint="Name a part of them: --from before --to, in what --by says.",
            )
        if self.at is None:
            return window, None
        if not 0 <= self.at / end <= 1:
            raise LabbenchError(f"there are no values at {self.at:g}: the curves end at {end:g}.")
        return window, self.at / end

    def options(self) -> list[str]:
        """What a command is told to draw it."""
        return [
            *([f"--from {self.start:.7g}"] if self.start else []),
            *([] if self.stop is None else [f"--to {self.stop:.7g}"]),
            *([] if self.at is None else [f"--at {self.at:.7g}"]),
        ]


def zoomed(window: Window, factor: float) -> Window:
    """A window `factor` times as wide about its middle, within the run."""
    start, stop = window
    middle, half = (start + stop) / 2, min((stop - start) * factor / 2, 0.5)
    start = min(max(middle - half, 0.0), 1.0 - 2 * half)
    return start, start + 2 * half


def panned(window: Window, share: float) -> Window:
    """A window moved by a share of its width, within the run."""
    start, stop = window
    width = stop - start
    start = min(max(start + share * width, 0.0), 1.0 - width)
    return start, start + width
