"""A list of many rows: only those in view are drawn, and only changed cells are drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from labbench.draw.columns import GAP, ListColumn
from labbench.draw.glyphs import elide
from labbench.draw.plain import Text

Cells = Sequence[Text]


class Table(ScrollView, can_focus=True):
    """Rows with a cursor. `draw` gives the cells of a row's key when it comes into view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down,j", "move(1)", "down"), ("up,k", "move(-1)", "up"),
        ("pagedown,ctrl+f", "page(1)", "page down"), ("pageup,ctrl+b", "page(-1)", "page up"),
        ("home,g", "to_end(-1)", "first"), ("end,G", "to_end(1)", "last"),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--blurred"}
    DEFAULT_CSS = """
    Table { background: $background; overflow-x: hidden; }
    Table > .table--header { color: $muted; background: $background; }
    Table > .table--cursor { background: $chosen; }
    Table > .table--blurred { background: $panel; }
    """

    class Moved(Message):
        """The cursor is on another row; `key` is None where there are no rows."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    class Chosen(Message):
        """The row under the cursor was clicked once more."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(
        self,
        columns: Sequence[ListColumn[Any]],
        draw: Callable[[str], Cells],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._draw = draw
        self._keys: tuple[str, ...] = ()
        self._cursor = 0
        self._seen: dict[str, tuple[Text, ...]] = {}
        self._strips: dict[str, Strip] = {}
        self._fitted: list[tuple[int, int]] = []
        self._fitted_to = -1

    @property
    def keys(self) -> tuple[str, ...]:
        """All rows, in order."""
        return self._keys

    @property
    def row(self) -> int:
        """The place of the row under the cursor, from 0."""
        return self._cursor

    @property
    def cursor(self) -> str | None:
        """The key of the row under the cursor."""
        return self._keys[self._cursor] if self._keys else None

    def show(self, keys: Sequence[str]) -> None:
        """Show these rows; the cursor stays on its row, or near it where that is gone."""
        if tuple(keys) == self._keys:
            self.refresh_rows()
            return
        before = self.cursor
        self._keys = tuple(keys)
        if before in self._keys:
            self._cursor = self._keys.index(before)
        self._cursor = min(self._cursor, max(len(self._keys) - 1, 0))
        self._resize()
        self.refresh_rows()
        self.refresh()
        if self.cursor != before:
            self.post_message(self.Moved(self.cursor))

    def go_to(self, key: str) -> None:
        """Move the cursor to a row."""
        if key in self._keys:
            self._move_to(self._keys.index(key))

    def redraw(self) -> None:
        """Draw all again: colours or columns have changed."""
        self._seen.clear()
        self._strips.clear()
        self._fit()
        self.refresh()

    def set_columns(self, columns: Sequence[ListColumn[Any]]) -> None:
        """Have other columns."""
        self._columns = tuple(columns)
        self.redraw()

    def refresh_rows(self) -> None:
        """Ask for the cells in view again, and draw those that are no longer the same."""
        for y, key in self._in_view():
            before = self._seen.get(key)
            if before is None:
                continue
            now = tuple(self._draw(key))
            if now == before:
                continue
            self._seen[key] = now
            self._strips.pop(key, None)
            x = 0
            for index, width in self._fitted:
                if now[index] != before[index]:
                    self.refresh(Region(x, y, width, 1))
                x += width + GAP

    def visible_keys(self) -> list[str]:
        """The rows in view."""
        return [key for _, key in self._in_view()]

    def _in_view(self) -> list[tuple[int, str]]:
        top = self.scroll_offset.y
        rows = self._keys[top : top + max(self.size.height - 1, 0)]
        return [(y, key) for y, key in enumerate(rows, start=1)]

    def on_resize(self, event: events.Resize) -> None:
        self._resize()
        self._fit()
        self._show_cursor()

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._keys) + 1)

    @property
    def _width(self) -> int:
        """Cells of a row: a scrollbar takes some."""
        return self.scrollable_content_region.width or self.size.width

    def _fit(self) -> None:
        """Which columns there is room for, and how wide each is."""
        width = self._fitted_to = self._width
        kept = list(range(len(self._columns)))
        while _total(self._columns, kept) > width:
            rank = max(self._columns[index].rank for index in kept)
            if not rank:
                break
            kept = [index for index in kept if self._columns[index].rank != rank]
        spare = max(width - _total(self._columns, kept), 0)
        self._fitted = []
        for index in kept:
            column = self._columns[index]
            extra = min(spare, column.most - column.width) if column.stretch else 0
            spare -= extra
            self._fitted.append((index, column.width + extra))
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        width = self._width
        if self._fitted_to != width:
            self._fit()
        base = self.rich_style
        if y == 0:
            style = self.get_component_rich_style("table--header")
            titles = [Text(column.title) for column in self._columns]
            return self._line(titles).extend_cell_length(width).apply_style(style)
        row = y - 1 + self.scroll_offset.y
        if row >= len(self._keys):
            return Strip.blank(width, base)
        strip = self._strip(self._keys[row]).extend_cell_length(width)
        if row == self._cursor:
            name = "table--cursor" if self.has_focus else "table--blurred"
            base = self.get_component_rich_style(name)
        return strip.apply_style(base).crop(0, width)

    def _strip(self, key: str) -> Strip:
        if key not in self._strips:
            if key not in self._seen:
                self._seen[key] = tuple(self._draw(key))
            self._strips[key] = self._line(self._seen[key])
        return self._strips[key]

    def _line(self, cells: Cells) -> Strip:
        segments: list[Segment] = []
        for index, width in self._fitted:
            names = self._columns[index].names
            cell = elide(cells[index], width) if names else cells[index].copy()
            # Rich leaves out the base style of a text without spans.
            cell.stylize_before(cell.style)
            cell.truncate(width, overflow="ellipsis")
            cell.align("right" if self._columns[index].right else "left", width)
            segments += cell.render(self.app.console, end="")
            segments.append(Segment(" " * GAP, Style.null()))
        return Strip(segments[:-1])

    def on_focus(self) -> None:
        self._refresh_row(self._cursor)

    def on_blur(self) -> None:
        self._refresh_row(self._cursor)

    def action_move(self, rows: int) -> None:
        self._move_to(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        self._move_to(self._cursor + pages * max(self.size.height - 2, 1))

    def action_to_end(self, side: int) -> None:
        self._move_to(0 if side < 0 else len(self._keys) - 1)

    def on_click(self, event: events.Click) -> None:
        row = int(event.y) - 1 + self.scroll_offset.y
        if event.y < 1 or row >= len(self._keys):
            return
        if row == self._cursor and event.chain > 1:
            self.post_message(self.Chosen(self._keys[row]))
        self._move_to(row)

    def _move_to(self, row: int) -> None:
        row = min(max(row, 0), max(len(self._keys) - 1, 0))
        if row == self._cursor:
            return
        before, self._cursor = self._cursor, row
        self._refresh_row(before)
        self._refresh_row(row)
        self._show_cursor()
        self.post_message(self.Moved(self.cursor))

    def _refresh_row(self, row: int) -> None:
        y = row - self.scroll_offset.y + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _show_cursor(self) -> None:
        top, rows = self.scroll_offset.y, max(self.size.height - 1, 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + rows:
            self.scroll_to(y=self._cursor - rows + 1, animate=False)


def _total(columns: Sequence[ListColumn[Any]], kept: Sequence[int]) -> int:
    return sum(columns[index].width for index in kept) + GAP * max(len(kept) - 1, 0)
