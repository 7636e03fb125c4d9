"""One run: its curves, figures, events and console, live and afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.runs import RunFolder, Status
from labbench.runs.history import fold
from labbench.runs.poller import RunsSnapshot
from labbench.text import shell_quoted
from labbench.tui.canvas import Canvas, Caption
from labbench.tui.commands import command
from labbench.tui.loader import Loader
from labbench.tui.mixins import CURVES, ChartKeys, PaneKeys, has_curves
from labbench.tui.run.figures import figures, head
from labbench.tui.run.reader import Followed, Read, Reader, Request
from labbench.tui.runs.acting import OneRun, WatchesRuns, has_run
from labbench.views.curves import BYS, By, CurvesView
from labbench.views.log import in_lines
from labbench.views.track import WHOLE

if TYPE_CHECKING:
    from labbench.draw.export import View

DRAW_EVERY_S = 0.5
"""A live run is drawn at most this often."""

SHARE = 0.05
"""Of a core, for reading and drawing a live run."""

SMOOTH = (0.0, 0.6, 0.9, 0.97)
TALL = 32
PANES = ("curves", "events", "console")


class RunScreen(OneRun, WatchesRuns, ChartKeys, PaneKeys):
    """Curves above, events and console below or, on a small terminal, behind tab."""

    CSS_PATH = "run.tcss"
    keys = (
        "see_all", "open_results", "open_inside", "stop", "resume", "checkpoint", "next_pane",
        "next_by", "next_smooth", "toggle_log", "zoom_in", "duplicate", "zoom_out", "cursor_left",
        "cursor_right", "pan_left", "pan_right", "previous_run", "next_run", "previous_pane",
    )  # fmt: skip
    pane_list = ", ".join(PANES)
    about = (
        "One run. Thin lines are the training batches, thick ones validation after each epoch; "
        "the dashed line is the published accuracy, ◆ the best epoch. Left and right move a "
        "cursor that shows the values; + and - zoom around it."
    )

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        unread = Status(state="starting", preset="", created=0.0, message="reading the run")
        self._curves = CurvesView(run_id, unread, fold([]))
        """How curves are drawn, with what is known of the run."""
        self._reader: Reader | None = None
        self._loader = Loader(
            self, self._request, self._read, self._show_read, self._say_why, share=SHARE
        )
        self._pane = PANES[0]
        self._told: tuple[object, object] = (None, None)

    def where(self) -> str:
        return self.run_id

    def body(self) -> Iterable[Widget]:
        yield Caption(id="head")
        with Vertical(id="run"):
            yield Canvas(draw=self.read_on, id="chart")
            yield Caption(id="reading")
            yield Caption(id="figures")
            yield Static(id="tabs")
            with ContentSwitcher(id="panes", initial="events"):
                with VerticalScroll(id="events"):
                    yield Static(id="lines")
                with VerticalScroll(id="console"):
                    yield Static(id="log", markup=False)

    def on_mount(self) -> None:
        kept, run = self.bench.settings, RunFolder(self.bench.root / self.run_id)
        self._reader = Reader(run)
        self._curves = replace(
            self._curves, by=kept.curves_by, smooth=kept.curves_smooth, log=kept.curves_log,
            folder=run,
        )  # fmt: skip
        self._show_pane()
        self.while_in_front(DRAW_EVERY_S, self._loader.ask_if_due)

    # Reading

    @property
    def chart(self) -> Canvas:
        """The curves, as they were drawn last."""
        return self.query_one("#chart", Canvas)

    def read_on(self) -> None:
        """Read what is new and draw."""
        self._loader.ask()

    def _request(self) -> Request:
        return Request(self._curves, self.chart.size, self.bench.palette, self.app.console)

    def _read(self, request: Request) -> Read:
        assert self._reader is not None
        return self._reader.read(request)

    def _show_read(self, read: Read) -> None:
        followed = read.followed
        self._curves = replace(self._curves, status=followed.status, history=followed.history)
        self.chart.show(read.chart)
        self._tell(followed)
        if not followed.complete:
            self.read_on()

    def _say_why(self, error: LabbenchError) -> None:
        """The run cannot be read."""
        self.query_one("#head", Caption).say(Text(str(error), style=self.bench.palette.bad))

    def _tell(self, followed: Followed) -> None:
        """Bring head, figures, reading and panes up to date where they changed."""
        theme, width = self.bench.palette, self.query_one("#figures").size.width
        title = head(followed.status, self.bench.runs.place(self.run_id), theme)
        if not followed.complete:
            title.append(f"  reading the log: {followed.share:.0%}", style=theme.accent)
        self.query_one("#head", Caption).say(title)
        said = figures(followed.status, followed.history, width, theme)
        self.query_one("#figures", Caption).say(said)
        reading, line = self._curves.reading(), self.query_one("#reading", Caption)
        line.display = bool(reading)
        line.say(Text(reading, style=theme.accent, no_wrap=True, overflow="ellipsis"))
        lines, console = (followed.lines, theme), followed.console
        before, self._told = self._told, (lines, console)
        if lines != before[0]:
            self.query_one("#lines", Static).update(in_lines(followed.lines, theme))
        if console != before[1]:
            text = Text.lines(console or "no output yet")
            self.query_one("#log", Static).update(text)
            self.query_one("#console", VerticalScroll).scroll_end(animate=False)

    # What is in view

    def runs_changed(self, runs: RunsSnapshot) -> None:
        super().runs_changed(runs)
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
        self.chart.display = curves
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

    def step_pane(self, by: int) -> None:
        tall = self.size.height >= TALL
        shown = "events" if self._pane == "curves" and tall else self._pane
        panes = PANES[1:] if tall else PANES
        self._pane = panes[(panes.index(shown) + by) % len(panes)]
        self._show_pane()
        if self._pane != "curves":
            self.query_one(f"#{self._pane}").focus()
        self.call_after_refresh(self.read_on)

    def another(self, run_id: str) -> RunScreen:
        return RunScreen(run_id)

    # How curves are drawn

    @property
    def drawing(self) -> bool:
        return self.chart.display

    @property
    def zoomed(self) -> bool:
        return self._curves.cursor is not None or self._curves.window != WHOLE

    def _look(self, curves: CurvesView) -> None:
        self._curves = curves
        self.refresh_keys()
        self.read_on()

    def next_by(self) -> None:
        names: tuple[By, ...] = BYS  # type: ignore[assignment]
        by = names[(names.index(self._curves.by) + 1) % len(names)]
        self.bench.remember(curves_by=by)
        self._look(replace(self._curves, by=by))

    @command("s", "smooth", when=has_curves, group=CURVES)
    def next_smooth(self) -> None:
        """Smooth the training curves: not, a little, much."""
        later = [weight for weight in SMOOTH if weight > self._curves.smooth]
        smooth = later[0] if later else 0.0
        self.bench.remember(curves_smooth=smooth)
        self._look(replace(self._curves, smooth=smooth))

    def toggle_log(self) -> None:
        log = not self._curves.log
        self.bench.remember(curves_log=log)
        self._look(replace(self._curves, log=log))

    def zoom(self, factor: float) -> None:
        curves = self._curves.zoomed(factor)
        self._look(curves if curves.cursor is None else _about(curves, curves.cursor))

    def pan(self, share: float) -> None:
        """Move the view by a share of its width."""
        self._look(self._curves.panned(share))

    def move_cursor(self, columns: int) -> None:
        curves = self._curves
        start, stop = curves.window
        width = max(self.chart.size.width // 2, 1)
        cursor = (start + stop) / 2
        if curves.cursor is not None:
            cursor = min(max(curves.cursor + columns * (stop - start) / width, 0.0), 1.0)
        curves = replace(curves, cursor=cursor)
        self._look(curves if start <= cursor <= stop else _about(curves, cursor))

    def see_all(self) -> None:
        self._look(replace(self._curves, window=WHOLE, cursor=None))

    def headless(self) -> str | None:
        name = self.entry.run.called if self.entry else shell_quoted(self.run_id)
        if not self.drawing:
            return f"labbench show {name} {self._pane}"
        one = self._curves
        options = [f"--by {one.by}" if one.by != "step" else ""]
        options += [f"--smooth {one.smooth}" if one.smooth else ""]
        options += ["--log" if one.log else ""]
        options += one.part.options()
        parts = ["labbench show", name, "curves", *options]
        return " ".join(filter(None, parts))

    def exportable(self) -> bool:
        return self._told != (None, None)

    def view(self) -> View | None:
        return self._curves

    @command(
        "w", "checkpoint",
        when=lambda self: has_run(self) and self.entry.status.state == "running",
    )  # fmt: skip
    def checkpoint(self) -> None:
        """Write a checkpoint now."""
        if (entry := self.entry) is not None:
            self.act_on(entry, lambda: entry.run.ask("checkpoint"), "Writing a checkpoint.")

    @command("enter,R", "results", when=has_run)
    def open_results(self) -> None:
        """Results: confusion matrix, figures by class, summary."""
        super().open_results()

    @command("H,shift+left", "pan", group=CURVES, shown=False)
    def pan_left(self) -> None:
        """Move a zoomed view to the left."""
        self.pan(-0.5)

    @command("L,shift+right", "pan", group=CURVES, shown=False)
    def pan_right(self) -> None:
        """Move a zoomed view to the right."""
        self.pan(0.5)


def _about(curves: CurvesView, cursor: float) -> CurvesView:
    """The curves with the cursor in the middle of what is seen."""
    start, stop = curves.window
    return curves.panned((cursor - (start + stop) / 2) / (stop - start))
