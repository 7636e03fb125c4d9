"""Tables that fit a width by leaving out what matters least, never by clipping a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Span
from rich.text import Text as RichText

from labbench.draw.glyphs import elide
from labbench.draw.palette import Theme
from labbench.draw.plain import Table, Text
from labbench.text import shown

GAP = 2
"""Cells between columns; 1 where that makes them fit."""

POINTER = "▸ "
"""Before the name of what is chosen."""

LUXURY = 6
"""Columns from this rank on go before others are shortened."""


Row = TypeVar("Row")


def in_view(count: int, room: int, around: int | None = None) -> range:
    """The part of `count` rows or columns that there is room for, with the place `around` inside.

    At least one of them; that place stands in the middle, but for the ends.
    """
    size = min(count, max(room, 1))
    start = min(max((around or 0) - size // 2, 0), count - size)
    return range(start, start + size)


@dataclass(frozen=True)
class Column:
    """A column and what may be done to it where room is scarce."""

    title: str
    cells: Sequence[Text | str]
    """Strings where they have no colours."""
    rank: int = 0
    """The highest is left out first; 0 stays."""
    right: bool = False
    least: int | None = None
    """Cells it can be cut to, with an ellipsis; None: it is never cut."""
    short: Sequence[Text | str] | None = None
    """What stands in it where room is scarce."""
    short_title: str | None = None
    names: bool = False
    """Whether it holds names whose ends tell most: they are cut in the middle."""

    @cached_property
    def drawn(self) -> list[Text | str]:
        """The cells, strings as they are shown."""
        return [shown(cell) if isinstance(cell, str) else cell for cell in self.cells]

    @cached_property
    def width(self) -> int:
        """Cells it needs uncut."""
        widths = [_cells(c) if isinstance(c, str) else c.cell_len for c in self.drawn]
        return max([cell_len(self.title), *widths])

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


@dataclass(frozen=True, slots=True)
class ListColumn(Generic[Row]):
    """A column of a list that has a command and a screen.

    The command line draws all rows: there a column is as wide as its cells. The screen draws those
    in view: there its width is given.
    """

    title: str
    cell: Callable[[Row, Theme], Text | str]
    width: int
    """Cells on the screen; of a stretching column the least."""
    rank: int = 0
    """The highest is left out first; 0 stays."""
    right: bool = False
    stretch: bool = False
    """Whether it takes the room that is left on the screen."""
    most: int = 200
    """Cells that a stretching column takes at most."""
    least: int | None = None
    """Cells the command line can cut it to; None: it is never cut."""
    names: bool = False
    """Whether it holds names whose ends tell most: they are cut in the middle."""
    short: Callable[[Row, Theme], Text | str] | None = None
    """What stands in it on a narrow command line."""
    short_title: str | None = None

    def of(self, rows: Sequence[Row], theme: Theme) -> Column:
        """The column with the cells of these rows."""
        return Column(
            self.title, [self.cell(row, theme) for row in rows], self.rank, self.right, self.least,
            [self.short(row, theme) for row in rows] if self.short else None, self.short_title,
            self.names,
        )  # fmt: skip


def list_of(
    columns: Sequence[ListColumn[Row]], rows: Sequence[Row], width: int, theme: Theme
) -> Lines:
    """The rows of a list as a table no wider than `width`."""
    return fitted([one.of(rows, theme) for one in columns], width, theme)


def cells_of(columns: Sequence[ListColumn[Row]], row: Row, theme: Theme) -> list[Text]:
    """The cells of one row."""
    made = (one.cell(row, theme) for one in columns)
    return [Text(cell) if isinstance(cell, str) else cell for cell in made]


@dataclass(frozen=True, slots=True)
class Lines:
    """Columns side by side, one line a row.

    Rich's own table lays out every cell again and again: ten thousand rows of it take seconds.
    """

    columns: Sequence[Column]
    widths: Sequence[int]
    gap: int
    head: Style

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = sum(self.widths) + self.gap * (len(self.widths) - 1)
        return Measurement(width, width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # The rest of a line is filled, too: what lies behind it is drawn over.
        gaps = [*[" " * self.gap] * (len(self.columns) - 1), "\n"]
        laid = list(zip(self.columns, self.widths, gaps, strict=False))
        for one, width, gap in laid:
            yield from _cell(Text(one.title, self.head), width, console, right=one.right)
            yield Segment(gap, self.head)
        styles: dict[str | Style, Style] = {}
        for row in zip(*(one.drawn for one in self.columns), strict=True):
            plain = ""
            for cell, (one, width, gap) in zip(row, laid, strict=True):
                text, style, spans = _parts(cell)
                room = width - _cells(text)
                if room < 0 or (spans and console.color_system):
                    yield Segment(plain)
                    cut = elide(Text.assemble(cell), width) if one.names else Text.assemble(cell)
                    yield from _cell(cut, width, console, right=one.right)
                    plain = gap
                    continue
                filled = f"{' ' * room}{text}" if one.right else f"{text}{' ' * room}"
                if not style or not console.color_system:
                    plain += filled + gap
                    continue
                if style not in styles:
                    styles[style] = console.get_style(style)
                yield Segment(plain)
                yield Segment(filled, styles[style])
                plain = gap
            yield Segment(plain)


def _cells(text: str) -> int:
    """Cells that a text takes; soon told where each sign of it takes one."""
    return len(text) if text.isascii() else cell_len(text)


def _parts(cell: Text | str) -> tuple[str, str | Style, list[Span]]:
    """A cell's letters, the style of all of them, and those of some."""
    return (cell, "", []) if isinstance(cell, str) else (cell.plain, cell.style, cell.spans)


def _cell(text: RichText, width: int, console: Console, *, right: bool) -> list[Segment]:
    """A cell, cut with an ellipsis and filled up to a width."""
    filled = Text.assemble(text)
    filled.truncate(width, overflow="ellipsis")
    room = width - filled.cell_len
    filled.pad_left(room) if right else filled.pad_right(room)
    return list(filled.render(console))


def fitted(columns: Sequence[Column], width: int, theme: Theme) -> Lines:
    """The columns as a table no wider than `width`.

    What may be cut is cut first. Then, until they fit: columns move closer together, luxuries go,
    short cells stand in, and columns go by rank.
    """
    kept, gap = _chosen(list(columns), width)
    spare, widths = width - _total(kept, gap), []
    for one in kept:
        extra = min(max(spare, 0), one.width - one.narrowest)
        spare -= extra
        widths.append(one.narrowest + extra)
    while sum(widths) > max(len(widths), width - gap * (len(widths) - 1)):
        widths[widths.index(max(widths))] -= 1
    return Lines(kept, widths, gap, Style.parse(theme.muted))


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


def beside(parts: Sequence[RenderableType], widths: Sequence[int]) -> RenderableType:
    """Parts side by side, each in its width."""
    grid = Table.grid(padding=0)
    for width in widths:
        grid.add_column(width=width, no_wrap=True)
    grid.add_row(*parts)
    return grid


def marked(
    cells: Iterable[str], marks: Sequence[bool], theme: Theme, *, pointer: bool = False
) -> list[Text]:
    """The cells of a column; those of a marked line stand out, and may have a pointer."""
    return [
        Text(f"{POINTER if mark and pointer else ''}{cell}", f"bold {theme.accent}" if mark else "")
        for cell, mark in zip(cells, marks, strict=True)
    ]
