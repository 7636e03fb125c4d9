"""Loss and accuracy over a run: training by step, validation by epoch."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel

from labbench import units
from labbench.draw import glyphs
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.draw.plot import Axes, Series, chart
from labbench.runs import History, RunFolder, Status
from labbench.runs.history import MOST
from labbench.views.track import (
    BYS,
    WHOLE,
    By,
    Part,
    Track,
    Window,
    bounds,
    panned,
    seconds_a_unit,
    unit,
    zoomed,
)

__all__ = ["BYS", "By", "CurvesView"]

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
    window: Window = WHOLE
    cursor: float | None = None
    """Where values are read, as a share of all of it."""
    folder: RunFolder | None = None
    """Where steps that the history left out can be read."""

    @classmethod
    def of(
        cls, run: RunFolder, *, by: By = "step", smooth: float = 0.0, log: bool = False,
        part: Part | None = None,
    ) -> CurvesView:  # fmt: skip
        """The course of a run folder, or a part of it.

        Raises:
            RunError: the folder is damaged.
            LabbenchError: nothing of the course is in that part.
        """
        history = run.history(MOST)
        view = cls(run.id, run.status(), history, by, smooth, log, folder=run)
        window, cursor = (part or Part()).shares(view.end)
        return replace(view, window=window, cursor=cursor)

    @property
    def end(self) -> float:
        """Where it ends, in steps, epochs or seconds; 0 before the first step."""
        return self._track.end if len(self.history.steps["step"]) else 0.0

    @property
    def part(self) -> Part:
        """What is in view."""
        return Part.seen(self.window, self.cursor, self.end)

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
        return Group(*lines, self.charts(width, room, theme=theme))

    def charts(self, width: int, height: int, *, theme: Theme = TERMINAL) -> RenderableType:
        """Loss and accuracy alone, side by side or, where that is too narrow, one below the other.

        Before the first step: what the run waits for.
        """
        if not len(self.history.steps["step"]):
            return self._empty(height + 1, theme)
        beside = width >= SIDE_BY_SIDE
        each = max(height if beside else height // 2, 6)
        pane = (width - 2) // 2 if beside else width
        panes = [self._pane(name, pane, each, theme) for name in ("loss", "accuracy")]
        if not beside:
            return Group(*panes)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(*panes)
        return grid

    def _empty(self, height: int, theme: Theme) -> RenderableType:
        """What stands where curves will be: what the run waits for, and since when."""
        status = self.status
        if status.state in ("queued", "starting", "running"):
            since = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.created))
            what = f"No step yet: {status.message or status.state}."
            text = Text.assemble(what, "\n", (f"{status.state} since {since}", theme.muted))
        else:
            text = Text(f"No step was trained: {status.message or status.state}")
            if status.hint:
                text.append("\n").append(status.hint, style=theme.muted)
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
        track = self._track
        train = track.train(name, self.smooth, theme.train)
        validation = track.validation(name, theme.validation)
        whole = track.whole
        start, stop = (share * whole for share in self.window)
        best = self.history.best
        level = self.status.published if name == "accuracy" else None
        axes = Axes(
            x_range=(start, stop if stop > start else start + 1),
            log_y=self.log and name == "loss",
            level=level,
            mark=track.epoch_x(best) if best else None,
            cursor=None if self.cursor is None else self.cursor * whole,
            **bounds(name, self.by),
        )
        marked = self._marked(name, theme)
        key = self._key(name, bool(len(validation.x)), level, theme)
        key.truncate(width, overflow="ellipsis")
        return Group(key, chart([train, validation, *marked], axes, width, height - 1, theme))

    def _key(self, name: str, validated: bool, level: float | None, theme: Theme) -> Text:
        """The chart's title and what its lines are."""
        key = Text.assemble(
            (name, "bold"), f" by {unit(self.by, self._track.seconds)}  ", ("⠒ train", theme.train)
        )
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
        x, y = np.array([self._track.epoch_x(best)]), np.array([getattr(best, f"val_{name}")])
        return [Series(x, y, theme.accent, "◆")]

    @property
    def _track(self) -> Track:
        elapsed_s = float(self.history.steps["elapsed_s"][-1])
        return Track.of(self.history, self.status, self.by, seconds_a_unit(elapsed_s))

    def reading(self) -> str:
        """The values at the cursor: the last step up to it, and the last epoch up to it."""
        if self.cursor is None or not len(self.history.steps["step"]):
            return ""
        track, steps = self._track, self.history.steps
        x = self.cursor * track.whole
        index = track.step_at(x)
        text = (
            f"step {steps['step'][index]:,.0f}: train loss {units.loss(steps['loss'][index])}, "
            f"accuracy {steps['accuracy'][index]:.4f}"
        )
        if epoch := track.epoch_at(x):
            text += f"; epoch {epoch.epoch}: validation loss {units.loss(epoch.val_loss)}, "
            text += f"accuracy {epoch.val_accuracy:.4f}"
        return text

    def zoomed(self, factor: float) -> CurvesView:
        """The view with a window `factor` times as wide about its middle."""
        return replace(self, window=zoomed(self.window, factor))

    def panned(self, share: float) -> CurvesView:
        """The view with its window moved by a share of its width."""
        return replace(self, window=panned(self.window, share))

    def as_json(self) -> dict[str, Any]:
        """Arrays of all steps and objects of the epochs.

        Raises:
            RunError: steps that are not drawn cannot be read.
        """
        steps = self.history.steps
        if self.history.stride > 1 and self.folder is not None:
            steps = self.folder.history().steps
        return {
            "run": self.run_id,
            "published_accuracy": self.status.published,
            "steps": {name: values.tolist() for name, values in steps.items()},
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
