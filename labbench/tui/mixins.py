"""Keys that several screens have: each set is written once, here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.tui.commands import command
from labbench.tui.screen import BenchScreen
from labbench.tui.table import Table

CURVES = "Curves"
MOVING = "Moving"


def has_curves(screen: Any) -> bool:
    """Whether curves are in view."""
    return bool(screen.drawing)


class ChartKeys(BenchScreen[None]):
    """A screen with curves and a cursor in them. Subclasses say how each of these is done."""

    whole: ClassVar[str] = "whole run"
    """What is seen without zoom."""
    by_what: ClassVar[str] = "step, by epoch, by time"
    """What curves are drawn by, in the order of the key."""

    @property
    def drawing(self) -> bool:
        """Whether curves are in view."""
        raise NotImplementedError

    @property
    def zoomed(self) -> bool:
        """Whether there is a cursor, or less than all is in view."""
        raise NotImplementedError

    def zoom(self, factor: float) -> None:
        """See `factor` times as much, about the cursor if there is one."""
        raise NotImplementedError

    def move_cursor(self, columns: int) -> None:
        """Move the cursor by some columns; it begins in the middle."""
        raise NotImplementedError

    @command("b", "by", when=has_curves, group=CURVES)
    def next_by(self) -> None:
        """Curves by {by_what}."""
        raise NotImplementedError

    @command("g", "log", when=has_curves, group=CURVES)
    def toggle_log(self) -> None:
        """Loss on a logarithmic scale, or not."""
        raise NotImplementedError

    @command("escape,0", "{whole}", when=lambda self: self.zoomed, group=CURVES)
    def see_all(self) -> None:
        """See the {whole} again, without cursor."""
        raise NotImplementedError

    @command("plus,equals_sign", "zoom", when=has_curves, group=CURVES)
    def zoom_in(self) -> None:
        """Zoom in to half the range, around the cursor."""
        self.zoom(0.5)

    @command("minus", "zoom out", group=CURVES, shown=False)
    def zoom_out(self) -> None:
        """Zoom out to twice the range."""
        self.zoom(2.0)

    @command("left,h", "cursor", group=CURVES, shown=False)
    def cursor_left(self) -> None:
        """Move the cursor left; it shows the values there."""
        self.move_cursor(-1)

    @command("right,l", "cursor", group=CURVES, shown=False)
    def cursor_right(self) -> None:
        """Move the cursor right; it shows the values there."""
        self.move_cursor(1)


def pane_names(panes: Sequence[str], shown: str, theme: Theme) -> Text:
    """The panes on a line, the one in view marked."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for name in panes:
        style = f"bold underline {theme.accent}" if name == shown else theme.muted
        text.append(name, style=style).append("  ")
    return text


class PaneKeys(BenchScreen[None]):
    """A screen with panes, one of which is in front."""

    pane_list: ClassVar[str] = ""
    """Their names in their order, with commas."""

    @property
    def has_panes(self) -> bool:
        """Whether there is another pane to go to."""
        return True

    def step_pane(self, by: int) -> None:
        """Bring the pane before (-1) or after (1) to the front, and around."""
        raise NotImplementedError

    @command("tab", "panes", when=lambda self: self.has_panes)
    def next_pane(self) -> None:
        """Go to the next pane: {pane_list}."""
        self.step_pane(1)

    @command("shift+tab", "pane before", shown=False)
    def previous_pane(self) -> None:
        """Go to the pane before."""
        self.step_pane(-1)


class GridKeys(BenchScreen[None]):
    """A screen with a cursor that moves in rows and columns."""

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor on by some rows and columns, or back; it stops at the ends."""
        raise NotImplementedError

    @command("up,k", "up", group=MOVING, shown=False)
    def up(self) -> None:
        """Go a row up."""
        self.move(-1, 0)

    @command("down,j", "down", group=MOVING, shown=False)
    def down(self) -> None:
        """Go a row down."""
        self.move(1, 0)

    @command("left,h", "left", group=MOVING, shown=False)
    def left(self) -> None:
        """Go a column to the left."""
        self.move(0, -1)

    @command("right,l", "right", group=MOVING, shown=False)
    def right(self) -> None:
        """Go a column to the right."""
        self.move(0, 1)


class Detail(Static):
    """All there is to say of what is under the cursor, drawn anew at every width."""

    def render(self) -> RenderableType:
        screen = self.screen
        assert isinstance(screen, DetailKeys)
        return screen.detail(self.content_region.width or 40)


class DetailKeys(BenchScreen[None]):
    """A screen that tells all of what is under the cursor: a `Detail` in a scroll named detail."""

    subject: ClassVar[str] = ""
    """What it tells of, with its article."""

    def detail(self, width: int) -> RenderableType:
        """All there is to say of it, so many cells wide."""
        raise NotImplementedError

    @command("J,ctrl+d", "scroll", shown=False)
    def detail_down(self) -> None:
        """Scroll the details of {subject}."""
        self._scroll_detail(6)

    @command("K,ctrl+u", "scroll", shown=False)
    def detail_up(self) -> None:
        """Scroll the details of {subject} up."""
        self._scroll_detail(-6)

    def _scroll_detail(self, lines: int) -> None:
        self.query_one("#detail", VerticalScroll).scroll_relative(y=lines, animate=False)


class SearchBox(Input):
    """Where one types what to search for; arrows move among what is found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.move_found(1)", show=False),
        Binding("up", "screen.move_found(-1)", show=False),
    ]

    def __init__(self, things: str) -> None:
        super().__init__(placeholder=f"search {things}", id="search")


class SearchKeys(BenchScreen[None]):
    """A screen with a `Table`, and a `SearchBox` above it that leaves rows out."""

    searched: ClassVar[str] = ""
    """What is searched, and by what of it."""
    text = ""
    """What is searched for; empty: all is listed."""

    @property
    def can_search(self) -> bool:
        """Whether there is something to be found."""
        raise NotImplementedError

    def list_found(self) -> None:
        """List what holds the text."""
        raise NotImplementedError

    @property
    def searching(self) -> bool:
        """Whether the box is in view."""
        return self.query_one(SearchBox).display

    @command("slash", "search", when=lambda self: self.can_search)
    def search(self) -> None:
        """Search {searched}."""
        box = self.query_one(SearchBox)
        box.display = True
        self.set_focus(box)
        self.refresh_keys()

    def end_search(self) -> None:
        """Take box and text away; the caller lists all again."""
        box = self.query_one(SearchBox)
        box.value = self.text = ""
        box.display = False
        self.query_one(Table).focus()

    def action_move_found(self, rows: int) -> None:
        self.query_one(Table).action_move(rows)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.display:
            self.text = event.value.strip()
            self.list_found()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what was found; it stays narrowed."""
        event.input.display = False
        self.query_one(Table).focus()
        self.refresh_keys()
