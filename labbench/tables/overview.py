"""All tables at a glance: how far each is, and how near the report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.export import csv_text
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
        tables = self.tables
        columns = [
            Column(
                "table",
                [Text(one.sheet.name, theme.accent if one.sheet.own else "") for one in tables],
            ),
            Column(
                "done", [progress(one, theme) for one in tables],
                short=[Text(f"{one.done}/{len(one.cells)}") for one in tables], right=True,
            ),
            Column("under way", [under_way(one, theme) for one in tables], rank=3),
            Column("within", [within(one, self.tolerance, theme) for one in tables], rank=1),
            Column("mean Δ", [mean_difference(one, theme) for one in tables], rank=2, right=True),
            Column(
                "clips",
                [Text(one.clips.name if _begun(one) else "", theme.muted) for one in tables],
                rank=6, least=9,
            ),
            Column(
                "about", [Text(one.sheet.about, theme.muted) for one in tables], rank=5, least=12
            ),
        ]  # fmt: skip
        return fitted(columns, width, theme)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a table."""
        return [
            {
                "table": one.sheet.name,
                "about": one.sheet.about,
                "own": one.sheet.own,
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
        rows = self.as_json()
        return csv_text(list(rows[0]) if rows else ["table"], [list(row.values()) for row in rows])


def progress(one: TableProgress, theme: Theme) -> Text:
    """A bar of the cells that are done, and their number."""
    bar = glyphs.bar(one.done / max(len(one.cells), 1), BAR)
    return Text.assemble((bar, theme.good), f"{f'{one.done}/{len(one.cells)}':>6}")


def under_way(one: TableProgress, theme: Theme) -> Text:
    """Signs and numbers of cells that are live, queued, or ail."""
    text = Text()
    for sign, states, style in (
        ("●", ("live",), theme.accent), ("◷", ("queued",), theme.muted),
        ("■", ("stopped",), theme.warn), ("✖", ("failed", "lost"), theme.bad),
    ):  # fmt: skip
        if count := one.count(*states):
            text.append(f"{sign} {count} ", style=style)
    text.rstrip()
    return text


def within(one: TableProgress, tolerance: float, theme: Theme) -> Text:
    """How many figures are within the tolerance of the report's."""
    if not one.differences:
        return Text(units.MISSING, style=theme.muted)
    near, count = _near(one, tolerance), len(one.differences)
    return Text(f"{near}/{count}", style=theme.good if near == count else theme.warn)


def mean_difference(one: TableProgress, theme: Theme) -> Text:
    """The mean of ours less the published accuracy."""
    mean = statistics.fmean(one.differences) if one.differences else None
    return glyphs.difference(mean, theme)


def _near(one: TableProgress, tolerance: float) -> int:
    return sum(not misses(value, tolerance) for value in one.differences)


def _begun(one: TableProgress) -> bool:
    return one.count("missing") < len(one.cells)
