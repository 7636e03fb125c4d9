"""Inside a run's net: the line of tabs and the tab in front."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.style import Style
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.analyses import ANALYSES
from labbench.runs.poller import RunsSnapshot
from labbench.tui.commands import Command, command
from labbench.tui.inside import work as notice
from labbench.tui.inside.clips import EvidenceTab, MapsTab, PredictTab
from labbench.tui.inside.dead import DeadTab
from labbench.tui.inside.features import FeaturesTab
from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.frame import Chosen, Frame, Subject
from labbench.tui.inside.maximise import MaximiseTab
from labbench.tui.inside.moving import tab_of
from labbench.tui.inside.pair import PairTab
from labbench.tui.inside.scatter import ScatterTab
from labbench.tui.inside.tab import Tab
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.worker.analyst import Analyst

OWN: tuple[type[Tab], ...] = (
    DeadTab, EvidenceTab, FeaturesTab, FiltersTab, MapsTab, MaximiseTab, PairTab, PredictTab,
    ScatterTab,
)  # fmt: skip
"""Those with keys of their own."""

_BY_KIND = {tab.kind: tab for tab in OWN}

TABS: tuple[type[Tab], ...] = tuple(_BY_KIND.get(kind) or tab_of(kind) for kind in ANALYSES)
"""One an analysis, from left to right."""

TABS_GROUP = "Tabs"


def _opens(tab: type[Tab]) -> Command:
    """The command that opens a tab."""
    return Command(
        f"open_{tab.__name__}", tab.letter, tab.title, f"Go to {tab.title}",
        lambda screen: screen.open_tab(tab), lambda screen: screen.subject is not None,
        TABS_GROUP, shown=False,
    )  # fmt: skip


OF_TABS = {tab: tab.commands() for tab in TABS}
OPENS = tuple(_opens(tab) for tab in TABS)


class InsideScreen(Frame):
    """The inside of one run's net."""

    CSS_PATH = "inside.tcss"
    keys = ("cancel", "ask_again", "next_tab", "previous_tab")
    of_parts = tuple(one for commands in OF_TABS.values() for one in commands)
    of_lists = OPENS
    about = "What a run's net learned, a question a tab."
    tabs: ClassVar[tuple[type[Tab], ...]] = TABS

    def __init__(self, run_id: str, tab: type[Tab] = TABS[0], **chosen: Any) -> None:
        """`chosen` are fields of `Chosen` to begin with: layer, channel, clip, word."""
        super().__init__(run_id, Chosen(**{"layer": "", **chosen}))
        self.tab: Tab | None = None
        """The tab in front."""
        self._first = tab
        self._analyst: Analyst | None = None
        self._told_unkept = False
        self._visited: dict[type[Tab], Tab] = {}
        self._behind: set[type[Tab]] = set()
        """Tabs not in front when the run trained on."""
        self._run_stamp: tuple[object, ...] | None = None

    def where(self) -> str:
        return f"{self.run_id} inside"

    def export_name(self) -> str:
        return f"{self.run_id} {self.tab.title if self.tab else ''}".strip()

    def clips(self) -> str:
        entry = self.bench.runs.entry(self.run_id)
        return entry.status.clips if entry else ""

    def explained(self) -> str:
        return self.tab.about if self.tab else self.about

    def body(self) -> Iterable[Widget]:
        tabs = Static(id="tabs")
        # Its links are styled here.
        tabs.auto_links = False
        yield tabs
        yield Vertical(Static("reading the run ...", id="opening"), id="pane")

    def on_mount(self) -> None:
        run = self.run_folder
        self._analyst = self.bench.services.analyst(run)
        self._show_tabs()
        in_thread(self, partial(Subject.of, run), self._opened, self._cannot_open)

    def on_unmount(self) -> None:
        if self._analyst is not None:
            self._analyst.close()

    @property
    def analyst(self) -> Analyst:
        assert self._analyst is not None
        return self._analyst

    def tell_unkept(self) -> None:
        if self.analyst.unkept and not self._told_unkept:
            self._told_unkept = True
            self.notify(self.analyst.unkept, severity="warning", timeout=8, markup=False)

    def _cannot_open(self, why: LabbenchError) -> None:
        said = notice.cannot(why, self.run_folder, self.bench.palette)
        self.query_one("#opening", Static).update(said)

    def _opened(self, subject: Subject) -> None:
        self.subject = subject
        self.query_one("#opening", Static).display = False
        if self.chosen.layer not in self.layers:
            self.chosen = replace(self.chosen, layer=self.layers[0], channel=0)
        self.open_tab(self._first)

    # Tabs

    def open_tab(self, kind: type[Tab]) -> None:
        """Bring a tab to the front; it is made when it is opened first."""
        if self.subject is None:
            return
        for tab in self._visited.values():
            tab.display = False
        made = kind not in self._visited
        tab = self.tab = self._visited.setdefault(kind, kind() if made else self._visited[kind])
        tab.display = True
        if made:
            self.query_one("#pane").mount(tab)
        else:
            tab.catch_up()
            tab.front_again()
            if kind in self._behind:
                tab.run_changed()
        self._behind.discard(kind)
        self.tab_changed()

    @command(
        "tab", "tabs", when=lambda self: self.tab is not None and len(self.tabs) > 1,
        group=TABS_GROUP,
    )  # fmt: skip
    def next_tab(self) -> None:
        """Go to the next tab."""
        self._step_tab(1)

    @command(
        "shift+tab", "tab before", when=lambda self: self.tab is not None and len(self.tabs) > 1,
        group=TABS_GROUP, shown=False,
    )  # fmt: skip
    def previous_tab(self) -> None:
        """Go to the tab before."""
        self._step_tab(-1)

    def _step_tab(self, by: int) -> None:
        """The next tab, and around."""
        if self.tab is not None:
            index = self.tabs.index(type(self.tab)) + by
            self.open_tab(self.tabs[index % len(self.tabs)])

    def action_open_tab(self, title: str) -> None:
        self.open_tab(next(tab for tab in self.tabs if tab.title == title))

    def tab_changed(self) -> None:
        self._show_tabs()
        self.refresh_keys()

    @command("escape", "cancel", when=lambda self: self.tab is not None and self.tab.busy)
    def cancel(self) -> None:
        """Cancel what is being computed."""
        if self.tab is not None:
            self.tab.cancel()

    @property
    def failed(self) -> bool:
        """Whether the tab in front shows nothing, and asking again may help."""
        tab = self.tab
        return tab is not None and not tab.busy and (tab.why is not None or tab.called_off)

    @command("enter", "try again", when=lambda self: self.failed)
    def ask_again(self) -> None:
        """Ask again for what could not be shown."""
        if self.tab is not None:
            self.tab.begin()

    def choose(self, **changes: Any) -> None:
        before, self.chosen = self.chosen, replace(self.chosen, **changes)
        if self.tab is not None and before != self.chosen:
            self.tab.catch_up()

    def _show_tabs(self) -> None:
        """The line of tabs: the one in front marked, at the right what it is at."""
        theme, width = self.bench.palette, self.size.width - 2
        at_work = self.tab.at_work(theme) if self.tab else Text()
        text = self._names(letters=True)
        if text.cell_len + at_work.cell_len + 2 > width:
            text = self._names(letters=False)
        text.truncate(width, overflow="ellipsis")
        gap = width - text.cell_len - at_work.cell_len
        if at_work and gap >= 2:
            text.append(" " * gap).append_text(at_work)
        self.query_one("#tabs", Static).update(text)

    def _names(self, *, letters: bool) -> Text:
        theme, front = self.bench.palette, type(self.tab) if self.tab else self._first
        text = Text(no_wrap=True, overflow="ellipsis")
        for tab in self.tabs:
            click = Style.from_meta({"@click": f"screen.open_tab('{tab.title}')"})
            here = f"bold underline {theme.accent}" if tab is front else theme.muted
            if letters:
                text.append(f"{tab.letter} ", style=Style.parse(theme.accent) + click)
            text.append(tab.title, style=Style.parse(here) + click)
            text.append("  " if letters else " ")
        text.rstrip()
        return text

    # The run and the app

    def runs_changed(self, runs: RunsSnapshot) -> None:
        entry = runs.entry(self.run_id)
        if entry is None:
            return
        status = entry.status
        stamp = (status.best_epoch, status.epoch, status.state)
        before, self._run_stamp = self._run_stamp, stamp
        if self.tab is not None and before is not None and before != stamp:
            self._behind = {*self._visited} - {type(self.tab)}
            self.tab.run_changed()

    def theme_changed(self) -> None:
        super().theme_changed()
        self._show_tabs()
        if self.tab is not None:
            self.tab.redraw()

    def on_resize(self) -> None:
        self._show_tabs()

    def all_commands(self) -> tuple[Command, ...]:
        own = OF_TABS[type(self.tab)] if self.tab else ()
        return (*own, *self.commands)

    def headless(self) -> str | None:
        return self.tab.headless() if self.tab else None

    def exportable(self) -> bool:
        return self.tab is not None and self.tab.why is None and self.tab.picture() is not None

    def view(self) -> View | None:
        return self.tab.picture() if self.tab else None
