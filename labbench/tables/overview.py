"""All tables at a glance: how far each is, and how near the report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import ListColumn, list_of
from labbench.draw.export import csv_of
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.tables.progress import TableProgress, misses
from labbench.tables.view import TOLERANCE

BAR = 9


@dataclass(frozen=True, slots=True)
class TablesView:
    """Tables with their runs."""

    tables: tuple[TableProgress, ...]
    tolerance: float = TOLERANCE

    @classmethod
    def of(cls, tables: Sequence[TableProgress], *, tolerance: float = TOLERANCE) -> TablesView:
        """The view of some filled tables."""
        return cls(tuple(tables), tolerance)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        rows = [TableRow(one, self.tolerance) for one in self.tables]
        return list_of([COLUMNS[name] for name in PRINTED], rows, width, theme)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a table."""
        return [
            {
                "table": one.layout.name,
                "about": one.layout.about,
                "own": one.layout.own,
                "cells": len(one.cells),
                "done": one.done,
                "live": one.count("live"),
                "queued": one.count("queued"),
                "failed": one.count("failed", "lost"),
                "stopped": one.count("stopped"),
                "missing": one.count("missing"),
                "compared": len(one.differences),
                "within": _near(one, self.tolerance),
                "mean_difference": statistics.fmean(one.differences) if one.differences else None,
                "clips": one.clips.name,
                "tolerance": self.tolerance,
            }
            for one in self.tables
        ]

    def as_csv(self) -> str:
        """One row a table, with the keys of the JSON."""
        return csv_of(self.as_json(), "table")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table in a list of tables."""

    table: TableProgress
    tolerance: float
    left_s: float | None = None
    """Seconds until what is under way is done, at most."""


def _name(row: TableRow, theme: Theme) -> Text:
    return Text(row.table.layout.name, theme.accent if row.table.layout.own else "")


def _done(row: TableRow, theme: Theme) -> Text:
    """A bar of the cells that are done, and their number."""
    bar = glyphs.bar(row.table.done / max(len(row.table.cells), 1), BAR)
    return Text.assemble((bar, theme.good), f"{_count(row, theme):>6}")


def _count(row: TableRow, theme: Theme) -> str:
    return f"{row.table.done}/{len(row.table.cells)}"


def _under_way(row: TableRow, theme: Theme) -> Text:
    """Signs and numbers of cells that are live, queued, or ail."""
    text = Text()
    for sign, states, style in (
        ("●", ("live",), theme.accent), ("◷", ("queued",), theme.muted),
        ("■", ("stopped",), theme.warn), ("✖", ("failed", "lost"), theme.bad),
    ):  # fmt: skip
        if count := row.table.count(*states):
            text.append(f"{sign} {count} ", style=style)
    text.rstrip()
    return text


def _within(row: TableRow, theme: Theme) -> Text:
    """How many figures are within the tolerance of the report's."""
    if not row.table.differences:
        return Text(units.MISSING, style=theme.muted)
    near, count = _near(row.table, row.tolerance), len(row.table.differences)
    return Text(f"{near}/{count}", style=theme.good if near == count else theme.warn)


def _mean_difference(row: TableRow, theme: Theme) -> Text:
    """The mean of ours less the published accuracy."""
    found = row.table.differences
    return glyphs.difference(statistics.fmean(found) if found else None, theme)


def _time_left(row: TableRow, theme: Theme) -> Text:
    return Text(units.duration(row.left_s) if row.left_s else "", theme.accent)


def _clips(row: TableRow, theme: Theme) -> Text:
    return Text(row.table.clips.name if _begun(row.table) else "", theme.muted)


def _about(row: TableRow, theme: Theme) -> Text:
    return Text(row.table.layout.about, theme.muted)


COLUMNS: dict[str, ListColumn[TableRow]] = {
    one.title: one
    for one in (
        ListColumn("table", _name, 26, names=True),
        ListColumn("done", _done, 15, short=_count, right=True),
        ListColumn("under way", _under_way, 15, rank=3),
        ListColumn("within", _within, 7, rank=1, right=True),
        ListColumn("mean Δ", _mean_difference, 9, rank=2, right=True),
        ListColumn("time left", _time_left, 9, rank=4, right=True),
        ListColumn("clips", _clips, 15, rank=6, least=9),
        ListColumn("about", _about, 20, rank=5, stretch=True, most=70, least=12),
    )
}
"""The list of tables by title."""

PRINTED = ("table", "done", "under way", "within", "mean Δ", "clips", "about")
"""The columns on the command line."""

NARROW: dict[str, ListColumn[TableRow]] = {
    "table": replace(COLUMNS["table"], width=25),
    "done": ListColumn("done", _count, 6, right=True),
    "under way": replace(COLUMNS["under way"], width=14, stretch=True, most=20),
    "within": COLUMNS["within"],
    "mean Δ": COLUMNS["mean Δ"],
}
"""The columns on a narrow screen."""


def _near(one: TableProgress, tolerance: float) -> int:
    return sum(not misses(value, tolerance) for value in one.differences)


def _begun(one: TableProgress) -> bool:
    return one.count("missing") < len(one.cells)
