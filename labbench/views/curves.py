"""Loss and accuracy over a run: training by step, validation by epoch."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import msgspec
import numpy as np
from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from labbench import units
from labbench.runs import History, RunFolder, Status
from labbench.views import glyphs
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme
from labbench.views.plot import THICK, Axes, Floats, Series, chart, smoothed

By = Literal["step", "epoch", "time"]
BYS: tuple[str, ...] = get_args(By)

EMPTY_HEIGHT = 11
"""Cells an empty chart takes at most."""

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
            return Group(head, self._empty(min(height or EMPTY_HEIGHT, EMPTY_HEIGHT), theme))
        lines = [head, Text(self._figures(), style=theme.muted)]
        if self.cursor is not None:
            lines.append(Text(self.reading(), style=theme.accent))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        beside = width >= SIDE_BY_SIDE
        room = height - len(lines) if height else (20 if beside else 2 * 13)
        each = max(room if beside else room // 2, 6)
        pane = (width - 2) // 2 if beside else width
        panes = [self._pane(name, pane, each, theme) for name in ("loss", "accuracy")]
        if not beside:
            return Group(*lines, *panes)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(*panes)
        return Group(*lines, grid)

    def _empty(self, height: int, theme: Theme) -> RenderableType:
        """What stands where curves will be: what the run waits for, and since when."""
        status = self.status
        if status.state in ("queued", "starting", "running"):
            since = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.created))
            what = f"No step yet: {status.message or status.state}."
            text = Text.assemble(what, (f"\n{status.state} since {since}", theme.muted))
        else:
            text = Text(f"No step was trained: {status.message or status.state}")
            text.append(f"\n{status.hint}" if status.hint else "", style=theme.muted)
        text.justify = "center"
        return Panel(
            Align.center(text, vertical="middle"), height=height - 1, border_style=theme.muted
        )

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
        marked = self._marked(name, theme)
        key = self._key(name, bool(len(validation.x)), level, theme)
        key.truncate(width, overflow="ellipsis")
        return Group(key, chart([train, validation, *marked], axes, width, height - 1, theme))

    def _key(self, name: str, validated: bool, level: float | None, theme: Theme) -> Text:
        """The chart's title and what its lines are."""
        key = Text.assemble((name, "bold"), f" by {self._unit()}  ", ("⠒ train", theme.train))
        if validated:
            key.append("  ▀ val", style=theme.validation)
        if self.history.best:
            key.append(f"  ◆ best, epoch {self.history.best.epoch}", style=theme.accent)
        if level is not None:
            key.append(f"  ╌ published {units.accuracy(level)}", style=theme.published)
        return key

    def _marked(self, name: str, theme: Theme) -> list[Series]:
        """A sign at the best epoch's validation figure."""
        if (best := self.history.best) is None:
            return []
        x, y = np.array([self._epoch_x(best)]), np.array([getattr(best, f"val_{name}")])
        return [Series(x, y, theme.accent, "◆")]

    def _series(self, name: str, theme: Theme) -> tuple[Series, Series]:
        epochs = self.history.epochs
        y = smoothed(self.history.steps[name], self.smooth)
        x_val = np.array([self._epoch_x(epoch) for epoch in epochs], dtype=np.float64)
        y_val = np.array([getattr(epoch, f"val_{name}") for epoch in epochs], dtype=np.float64)
        return (
            Series(self._step_x(), y, theme.train),
            Series(x_val, y_val, theme.validation, THICK),
        )

    def _unit(self) -> str:
        names = {1.0: "seconds", 60.0: "minutes", 3600.0: "hours"}
        return names[self._seconds_a_unit()] if self.by == "time" else self.by

    def _seconds_a_unit(self) -> float:
        elapsed_s = self.history.steps["elapsed_s"][-1]
        return 3600.0 if elapsed_s > 18_000 else 60.0 if elapsed_s > 300 else 1.0

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

    def reading(self) -> str:
        """The values at the cursor: the last step up to it, and the last epoch up to it."""
        if self.cursor is None or not len(self.history.steps["step"]):
            return ""
        x, steps = self.cursor * self._whole(), self.history.steps
        index = max(int(np.searchsorted(self._step_x(), x, side="right")) - 1, 0)
        text = (
            f"step {steps['step'][index]:,.0f}: train loss {steps['loss'][index]:.4f}, "
            f"accuracy {steps['accuracy'][index]:.4f}"
        )
        past = [epoch for epoch in self.history.epochs if self._epoch_x(epoch) <= x]
        if past:
            text += f"; epoch {past[-1].epoch}: validation loss {past[-1].val_loss:.4f}, "
            text += f"accuracy {past[-1].val_accuracy:.4f}"
        return text

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
