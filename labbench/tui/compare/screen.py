"""Marked runs side by side: curves, settings that differ, figures by class; live and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from labbench.errors import LabbenchError
from labbench.runs.status import LIVE
from labbench.tui.canvas import Picture, drawn
from labbench.tui.commands import command
from labbench.tui.compare import lines, looking
from labbench.tui.compare.looking import PANES, Choice
from labbench.tui.compare.messages import Read, Unreadable
from labbench.tui.compare.reader import Found, Reader
from labbench.tui.compare.widgets import Chart, Heads
from labbench.tui.looked import Looked
from labbench.tui.mixins import CURVES, ChartKeys, PaneKeys, has_curves
from labbench.tui.table import Table
from labbench.views.compare import Compared, CompareView, Show, Side, heads, overlay
from labbench.views.compare.overlay import Look
from labbench.views.compare.sides import SPLITS
from labbench.views.palette import Theme
from labbench.views.plain import Text
from labbench.views.track import WHOLE

if TYPE_CHECKING:
    from labbench.views.export import View

LOOK_EVERY_S = 1.0
"""Live runs are read and drawn again at most this often."""

BUDGET_S = 0.3
"""Long logs are read for so long before what is known of them is drawn."""

SHARE = 0.05
"""Of a core, for reading and drawing live runs."""

TALL = 32
BESIDE = 120
"""From so many cells on, a tall terminal has classes and settings side by side."""

MOST_ROWS = (6, 10)
"""Runs that are in view at once on a short and on a tall terminal; the others scroll."""


CLASSES = "Classes"
"""The help's heading of the keys for classes."""


