"""The curves of several runs in one picture, each in a colour and under a letter of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel

from labbench import units
from labbench.draw.palette import Theme
from labbench.draw.plain import Table, Text
from labbench.draw.plot import Axes, Series, chart
from labbench.views.compare.sides import Side
from labbench.views.track import WHOLE, By, Track, Window, bounds, seconds_a_unit, unit

Lines = Literal["validation", "train", "both"]
LINES: tuple[Lines, ...] = get_args(Lines)

SIDE_BY_SIDE = 100
"""From so many cells on, the two charts stand beside each other."""

NAMES = ("accuracy", "loss")


@dataclass(frozen=True, slots=True)
class Look:
    """How curves are drawn."""

    by: By = "epoch"
    lines: Lines = "validation"
    """A run without a complete epoch has no validation line: the title names it."""
    smooth: float = 0.0
    """Weight of the past in the training curves, 0 to below 1."""
    log: bool = False
    """Loss on a logarithmic scale."""
    window: Window = WHOLE
    cursor: float | None = None
    """Where values are read, as a share of the longest run."""


def charts(
    sides: Sequence[Side], look: Look, width: int, height: int, theme: Theme
) -> RenderableType:
    """Accuracy and loss of all runs that have steps; what is missing where none has."""
    tracks = _tracks(sides, look.by)
    if not tracks or not any(_drawn(track, look) for track in tracks.values()):
        what = "No epoch is complete" if tracks else "No step was trained yet"
        text = Text(f"{what} in any of the runs.", justify="center")
        return Panel(Align.center(text, vertical="middle"), height=max(height, 3),
                     border_style=theme.muted)  # fmt: skip
    beside = width >= SIDE_BY_SIDE
    each = max(height if beside else height // 2, 6)
    pane = (width - 2) // 2 if beside else width
    panes = [_pane(name, sides, tracks, look, pane, each, theme) for name in NAMES]
    if not beside:
        return Group(*panes)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_row(*panes)
    return grid


def end(sides: Sequence[Side], by: By) -> float:
    """Where the longest run ends, in steps, epochs or seconds; 0 before the first step of any."""
    return max((track.end for track in _tracks(sides, by).values()), default=0.0)


def _tracks(sides: Sequence[Side], by: By) -> dict[int, Track]:
    """By place: the tracks of the runs that have steps, all in one unit."""
    having = {i: side for i, side in enumerate(sides) if len(side.history.steps["step"])}
    elapsed = [float(side.history.steps["elapsed_s"][-1]) for side in having.values()]
    seconds = seconds_a_unit(max(elapsed, default=0.0))
    return {i: Track.of(side.history, side.status, by, seconds) for i, side in having.items()}


def _whole(tracks: dict[int, Track]) -> float:
    return max(track.whole for track in tracks.values())


def _pane(
    name: str, sides: Sequence[Side], tracks: dict[int, Track], look: Look, width: int,
    height: int, theme: Theme,
) -> Group:  # fmt: skip
    """One chart with its title."""
    whole = _whole(tracks)
    start, stop = (share * whole for share in look.window)
    published = {sides[index].status.published for index in tracks}
    level = published.pop() if name == "accuracy" and len(published) == 1 else None
    axes = Axes(
        x_range=(start, stop if stop > start else start + 1),
        log_y=look.log and name == "loss",
        level=level,
        cursor=None if look.cursor is None else look.cursor * whole,
        **bounds(name, look.by),
    )
    series: list[Series] = []
    ends: list[Series] = []
    for index, track in tracks.items():
        lines = _lines(track, name, look, sides[index].color(theme))
        series += lines
        if lines:
            ends += _letter(sides[index], lines[-1], axes, theme)
    seconds = next(iter(tracks.values())).seconds
    title = Text.assemble((name, "bold"), f" by {unit(look.by, seconds)}  ", no_wrap=True)
    title.append(_key(look.lines), style=theme.muted)
    if without := [
        sides[index].letter for index, track in tracks.items() if not _drawn(track, look)
    ]:
        title.append(f"  {', '.join(without)}: no epoch yet", style=theme.muted)
    if level is not None:
        title.append(f"  ╌ published {units.accuracy(level)}", style=theme.published)
    title.truncate(width, overflow="ellipsis")
    return Group(title, chart([*series, *ends], axes, width, height - 1, theme))


def _key(lines: Lines) -> str:
    return {"validation": "▀ validation", "train": "⠒ train", "both": "▀ validation  ⠒ train"}[
        lines
    ]


def _lines(track: Track, name: str, look: Look, color: str) -> list[Series]:
    """The lines of a run, that under its letter last."""
    found: list[Series] = []
    if look.lines != "validation":
        found.append(track.train(name, look.smooth, color))
    if look.lines != "train" and track.history.epochs:
        found.append(track.validation(name, color))
    return found


def _drawn(track: Track, look: Look) -> bool:
    """Whether a run has a line."""
    return look.lines != "validation" or bool(track.history.epochs)


def _letter(side: Side, line: Series, axes: Axes, theme: Theme) -> list[Series]:
    """The run's letter where its line ends in view."""
    places = np.flatnonzero(
        (line.x >= axes.x_range[0]) & (line.x <= axes.x_range[1]) & np.isfinite(line.y)
    )
    if not len(places):
        return []
    last = slice(places[-1], places[-1] + 1)
    return [Series(line.x[last], line.y[last], side.color(theme), side.letter[0])]


def reading(sides: Sequence[Side], look: Look, theme: Theme) -> Text:
    """The validation accuracies at the cursor, of the last epoch of each run up to it."""
    tracks = _tracks(sides, look.by)
    text = Text(no_wrap=True, overflow="ellipsis")
    if look.cursor is None or not tracks:
        return text
    x = look.cursor * _whole(tracks)
    text.append(f"{unit(look.by, next(iter(tracks.values())).seconds)} {x:,.1f}:", theme.muted)
    for index, track in tracks.items():
        side, epoch = sides[index], track.epoch_at(x)
        said = (
            f"{epoch.val_accuracy:.4f} loss {units.loss(epoch.val_loss)}"
            if epoch
            else units.MISSING
        )
        text.append(f"  {side.letter} ", style=f"bold {side.color(theme)}").append(said)
    return text


FIELDS = (
    "run", "epoch", "step", "elapsed_s", "train_loss", "train_accuracy", "val_loss",
    "val_accuracy", "learning_rate", "clips_per_s", "best",
)  # fmt: skip


def rows(sides: Sequence[Side]) -> list[list[Any]]:
    """A row for each epoch of each run, under `FIELDS`."""
    return [
        [side.run.id, *(getattr(epoch, name) for name in FIELDS[1:])]
        for side in sides
        for epoch in side.history.epochs
    ]


def as_json(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """One object an epoch of a run."""
    return [dict(zip(FIELDS, row, strict=True)) for row in rows(sides)]
