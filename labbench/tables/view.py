"""A table as the report prints it, filled with our figures beside the published ones."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType

from labbench import units
from labbench.draw.columns import in_view
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Console, Text
from labbench.tables.cell_block import (
    LEVELS,
    WIDTHS,
    ColumnPairs,
    Level,
    block,
    column_pairs,
    heading,
)
from labbench.tables.progress import TableProgress, misses, pairs

GAP = 1
TOLERANCE = 0.01
"""Where nobody says how far a figure may be off: one point of accuracy."""

HEADS = 2
"""Lines above the columns' headings."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """What of a table there is room for."""

    level: Level
    labels: bool
    """Whether rows have their labels, else their names."""
    parameters: bool
    aside: int
    """Cells of the row's parameters, the gap before them too."""
    side: int
    """Cells of the row's label."""
    fits: int
    """Columns that fit beside one another."""


@dataclass(frozen=True, slots=True)
class TableView:
    """One table."""

    progress: TableProgress
    tolerance: float = TOLERANCE
    courses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """By run id: validation accuracies by epoch of live runs."""
    rows: tuple[str, ...] = ()
    """The order of its rows."""
    cursor: tuple[str, str] | None = None
    """The cell under the cursor, by row and column."""
    left_s: float | None = None
    """Seconds until what waits and runs has ended, at most."""

    @classmethod
    def of(
        cls,
        progress: TableProgress,
        *,
        tolerance: float = TOLERANCE,
        courses: Mapping[str, Sequence[float]] | None = None,
        rows: Sequence[str] = (),
        cursor: tuple[str, str] | None = None,
        left_s: float | None = None,
    ) -> TableView:
        """The view of a filled table, its rows in the table's order where none is given."""
        order = tuple(rows) or tuple(progress.layout.rows)
        return cls(progress, tolerance, courses or {}, order, cursor, left_s)

    # The picture

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        below = self._below(width, theme)
        room = None if height is None else max(height - HEADS - 2 - len(below), 1)
        parts: list[RenderableType] = [self._title(width, theme), self._counts(width, theme)]
        fit = self._fit(width)
        for columns in self._chunks(fit):
            parts += self._grid(columns, fit, room, theme)
        return Group(*parts, *below)

    def _title(self, width: int, theme: Theme) -> Text:
        layout = self.progress.layout
        text = Text.assemble(
            (layout.name, "bold"), (f"  {layout.about}", theme.muted), no_wrap=True
        )
        if layout.changes:
            text.append(f"  {' '.join(layout.changes)}", style=theme.warn)
        text.truncate(width, overflow="ellipsis")
        return text

    def _counts(self, width: int, theme: Theme) -> Text:
        """How far the table is and how near the report, what matters least left out."""
        parts = [f"{self.progress.done} of {len(self.progress.cells)} done"]
        differences = self.progress.differences
        if differences:
            near = sum(not misses(value, self.tolerance) for value in differences)
            parts.append(f"within {self.tolerance:g}: {near} of {len(differences)}")
            parts.append(f"mean Δ {statistics.fmean(differences):+.4f}")
        parts += [
            f"{count} {state}"
            for state in ("live", "queued", "failed", "lost", "stopped")
            if (count := self.progress.count(state))
        ]
        if self._fit(width).level == "tiny" and any(
            cell.state == "missing" and cell.planned.figure is not None for cell in self.progress
        ):
            parts.append("(published)")
        if self.left_s:
            parts.append(f"{units.duration(self.left_s)} left at most")
        text = Text(" · ".join(parts), no_wrap=True)
        clips = f" · {self.progress.clips.name}{self._synthetic_words()}"
        if text.cell_len + len(clips) <= width:
            text.append(clips, style=theme.warn if self.synthetic else theme.muted)
        text.truncate(width, overflow="ellipsis")
        return text

    @property
    def synthetic(self) -> bool:
        """Whether any figure is on synthetic speech."""
        return any(cell.synthetic for cell in self.progress)

    def _synthetic_words(self) -> str:
        return " (synthetic speech: not comparable with the report's)" if self.synthetic else ""

    def _fit(self, width: int) -> _Fit:
        """The most that fits: figures count more than labels."""
        layout = self.progress.layout
        most = max((len(label) for label in layout.rows.values()), default=0)
        least = max((len(name) for name in layout.rows), default=0)
        counts = ["parameters", *(self._parameters(row) for row in self.rows)]
        aside = max(map(len, counts)) + 2
        spread = any(cell.deviation is not None or cell.live for cell in self.progress)
        for level in LEVELS:
            if level == "full" and not spread:
                continue
            for labels, parameters in ((True, True), (False, True), (False, False)):
                side = most if labels else least
                used = side + 2 + (aside if parameters else 0)
                fits = (width - used + GAP) // (WIDTHS[level] + GAP)
                if fits >= len(layout.columns):
                    return _Fit(level, labels, parameters, aside, side, fits)
        return _Fit("tiny", False, False, aside, least, max(fits, 1))

    def _chunks(self, fit: _Fit) -> list[list[str]]:
        """The columns in groups that fit beside one another; only that of the cursor, if any."""
        names, count = list(self.progress.layout.columns), fit.fits
        chunks = [names[start : start + count] for start in range(0, len(names), count)]
        if self.cursor is None:
            return chunks
        return [chunk for chunk in chunks if self.cursor[1] in chunk]

    def _grid(self, columns: list[str], fit: _Fit, room: int | None, theme: Theme) -> list[Text]:
        """Headings and rows."""
        width = WIDTHS[fit.level]
        head = Text(" " * (fit.side + 2), no_wrap=True)
        before = 1 if fit.level == "tiny" else 2
        titles = [self._heading(name, width - before) for name in columns]
        head.append((" " * GAP).join(f"{' ' * before}{one:{width - before}}" for one in titles))
        if fit.parameters:
            head.append(f"  {'parameters':>{fit.aside - 2}}")
        head.stylize(theme.muted)
        lines = [line for line in (self._pair_heads(columns, fit, theme), head) if line]
        for row in self._rows_in_view(room):
            lines.append(self._row(row, columns, fit, theme))
            lines += [Text()] * (self._spacing(room) - 1)
        return lines

    def _heading(self, name: str, room: int) -> str:
        """A column's label, in a two-half table without the half that stands above it."""
        label = self.progress.layout.columns[name]
        half, _, rest = name.partition("-")
        if pairs(self.progress.layout) is not None:
            name = rest
            if label.lower().startswith(half.lower()):
                label = label[len(half) :].strip()
        return heading(label, name, room)

    def _pair_heads(self, columns: list[str], fit: _Fit, theme: Theme) -> Text | None:
        """Above a table of two halves: which is which."""
        width = WIDTHS[fit.level]
        if pairs(self.progress.layout) is None:
            return None
        text = Text(" " * (fit.side + 2), style=theme.muted, no_wrap=True)
        space, before = 1 if fit.level == "tiny" else 2, ""
        for name in columns:
            half = name.partition("-")[0]
            shown = half if half != before else ""
            text.append(f"{' ' * space}{shown:{width - space}}{' ' * GAP}")
            before = half
        return text

    def _spacing(self, room: int | None) -> int:
        """Lines a row: two where there is room for it."""
        return 1 if room is None else min(max(room // max(len(self.rows), 1), 1), 2)

    def _rows_in_view(self, room: int | None) -> Sequence[str]:
        if room is None:
            return self.rows
        at = self.rows.index(self.cursor[0]) if self.cursor else None
        return [self.rows[place] for place in in_view(len(self.rows), room, at)]

    def _row(self, row: str, columns: list[str], fit: _Fit, theme: Theme) -> Text:
        label = self.progress.layout.rows[row] if fit.labels else row
        line = Text(label.ljust(fit.side) + "  ", no_wrap=True)
        for index, column in enumerate(columns):
            cell = self.progress.cells[row, column]
            course = self.courses.get(cell.live.run.id, ()) if cell.live else ()
            text = block(cell, fit.level, self.tolerance, course, theme)
            if self.cursor == (row, column):
                text = Text(text.plain, style=f"reverse {theme.accent}")
            line.append_text(text).append(" " * GAP if index < len(columns) - 1 else "")
        if fit.parameters:
            check = self.progress.layout.check(row)
            style = theme.muted if check is None or check.equal else theme.bad
            line.append(f"  {self._parameters(row):>{fit.aside - 2}}", style=style)
        return line

    def _parameters(self, row: str) -> str:
        """Trainable parameters of a row's net, checked against the report's."""
        check = self.progress.layout.check(row)
        if check is None:
            counts = [
                self.progress.layout.cells[row, c].parameters for c in self.progress.layout.columns
            ]
            low, high = min(counts), max(counts)
            return units.whole(low) if low == high else f"{low:,} to {high:,}"
        sign = "✔" if check.equal else f"✖ {check.reported:,}"
        return f"{units.whole(check.ours)} {sign}"

    def _below(self, width: int, theme: Theme) -> list[RenderableType]:
        """Under the table: the halves compared, and rows whose parameters are not the report's."""
        lines = [Text(line, style=theme.accent) for line in self.paired_words()]
        for row in self.progress.layout.rows:
            check = self.progress.layout.check(row)
            if check is not None and not check.equal:
                said = f"row {row}: {check.ours:,} parameters, the report has {check.reported:,}"
                lines.append(Text(f"✖ {said}", style=theme.bad))
        console = Console(width=width)
        return [wrapped for line in lines for wrapped in line.wrap(console, width)]

    def paired_words(self) -> list[str]:
        """The halves of a two-half table compared: ours, and the report's."""
        found = []
        ours = column_pairs(self.progress)
        reported = column_pairs(self.progress, lambda cell: cell.published)
        for title, one in (("here", ours), ("report", reported)):
            if one is not None and one.differences:
                found.append(f"{title}: {in_words(one)}")
        return found

    def place_at(self, x: int, y: int, width: int, height: int) -> tuple[str, str] | None:
        """The cell drawn at a place of the picture of that size, by row and column."""
        fit = self._fit(width)
        (columns, *_) = self._chunks(fit)
        room = max(height - HEADS - 2 - len(self._below(width, TERMINAL)), 1)
        rows = self._rows_in_view(room)
        row = (y - HEADS - (2 if pairs(self.progress.layout) else 1)) // self._spacing(room)
        column = (x - fit.side - 2) // (WIDTHS[fit.level] + GAP)
        if not (0 <= row < len(rows) and 0 <= column < len(columns)):
            return None
        return rows[row], columns[column]

    # For programs

    def as_json(self) -> dict[str, Any]:
        """The whole table: counts, rows with parameters, cells with all their runs, halves."""
        progress, layout = self.progress, self.progress.layout
        differences = progress.differences
        return {
            "table": layout.name,
            "about": layout.about,
            "changes": list(layout.changes),
            "clips": progress.clips.name,
            "fingerprint": progress.clips.fingerprint,
            "synthetic": self.synthetic,
            "tolerance": self.tolerance,
            "cells": len(progress.cells),
            "done": progress.done,
            "states": {state: progress.count(state) for state in
                       ("missing", "queued", "live", "finished", "stopped", "lost", "failed")},
            "within": sum(not misses(value, self.tolerance) for value in differences),
            "mean_difference": statistics.fmean(differences) if differences else None,
            "rows": [self._row_json(row) for row in self.rows],
            "paired": _paired_json(column_pairs(progress)),
            "paired_published": _paired_json(column_pairs(progress, lambda cell: cell.published)),
        }  # fmt: skip

    def _row_json(self, row: str) -> dict[str, Any]:
        layout, check = self.progress.layout, self.progress.layout.check(row)
        return {
            "row": row,
            "label": layout.rows[row],
            "parameters": check.ours if check else None,
            "reported_parameters": check.reported if check else None,
            "parameters_equal": check.equal if check else None,
            "cells": [self._cell_json(row, column) for column in layout.columns],
        }

    def _cell_json(self, row: str, column: str) -> dict[str, Any]:
        cell = self.progress.cells[row, column]
        difference = cell.difference
        return {
            "column": column,
            "label": self.progress.layout.columns[column],
            "preset": cell.planned.name,
            "settings": cell.planned.key,
            "state": cell.state,
            "ours": cell.mean,
            "deviation": cell.deviation,
            "seeds": [one.seed for one in cell.finished],
            "accuracies": list(cell.accuracies),
            "published": cell.published,
            "difference": difference,
            "within": None if difference is None else not misses(difference, self.tolerance),
            "parameters": cell.planned.parameters,
            "runs": [
                {"run": one.run.id, "number": one.run.number, "seed": one.seed,
                 "state": one.status.state, "epoch": one.status.epoch,
                 "epochs": one.status.epochs, "val_accuracy": one.status.val_accuracy,
                 "test_accuracy": one.status.test_accuracy, "message": one.status.message}
                for one in cell.runs
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a cell."""
        rows = []
        for row in self.rows:
            for column in self.progress.layout.columns:
                one = self._cell_json(row, column)
                one = {"table": self.progress.layout.name, "row": row, **one}
                one["seeds"] = len(one["seeds"])
                one["runs"] = " ".join(run["run"] for run in one["runs"])
                one["accuracies"] = " ".join(f"{value:.6g}" for value in one["accuracies"])
                rows.append(one)
        return csv_text(list(rows[0]), [list(one.values()) for one in rows])


def in_words(one: ColumnPairs) -> str:
    """`he better than xavier by 0.0123 on average, in 20 of 27 cells (sign test p = 0.019)`."""
    count, mean = len(one.differences), one.mean or 0.0
    if one.better is None:
        head = f"{one.second} and {one.first} equal on average"
        wins = f"{one.second} better in {one.second_wins} of {units.plural(count, 'cell')}"
    else:
        second = one.better == one.second
        other = one.first if second else one.second
        head = f"{one.better} better than {other} by {abs(mean):.4f} on average"
        better_in = one.second_wins if second else one.first_wins
        wins = f"in {better_in} of {units.plural(count, 'cell')}"
    ties = f", {one.ties} equal" if one.ties else ""
    return f"{head}, {wins}{ties} (sign test p = {one.p_value:.2g})"


def _paired_json(one: ColumnPairs | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "first": one.first, "second": one.second, "pairs": len(one.differences),
        "better": one.better, "mean_difference": one.mean, "first_wins": one.first_wins,
        "second_wins": one.second_wins, "ties": one.ties, "p_value": one.p_value,
    }  # fmt: skip
