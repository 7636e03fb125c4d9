"""Marked runs side by side: curves, settings that differ, figures by class; live and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.runs.poller import RunsSnapshot
from labbench.runs.status import LIVE
from labbench.tui.canvas import Canvas, Caption
from labbench.tui.commands import command
from labbench.tui.compare import choices, widgets
from labbench.tui.compare.choices import Choice, Room
from labbench.tui.compare.marks import MarkKeys
from labbench.tui.compare.reader import Found, Read, Reader, Request
from labbench.tui.compare.widgets import Heads
from labbench.tui.loader import Loader
from labbench.tui.mixins import CURVES, ChartKeys, PaneKeys, has_curves
from labbench.tui.routes import ToResults, ToRun
from labbench.tui.table import Table
from labbench.views.compare import Compared, CompareView, Show, Side, heads, overlay
from labbench.views.compare.overlay import Look
from labbench.views.compare.sides import SPLITS
from labbench.views.track import WHOLE

if TYPE_CHECKING:
    from labbench.draw.export import View

LOOK_EVERY_S = 1.0
"""Live runs are read and drawn again at most this often."""

SHARE = 0.05
"""Of a core, for reading and drawing live runs."""

MOST_ROWS = (6, 10)
"""Runs that are in view at once on a short and on a tall terminal; the others scroll."""


CLASSES = "Classes"
"""The help's heading of the keys for classes."""


