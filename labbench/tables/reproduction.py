"""Which figures of the report were met here, which were missed, and what is still to be run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.export import csv_of
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.tables.progress import Cell, TableProgress, misses


@dataclass(frozen=True, slots=True)
class ReproductionView:
    """Tables judged by a tolerance; drawn are the cells that miss, the farthest first."""

    tables: tuple[TableProgress, ...]
    tolerance: float

    @classmethod
    def of(cls, tables: Sequence[TableProgress], tolerance: float) -> ReproductionView:
        """The view of some filled tables."""
        return cls(tuple(tables), tolerance)

    @property
    def missed(self) -> tuple[Cell, ...]:
        """Cells whose figure is farther from the published one than allowed, the farthest first."""
        found = [cell for table in self.tables for cell in table.missed(self.tolerance)]
        return tuple(sorted(found, key=lambda cell: -abs(cell.difference or 0.0)))

    @property
    def compared(self) -> int:
        """Cells that have both figures."""
        return sum(len(table.differences) for table in self.tables)

    @property
    def to_run(self) -> int:
        """Cells with a published figure that have none of ours yet."""
        return sum(
            cell.published is not None and cell.mean is None
            for table in self.tables for cell in table
        )  # fmt: skip

    def in_words(self) -> str:
        """`12 of 20 figures within 0.01; 8 miss it; 7 published cells have no figure here yet`."""
        near = self.compared - len(self.missed)
        said = f"{near} of {units.plural(self.compared, 'figure')} within {self.tolerance:g}"
        parts = [said, f"{len(self.missed)} miss it"]
        if self.to_run:
            cells = units.plural(self.to_run, "published cell")
            parts.append(f"{cells} {'has' if self.to_run == 1 else 'have'} no figure here yet")
        if any(cell.synthetic for table in self.tables for cell in table):
            parts.append("some figures are on synthetic speech")
        return "; ".join(parts) + "."

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        cells = self.missed
        runs = [" ".join(str(one.run.number) for one in cell.finished) for cell in cells]
        columns = [
            Column("cell", [Text(cell.planned.name) for cell in cells], least=16),
            Column("ours", [Text(units.accuracy(cell.mean)) for cell in cells], right=True),
            Column("", [Text(_deviation(cell), theme.muted) for cell in cells], rank=2),
            Column(
                "published", [Text(units.accuracy(c.published), theme.published) for c in cells],
                rank=1, right=True,
            ),
            Column("difference", [glyphs.difference(cell.difference, theme) for cell in cells]),
            Column("runs", [Text(one, theme.muted) for one in runs], rank=3),
        ]  # fmt: skip
        return fitted(columns, width, theme)

    def as_json(self) -> dict[str, Any]:
        """Counts, and every compared cell with whether it is within."""
        return {
            "tolerance": self.tolerance,
            "compared": self.compared,
            "missed": len(self.missed),
            "to_run": self.to_run,
            "tables": [table.layout.name for table in self.tables],
            "cells": [self._row(cell) for cell in self._compared_cells()],
        }

    def as_csv(self) -> str:
        """One row a compared cell."""
        rows = [self._row(cell) for cell in self._compared_cells()]
        return csv_of([{**row, "runs": " ".join(row["runs"])} for row in rows], "preset")

    def _compared_cells(self) -> list[Cell]:
        return [cell for table in self.tables for cell in table if cell.difference is not None]

    def _row(self, cell: Cell) -> dict[str, Any]:
        return {
            "preset": cell.planned.name,
            "ours": cell.mean,
            "deviation": cell.deviation,
            "seeds": len(cell.accuracies),
            "published": cell.published,
            "difference": cell.difference,
            "within": not misses(cell.difference, self.tolerance),
            "synthetic": cell.synthetic,
            "runs": [one.run.id for one in cell.finished],
        }


def _deviation(cell: Cell) -> str:
    return "" if cell.deviation is None else f"±{cell.deviation:.4f}"
