"""The two halves of a table beside each other, cell by cell: which is better, and is it chance."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labbench.evaluation.paired import sign_test
from labbench.tables.progress import Cell, TableProgress, pairs


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
    filled: TableProgress, figure: Callable[[Cell], float | None] = lambda c: c.mean
) -> ColumnPairs | None:
    """The halves of a table compared; None for a table that has no two halves.

    Args:
        figure: what of each cell is compared: ours, or the published accuracy.
    """
    columns = pairs(filled.sheet)
    if columns is None:
        return None
    return ColumnPairs(
        columns[0][0].partition("-")[0], columns[0][1].partition("-")[0],
        tuple(_differences(filled, columns, figure)),
    )  # fmt: skip


def _differences(
    filled: TableProgress,
    columns: Sequence[tuple[str, str]],
    figure: Callable[[Cell], float | None],
) -> list[float]:
    found = []
    for row in filled.sheet.rows:
        for first, second in columns:
            one, other = figure(filled.cells[row, first]), figure(filled.cells[row, second])
            if one is not None and other is not None:
                # Accuracies have four places: what floats add below them is no difference.
                found.append(round(other - one, 6))
    return found
