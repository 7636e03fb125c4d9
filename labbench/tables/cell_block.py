"""A cell of a table as a block of text; and pairs of columns, cell by cell: which is better."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation.paired import sign_test
from labbench.tables.progress import Cell, TableProgress, misses, pairs

Level = Literal["full", "middle", "small", "tiny"]
"""How much of a cell there is room for."""

LEVELS: tuple[Level, ...] = ("full", "middle", "small", "tiny")
WIDTHS: dict[Level, int] = {"full": 35, "middle": 27, "small": 19, "tiny": 9}
"""Cells of a block."""

SPARK = 6
"""Cells of a live run's course: as many as an accuracy has."""


def block(
    cell: Cell, level: Level, tolerance: float, course: Sequence[float], theme: Theme
) -> Text:
    """A cell of a table in `WIDTHS[level]` cells.

    Args:
        tolerance: differences up to here are within.
        course: validation accuracies by epoch of its live run.
    """
    text = Text.assemble((_sign(cell), _state_style(cell, theme)), " " if level != "tiny" else "")
    if level == "tiny" and cell.state == "missing" and (published := _published(cell)):
        text.append(f"({published.removeprefix('0')})", style=theme.published)
    else:
        text.append_text(_ours(cell, course, tolerance, theme))
    if level == "full":
        text.append(f" {_deviation(cell):7}", style=theme.muted)
    if level != "tiny":
        text.append(f" {_published(cell):6}", style=theme.published)
    text.append_text(_verdict(cell, level, tolerance, theme))
    text.truncate(WIDTHS[level])
    text.pad_right(WIDTHS[level] - text.cell_len)
    return text


def heading(label: str, name: str, width: int) -> str:
    """A column's label, or its name where the label is too long."""
    return label if len(label) <= width else glyphs.clip(name, width)


def _sign(cell: Cell) -> str:
    """The sign of what a cell's runs are at; none for a cell that is done or not begun."""
    if cell.state in ("finished", "missing"):
        return " "
    return glyphs.STATES["running" if cell.state == "live" else cell.state]


def _state_style(cell: Cell, theme: Theme) -> str:
    return {
        "live": theme.accent, "failed": theme.bad, "lost": theme.bad, "stopped": theme.warn,
    }.get(cell.state, theme.muted)  # fmt: skip


def _ours(cell: Cell, course: Sequence[float], tolerance: float, theme: Theme) -> Text:
    """Our accuracy, or the course of a live run, in six cells."""
    if cell.mean is not None:
        return Text(units.accuracy(cell.mean), style=colour(cell, tolerance, theme))
    if cell.live is not None and (spark := glyphs.sparkline(course, SPARK)):
        return Text(spark.ljust(SPARK), style=theme.validation)
    return Text(units.MISSING.ljust(SPARK), style=theme.muted)


def _deviation(cell: Cell) -> str:
    if cell.deviation is not None:
        return f"±{cell.deviation:.4f}"
    live = cell.live
    return units.accuracy(live.status.val_accuracy) if live and cell.mean is None else ""


def _published(cell: Cell) -> str:
    if cell.planned.figure is None:
        return ""
    return "X" if cell.published is None else units.accuracy(cell.published)


def _verdict(cell: Cell, level: Level, tolerance: float, theme: Theme) -> Text:
    """The difference where there is one, else what the cell is at; what misses has a `!`."""
    short = level in ("small", "tiny")
    style = colour(cell, tolerance, theme)
    if cell.difference is not None:
        said = units.difference(cell.difference)
        mark = "!" if misses(cell.difference, tolerance) else ""
        space = "" if level == "tiny" else " "
        return Text(f"{space}{said[:1] if short else said}{mark}", style=style)
    if cell.mean is not None:
        return Text()
    if cell.live is not None:
        status = cell.live.status
        said = f"{status.epoch}/{status.epochs}"
        return Text("" if short else f" {said}", style=theme.accent)
    if level == "tiny" or cell.state == "missing":
        return Text()
    return Text(f" {cell.state if not short else ''}".rstrip(), style=_state_style(cell, theme))


def colour(cell: Cell, tolerance: float, theme: Theme) -> str:
    """Green within the tolerance, red below it, yellow above it; none without both figures."""
    if cell.difference is None:
        return ""
    if not misses(cell.difference, tolerance):
        return theme.good
    return theme.bad if cell.difference < 0 else theme.warn


@dataclass(frozen=True, slots=True)
class ColumnPairs:
    """One half against the other, over the pairs of cells that both have a figure."""

    first: str
    second: str
    differences: tuple[float, ...]
    """Second less first, one a pair."""

    @property
    def better(self) -> str | None:
        """The half that is better on average; None where neither is."""
        mean = self.mean
        if mean is None or abs(mean) < 5e-5:
            return None
        return self.second if mean > 0 else self.first

    @property
    def mean(self) -> float | None:
        """Mean of second less first."""
        return statistics.fmean(self.differences) if self.differences else None

    @property
    def first_wins(self) -> int:
        """Pairs in which the first half is better."""
        return sum(value < 0 for value in self.differences)

    @property
    def second_wins(self) -> int:
        """Pairs in which the second half is better."""
        return sum(value > 0 for value in self.differences)

    @property
    def ties(self) -> int:
        """Pairs that are equal."""
        return len(self.differences) - self.first_wins - self.second_wins

    @property
    def p_value(self) -> float:
        """Two-sided sign test: the chance of so uneven a count if neither half were better."""
        return sign_test(self.first_wins, self.second_wins)


def column_pairs(
    progress: TableProgress, figure: Callable[[Cell], float | None] = lambda c: c.mean
) -> ColumnPairs | None:
    """The halves of a table compared; None for a table that has no two halves.

    Args:
        figure: what of each cell is compared: ours, or the published accuracy.
    """
    columns = pairs(progress.layout)
    if columns is None:
        return None
    return ColumnPairs(
        columns[0][0].partition("-")[0], columns[0][1].partition("-")[0],
        tuple(_differences(progress, columns, figure)),
    )  # fmt: skip


def _differences(
    progress: TableProgress,
    columns: Sequence[tuple[str, str]],
    figure: Callable[[Cell], float | None],
) -> list[float]:
    found = []
    for row in progress.layout.rows:
        for first, second in columns:
            one, other = figure(progress.cells[row, first]), figure(progress.cells[row, second])
            if one is not None and other is not None:
                # Accuracies have four places: what floats add below them is no difference.
                found.append(round(other - one, 6))
    return found
