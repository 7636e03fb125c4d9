"""One run: its curves, figures, events and console, live and afterwards."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from labbench.errors import LabbenchError
from labbench.runs import RunFolder, Status
from labbench.runs.history import fold
from labbench.runs.status import LIVE
from labbench.text import shell_quoted
from labbench.tui.canvas import Canvas, Picture, drawn
from labbench.tui.commands import command
from labbench.tui.looked import Looked
from labbench.tui.mixins import CURVES, ChartKeys, has_curves
from labbench.tui.run.figures import figures, head
from labbench.tui.run.follower import Followed, Follower, Line, follow
from labbench.tui.runs.acting import OneRun, WatchesRuns, has_run
from labbench.views.curves import BYS, By, CurvesView
from labbench.views.palette import Theme
from labbench.views.plain import Text

if TYPE_CHECKING:
    from labbench.views.export import View

DRAW_EVERY_S = 0.5
"""A live run is drawn at most this often."""

BUDGET_S = 0.3
"""A long log is read for so long before what is known of it is drawn."""

SHARE = 0.05
"""Of a core, for reading and drawing a live run."""

SMOOTH = (0.0, 0.6, 0.9, 0.97)
TALL = 32
PANES = ("curves", "events", "console")


class Read(Message):
    """A run was read and its curves drawn."""

    def __init__(self, followed: Followed, curves: CurvesView, chart: Picture, size: Size) -> None:
        super().__init__()
        self.size = size
        self.followed = followed
        self.curves = curves
        self.chart = chart


class Unreadable(Message):
    """A run cannot be read."""

    def __init__(self, error: LabbenchError) -> None:
        super().__init__()
        self.error = error


class Chart(Canvas):
    """The curves, as they were drawn last; drawn anew at another size."""

    def on_resize(self, event: events.Resize) -> None:
        screen = self.screen
        if isinstance(screen, RunScreen):
            screen.read_on()


class RunScreen(OneRun, WatchesRuns, ChartKeys):
    """Curves above, events and console below or, on a small terminal, behind tab."""

    CSS_PATH = "run.tcss"
    keys = (
        "see_all", "open_results", "open_inside", "stop", "resume", "checkpoint", "next_pane",
        "next_by", "next_smooth", "toggle_log", "zoom_in", "duplicate", "zoom_out", "cursor_left",
        "cursor_right", "pan_left", "pan_right", "previous_run", "next_run",
    )  # fmt: skip
    about = (
        "One run. Thin lines are the training batches, thick ones validation after each epoch; "
        "the dashed line is the published accuracy, ◆ the best epoch. Left and right move a "
        "cursor that tells the values; + and - zoom about it."
    )

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self._follower: Follower | None = None
        self._curves: CurvesView | None = None
        self._drawn: object = None
        self._reading = False
        self._told: tuple[object, ...] = ()
        self._passed = self._cost_s = 0.0

    def where(self) -> str:
        return self.run_id

    def body(self) -> Iterable[Widget]:
        yield Static(id="head")
        with Vertical(id="run"):
            yield Chart(id="chart")
            yield Static(id="reading")
            yield Static(id="figures")
            yield Static(id="tabs")
            with ContentSwitcher(id="panes", initial="events"):
                with VerticalScroll(id="events"):
                    yield Static(id="lines")
                with VerticalScroll(id="console"):
                    yield Static(id="log", markup=False)

    def on_mount(self) -> None:
        kept = self.bench.settings
        self._by: By = kept.curves_by
        self._smooth, self._log = kept.curves_smooth, kept.curves_log
        self._pane = "curves"
        self._show_pane()
        if self.bench.outside.beating:
            self.set_interval(DRAW_EVERY_S, self._beat)

    # Reading, in a thread, one pass at a time

    def _beat(self) -> None:
        # A pass that takes long is made more rarely: it may have a small share of a core.
        now = time.monotonic()
        if self.in_front and now - self._passed > self._cost_s / SHARE:
            self.read_on()

    def read_on(self) -> None:
        """Read what is new and draw, unless a thread is at it."""
        if self._reading or not self.is_mounted:
            return
        self._reading = True
        self._passed = time.monotonic()
        size = self.query_one(Chart).size
        wanted, theme = self._wanted(), self.bench.palette
        self.run_worker(lambda: self._pass(wanted, size, theme), group="read", thread=True)

    def _wanted(self) -> CurvesView:
        """The curves as they are to be drawn next, with what is known of the run so far."""
        if self._curves is None:
            run = RunFolder(self.bench.root / self.run_id)
            self._curves = CurvesView(run.id, _unknown(), fold([]), folder=run)
        return replace(self._curves, by=self._by, smooth=self._smooth, log=self._log)

    def _pass(self, wanted: CurvesView, size: Size, theme: Theme) -> None:
        """Read on and draw; posts what came of it."""
        begun = time.thread_time()
        try:
            if self._follower is None:
                self._follower = follow(RunFolder(self.bench.root / self.run_id))
            followed = self._follower.read(BUDGET_S)
        except LabbenchError as error:
            self.post_message(Unreadable(error))
            return
        curves = replace(wanted, status=followed.status, history=followed.history)
        chart: Picture = ()
        if size:
            shown = replace(curves, window=_steady(curves))
            charts = shown.charts(size.width, size.height, theme=theme)
            chart = drawn(charts, size, self.app.console)
        self._cost_s = time.thread_time() - begun
        self.post_message(Read(followed, curves, chart, size))

    def on_read(self, message: Read) -> None:
        self._reading = False
        followed = message.followed
        now = (message.curves, message.size, self.bench.palette)
        if self._curves is not None:
            self._curves = replace(
                self._curves, status=followed.status, history=followed.history
            )  # fmt: skip
        if not _same(now, self._drawn):
            self._drawn = now
            self.query_one(Chart).show(message.chart)
        self._tell(followed)
        stale = message.size != self.query_one(Chart).size
        if stale or not followed.complete or not _same_look(self._wanted(), message.curves):
            self.read_on()

    def on_unreadable(self, message: Unreadable) -> None:
        self._reading = False
        theme = self.bench.palette
        self.query_one("#head", Static).update(Text(str(message.error), style=theme.bad))

    def _tell(self, followed: Followed) -> None:
        """Bring head, figures, reading and panes up to date where they changed."""
        theme, width = self.bench.palette, self.query_one("#figures").size.width
        title = head(followed.status, self.bench.looked.place(self.run_id), theme)
        if not followed.complete:
            title.append(f"  reading the log: {followed.share:.0%}", style=theme.accent)
        said = figures(followed.status, followed.history, width, theme)
        reading = self._curves.reading() if self._curves else ""
        now = (title, said, reading, followed.lines, followed.console, theme)
        wide = max(width, 1)
        before = self._told or (None,) * len(now)
        self._told = now
        if now[0] != before[0]:
            # Another text of the same height moves nothing: no layout, few bytes.
            same = before[0] is not None and _rows(before[0], wide) == _rows(title, wide)
            self.query_one("#head", Static).update(title, layout=not same)
        if now[1] != before[1]:
            same = before[1] is not None and _rows(before[1], wide) == _rows(said, wide)
            self.query_one("#figures", Static).update(said, layout=not same)
        if now[2] != before[2]:
            line = self.query_one("#reading", Static)
            line.display = bool(reading)
            line.update(Text(reading, style=theme.accent, no_wrap=True, overflow="ellipsis"))
        if now[3] != before[3] or now[5] != before[5]:
            self.query_one("#lines", Static).update(_event_lines(followed.lines, theme))
        if now[4] != before[4]:
            self.query_one("#log", Static).update(
                Text.lines(followed.console or "nothing was said yet")
            )
            self.query_one("#console", VerticalScroll).scroll_end(animate=False)

    # What is in view

    def runs_changed(self, looked: Looked) -> None:
        super().runs_changed(looked)
        self.refresh_top()
        self.call_after_refresh(self.read_on)

    def theme_changed(self) -> None:
        super().theme_changed()
        self._show_pane()
        self.read_on()

    def on_resize(self, event: events.Resize) -> None:
        self._show_pane()
        self.call_after_refresh(self.read_on)

    def _show_pane(self) -> None:
        """On a tall terminal curves and a pane, on a small one or the other."""
        tall = self.size.height >= TALL
        pane = "events" if self._pane == "curves" and tall else self._pane
        curves = tall or self._pane == "curves"
        self.query_one(Chart).display = curves
        self.query_one("#panes").display = tall or not curves
        if pane != "curves":
            self.query_one("#panes", ContentSwitcher).current = pane
        theme = self.bench.palette
        text = Text()
        for name in PANES[1:] if tall else PANES:
            style = f"bold {theme.accent}" if name == pane else theme.muted
            text.append(f"{name}  ", style=style)
        self.query_one("#tabs", Static).update(text)
        self.refresh_keys()

    @command("tab", "panes")
    def next_pane(self) -> None:
        """Go to the next pane: curves, events, console."""
        tall = self.size.height >= TALL
        shown = "events" if self._pane == "curves" and tall else self._pane
        panes = PANES[1:] if tall else PANES
        self._pane = panes[(panes.index(shown) + 1) % len(panes)]
        self._show_pane()
        if self._pane != "curves":
            self.query_one(f"#{self._pane}").focus()
        self.call_after_refresh(self.read_on)

    def another(self, run_id: str) -> RunScreen:
        return RunScreen(run_id)

    # How curves are drawn

    @property
    def drawing(self) -> bool:
        return self.query_one(Chart).display

    @property
    def zoomed(self) -> bool:
        curves = self._curves
        return curves is not None and (curves.cursor is not None or curves.window != (0.0, 1.0))

    def _look(self, curves: CurvesView) -> None:
        self._curves = curves
        self.refresh_keys()
        self.read_on()

    def next_by(self) -> None:
        names: tuple[By, ...] = BYS  # type: ignore[assignment]
        self._by = names[(names.index(self._by) + 1) % len(names)]
        self.bench.remember(curves_by=self._by)
        self.read_on()

    @command("s", "smooth", when=has_curves, group=CURVES)
    def next_smooth(self) -> None:
        """Smooth the training curves: not, a little, much."""
        later = [weight for weight in SMOOTH if weight > self._smooth]
        self._smooth = later[0] if later else 0.0
        self.bench.remember(curves_smooth=self._smooth)
        self.read_on()

    def toggle_log(self) -> None:
        self._log = not self._log
        self.bench.remember(curves_log=self._log)
        self.read_on()

    def zoom(self, factor: float) -> None:
        curves = self._wanted().zoomed(factor)
        if curves.cursor is not None:
            start, stop = curves.window
            curves = curves.panned((curves.cursor - (start + stop) / 2) / (stop - start))
        self._look(curves)

    def pan(self, share: float) -> None:
        """Move the view by a share of its width."""
        self._look(self._wanted().panned(share))

    def move_cursor(self, columns: int) -> None:
        curves = self._wanted()
        start, stop = curves.window
        width = max(self.query_one(Chart).size.width // 2, 1)
        cursor = (start + stop) / 2 if curves.cursor is None else curves.cursor
        if curves.cursor is not None:
            cursor = min(max(cursor + columns * (stop - start) / width, 0.0), 1.0)
        curves = replace(curves, cursor=cursor)
        if not start <= cursor <= stop:
            curves = curves.panned((cursor - (start + stop) / 2) / (stop - start))
        self._look(curves)

    def see_all(self) -> None:
        self._look(replace(self._wanted(), window=(0.0, 1.0), cursor=None))

    def headless(self) -> str | None:
        name = self.entry.run.called if self.entry else shell_quoted(self.run_id)
        options = [f"--by {self._by}" if self._by != "step" else ""]
        options += [f"--smooth {self._smooth}" if self._smooth else ""]
        options += ["--log" if self._log else ""]
        options += self._wanted().part.options()
        parts = ["labbench show", name, "curves", *options]
        return " ".join(filter(None, parts))

    def exportable(self) -> bool:
        return self._curves is not None

    def view(self) -> View | None:
        return self._wanted()

    @command(
        "w", "checkpoint",
        when=lambda self: has_run(self) and self.entry.status.state == "running",
    )  # fmt: skip
    def checkpoint(self) -> None:
        """Write a checkpoint now."""
        if (entry := self.entry) is not None:
            self.act_on(entry, lambda: entry.run.ask("checkpoint"), "It writes a checkpoint.")

    @command("enter,R", "results", when=has_run)
    def open_results(self) -> None:
        """What came of it: confusion matrix, figures by class, summary."""
        super().open_results()

    @command("H,shift+left", "pan", group=CURVES, shown=False)
    def pan_left(self) -> None:
        """Move a zoomed view to the left."""
        self.pan(-0.5)

    @command("L,shift+right", "pan", group=CURVES, shown=False)
    def pan_right(self) -> None:
        """Move a zoomed view to the right."""
        self.pan(0.5)


def _unknown() -> Status:
    """The status of a run that was not read yet."""
    return Status(state="starting", preset="", created=0.0, message="reading the run")


def _steady(curves: CurvesView) -> tuple[float, float]:
    """The window, reaching a little past the end of a live run: what is drawn then stays in place.

    The end moves on in steps of a sixteenth to an eighth of the run, and all is drawn anew then.
    """
    steps = curves.history.steps["step"]
    count = int(steps[-1]) if len(steps) else 0
    if curves.status.state not in LIVE or curves.window != (0.0, 1.0) or count < 16:
        return curves.window
    step = 2 ** (int(math.log2(count)) - 3)
    return 0.0, -(-count // step) * step / count


def _same_look(one: CurvesView, other: CurvesView) -> bool:
    """Whether two views draw the same of a run."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("by", "smooth", "log", "window", "cursor")
    )


def _same(one: object, other: object) -> bool:
    """Whether what was drawn last still stands: the same log, look, size and colours."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return False
    curves, before = one[0], other[0]
    return (
        one[1:] == other[1:] and curves.history is before.history
        and curves.status == before.status and _same_look(curves, before)
    )  # fmt: skip


def _rows(text: object, width: int) -> int:
    """Lines that a text takes at a width."""
    assert isinstance(text, Text)
    return sum(max(-(-line.cell_len // width), 1) for line in text.split("\n"))


def _event_lines(lines: tuple[Line, ...], theme: Theme) -> Text:
    """Events in words, the newest first."""
    colours = {"good": theme.good, "bad": theme.bad, "warn": theme.warn}
    text = Text()
    for line in reversed(lines):
        text.append(f"{line.when:>9}  ", style=theme.muted)
        text.append(f"{line.sign} {line.text}", style=colours.get(line.kind, "")).append("\n")
    return text or Text("nothing has happened yet", style=theme.muted)