class CompareScreen(MarkKeys, ChartKeys, PaneKeys):
    """The runs that are marked, beside the first of them."""

    CSS_PATH = "compare.tcss"
    keys = (
        "see_all", "mark_newest", "next_pane", "page_down", "next_order", "next_figure", "open_run",
        "open_results", "unmark", "make_first", "other_split", "next_by", "next_lines",
        "next_smooth", "toggle_log", "zoom_in", "unmark_all", "previous_pane", "zoom_out",
        "cursor_left", "cursor_right", "up", "down", "page_up",
    )  # fmt: skip
    whole = "whole runs"
    by_what = "epoch, by time, by step"
    pane_list = ", ".join(choices.PANES)
    about = (
        "Runs marked with space on Runs, beside the first of them. Won and lost are the clips "
        "that only this run, or only the first, gets right; p is McNemar's: how likely such a "
        "difference is by chance alone. Letters and colours go by the order of the runs."
    )

    def __init__(self) -> None:
        super().__init__()
        self.choice = Choice()
        self.found: Found | None = None
        """What was read last."""
        self._reader: Reader | None = None
        self._loader = Loader(
            self, self._request, self._read, self._show_read, self._say_why, share=SHARE
        )
        self._written: object = None

    def where(self) -> str:
        count = len(self.bench.marked)
        return f"{count} marked" if count else ""

    def body(self) -> Iterable[Widget]:
        yield Static(id="empty")
        yield Caption(id="tabs")
        with Vertical(id="compare"):
            yield Heads(id="heads")
            yield Caption(id="told")
            yield Static(id="reading")
            yield Canvas(draw=self.read_on, id="chart")
            with VerticalScroll(id="page", can_focus=False):
                yield Static(id="text")

    def on_mount(self) -> None:
        self._reader = Reader(self.bench.root)
        self._show()
        self.while_in_front(LOOK_EVERY_S, self._look_at_live)

    # Reading

    def _look_at_live(self) -> None:
        if self.found and any(side.status.state in LIVE for side in self.found.compared.sides):
            self._loader.ask_if_due()

    def _request(self) -> Request | None:
        marked, size, theme = self.bench.marked, self.query_one(Canvas).size, self.bench.palette
        request = Request(marked, self.choice.split, self.look, theme, size, self.app.console)
        return request if marked else None

    def read_on(self) -> None:
        """Read what is new and draw."""
        if self.empty and self.is_mounted:
            self.found = None
            self._show()
        self._loader.ask()

    def marks_changed(self) -> None:
        self._show()
        self.call_after_refresh(self.read_on)

    def _read(self, request: Request) -> Read:
        assert self._reader is not None
        return self._reader.read(request)

    def _show_read(self, read: Read) -> None:
        found, chart = read
        self.found = None if self.empty else found
        self._show()
        self.query_one(Canvas).show(chart)
        if self.found is not None and not self.found.complete:
            self.read_on()

    def _say_why(self, error: LabbenchError) -> None:
        """A run cannot be read."""
        said = f"{error} Unmark it on Runs."
        self.query_one("#told", Caption).say(Text(said, style=self.bench.palette.bad))

    def runs_changed(self, runs: RunsSnapshot) -> None:
        self._show()
        self.read_on()

    # What is in view

    @property
    def room(self) -> Room:
        """What there is room for."""
        return Room(self.size, self.choice.pane, self.empty)

    @property
    def drawing(self) -> bool:
        return self.room.curves

    @property
    def has_more(self) -> bool:
        """Whether the page is longer than its room."""
        return self.room.page is not None and self.query_one("#page").max_scroll_y > 0

    @property
    def zoomed(self) -> bool:
        return self.drawing and (self.look.cursor is not None or self.look.window != WHOLE)

    def _show(self) -> None:
        """Bring all up to date but the curves."""
        theme, empty, room = self.bench.palette, self.empty, self.room
        self.query_one("#empty").display = empty
        for part in ("#tabs", "#compare"):
            self.query_one(part).display = not empty
        self.query_one(Canvas).display = room.curves
        self.query_one("#page").display = room.page is not None
        if empty:
            runs = len(self.bench.runs.entries)
            self.query_one("#empty", Static).update(widgets.nothing_marked(runs, theme))
        tabs = widgets.tabs(room.panes, room.pane, self.found, self.size.width - 2, theme)
        self.query_one("#tabs", Caption).say(tabs)
        compared = self.found.compared if self.found else None
        self.query_one(Heads).compare(compared, MOST_ROWS[room.tall])
        self._show_reading(theme)
        if compared is not None and room.page is not None:
            self._write_page(compared, room.page, theme)
        self._tell()
        self.refresh_top()

    def _write_page(self, compared: Compared, page: Show, theme: Theme) -> None:
        """Settings and classes, where they are not as they were written last."""
        width = self.size.width - 3
        results = tuple(map(_shown_of, compared.sides))
        now = (
            self.bench.marked,
            results,
            page,
            self.choice.figure,
            self.choice.order,
            width,
            theme,
        )
        if now != self._written:
            self._written = now
            picture = self._view(page).part(page, width, 0, theme)
            self.query_one("#text", Static).update(picture)

    def _show_reading(self, theme: Theme) -> None:
        line = self.query_one("#reading", Static)
        line.display = self.drawing and self.look.cursor is not None
        if self.found is not None and line.display:
            line.update(overlay.reading(self.found.compared.sides, self.look, theme))

    def _tell(self) -> None:
        """The run under the cursor in words."""
        theme, index = self.bench.palette, self.query_one(Heads).index
        if self.found is None or index is None:
            text = widgets.legend(len(self.bench.marked), theme)
        elif len(self.bench.marked) == 1:
            text = widgets.one_alone(theme)
        else:
            text = heads.in_words(self.found.compared, index, theme)
        self.query_one("#told", Caption).say(text)
        self.refresh_keys()

    def on_table_moved(self, event: Table.Moved) -> None:
        self._tell()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.bench.go(ToRun(event.key))

    def on_resize(self, event: events.Resize) -> None:
        self._show()
        self.call_after_refresh(self.read_on)

    def theme_changed(self) -> None:
        super().theme_changed()
        self._show()
        self.read_on()

    # What commands do

    @command("t", "test/validation", when=lambda self: self.found is not None)
    def other_split(self) -> None:
        """Evaluate on the validation clips, or on the test clips."""
        if self.found is not None:
            other = SPLITS[1 - SPLITS.index(self.found.compared.split)]
            self.change(lambda choice: replace(choice, split=other))

    @property
    def has_panes(self) -> bool:
        return not self.empty and len(self.room.panes) > 1

    def step_pane(self, by: int) -> None:
        pane = self.room.pane_after(by)
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)
        self.change(lambda choice: replace(choice, pane=pane))
        self.call_after_refresh(self.refresh_keys)

    def scroll_page(self, pages: int) -> None:
        """Move the page by most of its height."""
        page = self.query_one("#page", VerticalScroll)
        page.scroll_relative(y=pages * max(page.size.height - 2, 1), animate=False)

    @property
    def look(self) -> Look:
        """How curves are drawn."""
        return self.choice.look

    def change(self, changed: Callable[[Choice], Choice]) -> None:
        """Look at it otherwise."""
        self.choice = changed(self.choice)
        self._show()
        self.call_after_refresh(self.read_on)

    def move_cursor(self, columns: int) -> None:
        """Move the cursor in the curves by some columns."""
        if self.drawing:
            width = max(self.query_one(Canvas).size.width // 2, 1)
            look = choices.cursor_moved(self.look, columns, width)
            self.change(lambda choice: replace(choice, look=look))

    # Without a screen

    def headless(self) -> str | None:
        sides = self.found.compared.sides if self.found else ()
        if len(sides) < 2:
            return None
        room = self.room
        return self.choice.command(sides, room.seen, room.curves, room.classes)

    def exportable(self) -> bool:
        return self.found is not None

    def _view(self, show: Show) -> CompareView:
        assert self.found is not None
        return CompareView(
            self.found.compared, show, self.look, self.choice.figure, self.choice.order
        )

    def view(self) -> View | None:
        return None if self.found is None else self._view(self.room.seen)

    @command("enter", "open", when=lambda self: self.current is not None)
    def open_run(self) -> None:
        """Open the run under the cursor: curves, events, console."""
        if self.current is not None:
            self.bench.go(ToRun(self.current))

    @command("R", "results", when=lambda self: self.current is not None)
    def open_results(self) -> None:
        """Results of the run under the cursor."""
        if self.current is not None:
            self.bench.go(ToResults(self.current))

    def next_by(self) -> None:
        self.change(choices.next_by)

    @command("v", "lines", when=has_curves, group=CURVES)
    def next_lines(self) -> None:
        """Curves of validation, of training, or both."""
        self.change(choices.next_lines)

    @command("s", "sort", when=lambda self: self.room.classes, group=CLASSES)
    def next_order(self) -> None:
        """Classes by name, or the largest loss first."""
        self.change(choices.next_order)

    @command("p", "figure", when=lambda self: self.room.classes, group=CLASSES)
    def next_figure(self) -> None:
        """Classes by F1, recall or precision."""
        self.change(choices.next_figure)

    @command(
        "S",
        "smooth",
        when=lambda self: self.drawing and self.look.lines != "validation",
        group=CURVES,
    )
    def next_smooth(self) -> None:
        """Smooth the training curves: not, a little, much."""
        self.change(choices.next_smooth)

    def toggle_log(self) -> None:
        self.change(choices.other_scale)

    def zoom(self, factor: float) -> None:
        self.change(choices.zoom(factor))

    def see_all(self) -> None:
        self.change(choices.see_all)

    @command("pageup,K", "page up", shown=False)
    def page_up(self) -> None:
        """Move settings or classes up."""
        self.scroll_page(-1)

    @command("pagedown,J", "more", when=lambda self: self.has_more)
    def page_down(self) -> None:
        """Move settings or classes down."""
        self.scroll_page(1)


def _shown_of(side: Side) -> tuple[object, ...]:
    """What settings and classes show of a run."""
    return side.about, side.evaluation and (side.evaluation.caption, side.evaluation.report.right)
