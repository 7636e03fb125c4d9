"""The report's figures, by table, row and column (data/published.csv)."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass

from labbench import paths
from labbench.presets.settings import Published


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of the report."""

    label: str
    accuracy: float | None
    """None where the report has an X or a gap."""
    parameters: int
    note: str


@functools.cache
def figures() -> dict[tuple[str, str, str], Figure]:
    """All 303 cells of the report."""
    with (paths.shipped_dir("data") / "published.csv").open(newline="") as file:
        return {
            (row["table"], row["row"], row["column"]): Figure(
                label=row["label"],
                accuracy=float(row["accuracy"]) if row["accuracy"] else None,
                parameters=int(row["parameters"] or 0),
                note=row["note"],
            )
            for row in csv.DictReader(file)
        }


def published(cell: Published | None) -> Figure | None:
    """The report's figure for a cell, or None where the preset is none of the report's."""
    return figures().get((cell.table, cell.row, cell.column)) if cell else None
