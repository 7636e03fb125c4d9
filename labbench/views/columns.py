"""Tables that fit a width by leaving out what matters least, never by clipping a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from labbench.views.glyphs import elide
from labbench.views.palette import Theme
from labbench.views.plain import Table, Text

GAP = 2
"""Cells between columns; 1 where that makes them fit."""

LUXURY = 6
"""Columns from this rank on go before others are shortened."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what may be done to it where room is scarce."""

    title: str
    cells: Sequence[Text]
    rank: int = 0
    """The highest is left out first; 0 stays."""
    right: bool = False
    least: int | None = None
    """Cells it can be cut to, with an ellipsis; None: it is never cut."""
    short: Sequence[Text] | None = None
    """What stands in it where room is scarce."""
    short_title: str | None = None
    names: bool = False
    """Whether it holds names whose ends tell most: they are cut in the middle."""

    @property
    def width(self) -> int:
        """Cells it needs uncut."""
        return max([cell_len(self.title), *(cell.cell_len for cell in self.cells)])

    @property
    def narrowest(self) -> int:
        """Cells it can be cut to."""
        return self.width if self.least is None else min(self.least, self.width)

    @property
    def shortened(self) -> Column:
        """The column with its short cells and title."""
        title = self.title if self.short_title is None else self.short_title
        cells = self.cells if self.short is None else self.short
        return replace(self, title=title, cells=cells, short=None, short_title=None)


def fitted(columns: Sequence[Column], width: int, theme: Theme) -> Table:
    """The columns as a table no wider than `width`.

    What may be cut is cut first. Then, until they fit: columns move closer together, luxuries go,
    short cells stand in, and columns go by rank.
    """
    kept, gap = _chosen(list(columns), width)
    spare, widths = width - _total(kept, gap), []
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style=theme.muted)
    for one in kept:
        extra = min(max(spare, 0), one.width - one.narrowest)
        spare -= extra
        widths.append(one.narrowest + extra)
        table.add_column(
            one.title, justify="right" if one.right else "left", no_wrap=True,
            overflow="ellipsis", width=widths[-1],
        )  # fmt: skip
    cells = (
        [elide(cell, room) for cell in one.cells] if one.names else one.cells
        for one, room in zip(kept, widths, strict=True)
    )
    for row in zip(*cells, strict=True):
        table.add_row(*row)
    return table


def _chosen(kept: list[Column], width: int) -> tuple[list[Column], int]:
    """The columns that fit, and the gap between them."""
    gap = GAP
    while _total(kept, gap) > width:
        rank = max(one.rank for one in kept)
        if gap > 1:
            gap = 1
        elif rank < LUXURY and any(one.short is not None for one in kept):
            kept = [one.shortened for one in kept]
        elif rank:
            kept = [one for one in kept if one.rank != rank]
        else:
            break
    return kept, gap


def _total(columns: Sequence[Column], gap: int) -> int:
    return sum(one.narrowest for one in columns) + gap * (len(columns) - 1)
