"""Loss and accuracy over a run: training by step, validation by epoch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import msgspec
import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from labbench import units
from labbench.runs import History, RunFolder, Status
from labbench.views import glyphs
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme
from labbench.views.plot import Axes, Floats, Series, chart, smoothed

By = Literal["step", "epoch", "time"]
BYS: tuple[str, ...] = get_args(By)

SIDE_BY_SIDE = 100
"""From so many cells on, the two charts stand beside each other."""


@dataclass(frozen=True, slots=True)
class CurvesView:
    """The course of one run."""

    run_id: str
    status: Status
    history: History
    by: By = "step"
    smooth: float = 0.0
    """Weight of the past in the training curves, 0 to below 1."""
    log: bool = False
    """Loss on a logarithmic scale."""
    window: tuple[float, float] = (0.0, 1.0)
    """The part of the run that is shown, as shares of all of it."""
    cursor: float | None = None
    """Where values are read, as a share of all of it."""

    @classmethod
    def of(
        cls, run: RunFolder, *, by: By = "step", smooth: float = 0.0, log: bool = False
    ) -> CurvesView:
        """The course of a run folder.

        Raises:
            RunError: the folder is damaged.
        """
        return cls(run.id, run.status(), run.history(), by, smooth, log)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = Text.assemble((self.run_id, "bold"), "  ", glyphs.state(self.status.state, theme))
        if not len(self.history.steps["step"]):
            return Group(head, Text(), Text(self._nothing(), style=theme.muted))
        head.append(f"  {self._figures()}", style=theme.muted)
        beside = width >= SIDE_BY_SIDE
        room = (height - 1) if height else (20 if beside else 28)
        each = max(room if beside else room // 2, 6)
        pane = (width - 2) // 2 if beside else width
        panes = [self._pane(name, pane, each, theme) for name in ("loss", "accuracy")]
        if not beside:
            return Group(head, *panes)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(*panes)
        return Group(head, grid)

    def _nothing(self) -> str:
        status = self.status
        if status.state in ("queued", "starting"):
            return f"No step yet: {status.message or status.state}."
        why = f": {status.message}" if status.message else "."
        return f"No step was trained{why} {status.hint}".rstrip()

    def _figures(self) -> str:
        status = self.status
        parts = [f"epoch {status.epoch}/{status.epochs}", f"step {status.step:,}"]
        if best := self.history.best:
            parts.append(f"best validation {units.accuracy(best.val_accuracy)} at {best.epoch}")
        return ", ".join(parts)

    def _pane(self, name: str, width: int, height: int, theme: Theme) -> Group:
        """One chart with its title and key."""
        train, validation = self._series(name, theme)
        whole = self._whole()
        start, stop = (share * whole for share in self.window)
        best = self.history.best
        level = self.status.published if name == "accuracy" else None
        axes = Axes(
            x_range=(start, stop if stop > start else start + 1),
            log_y=self.log and name == "loss",
            level=level,
            mark=self._epoch_x(best) if best else None,
            cursor=None if self.cursor is None else self.cursor * whole,
        )
        key = Text.assemble((name, "bold"), f" by {self._unit()}  ", ("━ train", theme.train))
        if len(validation.x):
            key.append("  ")
            key.append("━ validation", style=theme.validation)
        if level is not None:
            key.append(f"  ╌ published {units.accuracy(level)}", style=theme.published)
        if best:
            key.append("  │ best", style=theme.muted)
        key.truncate(width)
        return Group(key, chart([train, validation], axes, width, height - 1, theme))

    def _series(self, name: str, theme: Theme) -> tuple[Series, Series]:
        epochs = self.history.epochs
        y = smoothed(self.history.steps[name], self.smooth)
        x_val = np.array([self._epoch_x(epoch) for epoch in epochs], dtype=np.float64)
        y_val = np.array([getattr(epoch, f"val_{name}") for epoch in epochs], dtype=np.float64)
        return (
            Series(self._step_x(), y, theme.train),
            Series(x_val, y_val, theme.validation),
        )

    def _unit(self) -> str:
        if self.by == "time":
            return "minutes" if self._seconds_a_unit() == 60 else "seconds"
        return self.by

    def _seconds_a_unit(self) -> float:
        return 60.0 if self.history.steps["elapsed_s"][-1] > 300 else 1.0

    def _steps_per_epoch(self) -> float:
        return float(self.status.steps_per_epoch or self.history.steps["step"][-1])

    def _step_x(self) -> Floats:
        steps = self.history.steps
        if self.by == "time":
            return steps["elapsed_s"] / self._seconds_a_unit()
        return steps["step"] / (self._steps_per_epoch() if self.by == "epoch" else 1.0)

    def _epoch_x(self, epoch: Any) -> float:
        if self.by == "time":
            return float(epoch.elapsed_s) / self._seconds_a_unit()
        return float(epoch.epoch if self.by == "epoch" else epoch.step)

    def _whole(self) -> float:
        ends = [float(self._step_x()[-1])]
        ends += [self._epoch_x(epoch) for epoch in self.history.epochs[-1:]]
        return max(ends)

    def zoomed(self, factor: float) -> CurvesView:
        """The view with a window `factor` times as wide about its middle."""
        start, stop = self.window
        middle, half = (start + stop) / 2, min((stop - start) * factor / 2, 0.5)
        start = min(max(middle - half, 0.0), 1.0 - 2 * half)
        return replace(self, window=(start, start + 2 * half))

    def panned(self, share: float) -> CurvesView:
        """The view with its window moved by a share of its width."""
        start, stop = self.window
        width = stop - start
        start = min(max(start + share * width, 0.0), 1.0 - width)
        return replace(self, window=(start, start + width))

    def as_json(self) -> dict[str, Any]:
        """Arrays of the steps and objects of the epochs."""
        return {
            "run": self.run_id,
            "published_accuracy": self.status.published,
            "steps": {name: values.tolist() for name, values in self.history.steps.items()},
            "epochs": [msgspec.to_builtins(epoch) for epoch in self.history.epochs],
        }

    def as_csv(self) -> str:
        """One row an epoch."""
        fields = [
            "epoch", "step", "elapsed_s", "train_loss", "train_accuracy", "val_loss",
            "val_accuracy", "learning_rate", "clips_per_s", "best",
        ]  # fmt: skip
        return csv_text(
            fields, [[getattr(epoch, name) for name in fields] for epoch in self.history.epochs]
        )