class CompareScreen(ChartKeys, PaneKeys):
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
    pane_list = ", ".join(looking.PANES)
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
        self._reading = False
        self._passed = self._cost_s = 0.0
        self._written: object = None
        self._said: dict[str, Text] = {}

    def where(self) -> str:
        count = len(self.bench.marked)
        return f"{count} marked" if count else ""

    def body(self) -> Iterable[Widget]:
        yield Static(id="empty")
        yield Static(id="tabs")
        with Vertical(id="compare"):
            yield Heads(id="heads")
            yield Static(id="told")
            yield Static(id="reading")
            yield Chart(id="chart")
            with VerticalScroll(id="page", can_focus=False):
                yield Static(id="text")

    def on_mount(self) -> None:
        self._show()
        if self.bench.outside.beating:
            self.set_interval(LOOK_EVERY_S, self._beat)

    # Reading, in a thread, one pass at a time

    def _beat(self) -> None:
        # A pass that takes long is made more rarely: it may have a small share of a core.
        now = time.monotonic()
        live = self.found and any(s.status.state in LIVE for s in self.found.compared.sides)
        if live and self.in_front and now - self._passed > self._cost_s / SHARE:
            self.read_on()

    @property
    def _asked(self) -> tuple[object, ...]:
        """All that what is drawn hangs on, besides the runs themselves."""
        return self.bench.marked, self.choice.split, self.look, self.bench.palette

    def read_on(self) -> None:
        """Read what is new and draw, unless a thread is at it."""
        if self._reading or not self.is_mounted:
            return
        if not self.bench.marked:
            self.found = None
            self._show()
            return
        self._reading = True
        self._passed = time.monotonic()
        asked, wanted, split = self._asked, self.bench.marked, self.choice.split
        look, theme, size = self.look, self.bench.palette, self.query_one(Chart).size

        def work() -> None:
            begun = time.thread_time()
            self._reader = self._reader or Reader(self.bench.root)
            chart: Picture = ()
            try:
                found = self._reader.read(wanted, split, BUDGET_S)
            except LabbenchError as error:
                self.post_message(Unreadable(error))
                return
            if found is not None and size:
                picture = overlay.charts(
                    found.compared.sides, look, size.width, size.height, theme
                )  # fmt: skip
                chart = drawn(picture, size, self.app.console)
            self._cost_s = time.thread_time() - begun
            self.post_message(Read(found, asked, chart, size))

        self.run_worker(work, group="read", thread=True)

    def on_read(self, message: Read) -> None:
        self._reading = False
        self.found = message.found
        self._show()
        self.query_one(Chart).show(message.chart)
        stale = message.asked != self._asked or message.size != self.query_one(Chart).size
        if stale or (self.found is not None and not self.found.complete):
            self.read_on()

    def on_unreadable(self, message: Unreadable) -> None:
        self._reading = False
        said = f"{message.error} Take its mark away on Runs."
        self._say("#told", Text(said, style=self.bench.palette.bad))

    def runs_changed(self, looked: Looked) -> None:
        self._show()
        self.read_on()

    # What is in view

    @property
    def empty(self) -> bool:
        """Whether nothing is marked."""
        return not self.bench.marked

    @property
    def current(self) -> str | None:
        """The id of the run under the cursor."""
        return None if self.empty else self.query_one(Heads).cursor

    @property
    def tall(self) -> bool:
        """Whether curves and a page have room below each other."""
        return self.size.height >= TALL

    @property
    def panes(self) -> tuple[Show, ...]:
        """What `tab` goes through: the less room, the more panes."""
        if self.tall and self.size.width >= BESIDE:
            return ("all",)
        return PANES[1:] if self.tall else PANES

    @property
    def pane(self) -> Show:
        """The pane in view."""
        return self.choice.pane if self.choice.pane in self.panes else self.panes[0]

    @property
    def page(self) -> Show | None:
        """The page in view below or instead of the curves."""
        return None if self.empty or self.pane == "curves" else self.pane

    @property
    def classes_shown(self) -> bool:
        """Whether figures by class are in view."""
        return self.page in ("classes", "all")

    @property
    def drawing(self) -> bool:
        """Whether curves are in view."""
        return not self.empty and (self.tall or self.pane == "curves")

    @property
    def has_more(self) -> bool:
        """Whether the page is longer than its room."""
        return self.page is not None and self.query_one("#page").max_scroll_y > 0

    @property
    def zoomed(self) -> bool:
        """Whether there is a cursor, or less than the whole runs are in view."""
        return self.drawing and (self.look.cursor is not None or self.look.window != WHOLE)

    def _show(self) -> None:
        """Bring all up to date but the curves."""
        theme, empty = self.bench.palette, self.empty
        self.query_one("#empty").display = empty
        for part in ("#tabs", "#compare"):
            self.query_one(part).display = not empty
        self.query_one(Chart).display = self.drawing
        self.query_one("#page").display = self.page is not None
        if empty:
            runs = len(self.bench.looked.entries)
            self.query_one("#empty", Static).update(lines.nothing_marked(runs, theme))
        tabs = lines.tabs(self.panes, self.pane, self.found, self.size.width - 2, theme)
        self._say("#tabs", tabs)
        compared = self.found.compared if self.found else None
        self.query_one(Heads).compare(compared, MOST_ROWS[self.tall])
        self._show_reading(theme)
        if compared is not None and self.page is not None:
            self._write_page(compared, self.page, theme)
        self._tell()
        self.refresh_top()

    def _say(self, name: str, text: Text) -> None:
        """Have a line say something, where it does not say it yet."""
        if self._said.get(name) != text:
            self._said[name] = text
            self.query_one(name, Static).update(text)

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
            self._say("#told", lines.legend(len(self.bench.marked), theme))
        elif len(self.bench.marked) == 1:
            self._say("#told", lines.one_alone(theme))
        else:
            self._say("#told", heads.told(self.found.compared, index, theme))
        self.refresh_keys()

    def on_table_moved(self, event: Table.Moved) -> None:
        self._tell()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.bench.open_run(event.key)

    def on_resize(self, event: events.Resize) -> None:
        self._show()
        self.call_after_refresh(self.read_on)

    def theme_changed(self) -> None:
        super().theme_changed()
        self.query_one(Heads).redraw()
        self._show()
        self.read_on()

    # What commands do

    @command(
        "enter",
        "compare the two newest",
        when=lambda self: self.empty and len(self.bench.looked.entries) > 1,
    )
    def mark_newest(self) -> None:
        """Compare the two newest runs."""
        self.bench.marked = tuple(entry.id for entry in self.bench.looked.entries[-2:])
        self._show()
        self.call_after_refresh(self.read_on)

    @command("space", "unmark", when=lambda self: self.current is not None)
    def unmark(self) -> None:
        """Take the run under the cursor out of the comparison."""
        if self.current is not None:
            self.bench.mark(self.current)
            self.read_on()

    @command("U", "unmark all", when=lambda self: not self.empty, shown=False)
    def unmark_all(self) -> None:
        """Take all runs out of the comparison."""
        self.bench.marked = ()
        self.read_on()

    @command(
        "m",
        "make first",
        when=lambda self: self.current is not None and self.current != self.bench.marked[0],
    )
    def make_first(self) -> None:
        """Compare the others with the run under the cursor."""
        if (name := self.current) is not None:
            self.bench.marked = (name, *(one for one in self.bench.marked if one != name))
            self.read_on()

    @command("t", "test/validation", when=lambda self: self.found is not None)
    def other_split(self) -> None:
        """Judge by the validation clips, or by the test clips."""
        if self.found is not None:
            other = SPLITS[1 - SPLITS.index(self.found.compared.split)]
            self.change(lambda choice: replace(choice, split=other))

    @property
    def has_panes(self) -> bool:
        return not self.empty and len(self.panes) > 1

    def step_pane(self, by: int) -> None:
        pane = self.panes[(self.panes.index(self.pane) + by) % len(self.panes)]
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)
        self.change(lambda choice: replace(choice, pane=pane))
        self.call_after_refresh(self.refresh_keys)

    def move(self, rows: int) -> None:
        """Move the cursor among the runs."""
        self.query_one(Heads).action_move(rows)

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
            width = max(self.query_one(Chart).size.width // 2, 1)
            look = looking.cursor_moved(self.look, columns, width)
            self.change(lambda choice: replace(choice, look=look))

    # Without a screen

    @property
    def _seen(self) -> Show:
        """What is in view, as the view without a screen names it."""
        return "all" if self.tall else self.pane

    def headless(self) -> str | None:
        sides = self.found.compared.sides if self.found else ()
        if len(sides) < 2:
            return None
        return self.choice.command(sides, self._seen, self.drawing, self.classes_shown)

    def exportable(self) -> bool:
        return self.found is not None

    def _view(self, show: Show) -> CompareView:
        assert self.found is not None
        return CompareView(
            self.found.compared, show, self.look, self.choice.figure, self.choice.order
        )

    def view(self) -> View | None:
        return None if self.found is None else self._view(self._seen)

    @command("enter", "open", when=lambda self: self.current is not None)
    def open_run(self) -> None:
        """Look at the run under the cursor: curves, events, console."""
        if self.current is not None:
            self.bench.open_run(self.current)

    @command("R", "results", when=lambda self: self.current is not None)
    def open_results(self) -> None:
        """What came of the run under the cursor."""
        if self.current is not None:
            self.bench.open_results(self.current)

    def next_by(self) -> None:
        self.change(looking.next_by)

    @command("v", "lines", when=has_curves, group=CURVES)
    def next_lines(self) -> None:
        """Curves of validation, of training, or both."""
        self.change(looking.next_lines)

    @command("s", "sort", when=lambda self: self.classes_shown, group=CLASSES)
    def next_order(self) -> None:
        """Classes by name, or the largest loss first."""
        self.change(looking.next_order)

    @command("p", "figure", when=lambda self: self.classes_shown, group=CLASSES)
    def next_figure(self) -> None:
        """Classes by F1, recall or precision."""
        self.change(looking.next_figure)

    @command(
        "S",
        "smooth",
        when=lambda self: self.drawing and self.look.lines != "validation",
        group=CURVES,
    )
    def next_smooth(self) -> None:
        """Smooth the training curves: not, a little, much."""
        self.change(looking.next_smooth)

    def toggle_log(self) -> None:
        self.change(looking.other_scale)

    def zoom(self, factor: float) -> None:
        self.change(looking.zoom(factor))

    def see_all(self) -> None:
        self.change(looking.see_all)

    @command("up,k", "up", shown=False)
    def up(self) -> None:
        """The run above."""
        self.move(-1)

    @command("down,j", "down", shown=False)
    def down(self) -> None:
        """The run below."""
        self.move(1)

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
    return side.about, side.judged and (side.judged.caption, side.judged.report.right)
