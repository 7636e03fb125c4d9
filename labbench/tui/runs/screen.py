"""All runs, live: a list that shows what matters of each, and the one under the cursor in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Static

from labbench import units
from labbench.draw.columns import cells_of
from labbench.draw.plain import Text
from labbench.evaluation.listed import SORTS, STATES, RunList
from labbench.runs import RunFolder
from labbench.runs.poller import Entry, RunsSnapshot
from labbench.tui.bench.welcome import Welcome
from labbench.tui.commands import command
from labbench.tui.dialogs import Choose
from labbench.tui.loader import Loader
from labbench.tui.mixins import SearchBox, SearchKeys
from labbench.tui.routes import ToData, ToPresets, ToRun
from labbench.tui.runs import rows
from labbench.tui.runs.acting import KeepsRuns, has_run
from labbench.tui.screen import WIDE
from labbench.tui.table import Table
from labbench.views.runs import RunRow

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.runs.log import Course

AGES_EVERY_S = 2.0
"""Ages are counted up this often."""

FILTERS: tuple[tuple[str, str], ...] = (
    ("all", "all runs"), ("live", "live and waiting"), ("finished", "finished"),
    ("stopped", "stopped"), ("failed", "failed and lost"), ("marked", "marked to compare"),
    ("noted", "with a tag or a note"),
)  # fmt: skip

MOST_BYTES = 32 << 20
"""Of one run's log at one reading of courses."""


class RunsScreen(KeepsRuns, SearchKeys):
    """All runs and how they stand."""

    AUTO_FOCUS = "Table"  # The search box before it may be hidden.
    CSS_PATH = "runs.tcss"
    keys = (
        "open_run", "launch_demo", "look_at_presets", "stop", "resume", "open_results",
        "open_inside", "mark", "list_all", "search", "ask_sort", "ask_filter", "duplicate", "tag",
        "note", "delete", "add_clips", "fetch_clips",
    )  # fmt: skip
    searched = "runs by preset, state, device, tag and note"
    about = (
        "All runs, including those on other machines that share this folder. The accuracy is that "
        "on test once a run is finished, the best on validation before. Runs on synthetic speech "
        "are not compared with published figures."
    )

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, Entry] = {}
        self._courses: dict[str, tuple[float, ...]] = {}
        self._readers: dict[tuple[str, int], Course] = {}
        self._read_at: dict[str, int] = {}
        self._loader = Loader(self, self._unread, self._read_courses, self._show_courses)
        self._columns = rows.columns((), wide=True)
        self._filter = "all"

    def body(self) -> Iterable[Widget]:
        yield Welcome()
        yield Static(id="said")
        yield SearchBox("runs")
        yield Table(self._columns, self._cells, id="runs")
        yield Static(id="told")

    def on_mount(self) -> None:
        self.query_one(SearchBox).display = False
        self.query_one(Welcome).display = False
        self.query_one(Table).focus()
        self.set_interval(AGES_EVERY_S, self._age)

    def on_resize(self, event: events.Resize) -> None:
        self._choose_columns(event.size.width)

    def _choose_columns(self, width: int) -> None:
        chosen = rows.columns(self._entries.values(), wide=width >= WIDE)
        if chosen != self._columns:
            self._columns = chosen
            self.query_one(Table).set_columns(chosen)

    # What is in view

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        return self._entries.get(self.query_one(Table).cursor or "")

    @property
    def empty(self) -> bool:
        """Whether there are no runs at all."""
        return self.bench.seen and not self.bench.runs.entries

    @property
    def wanted(self) -> RunList:
        """Which runs are listed, and in what order."""
        marked = tuple(RunFolder(self.bench.root / name) for name in self.bench.marked)
        return RunList(
            sort=self.bench.settings.runs_sort,
            state=next((one for one in STATES if one == self._filter), None),
            noted=self._filter == "noted",
            text=self.text,
            only=marked if self._filter == "marked" else None,
        )

    @property
    def can_search(self) -> bool:
        return not self.empty

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter leaves runs out."""
        return bool(self.text) or self._filter != "all" or self.searching

    def runs_changed(self, runs: RunsSnapshot) -> None:
        self._entries = {entry.id: entry for entry in runs.entries}
        self._choose_columns(self.size.width)
        self.list_found()

    def list_found(self) -> None:
        found = self.wanted.of(self._entries.values())
        self.query_one(Welcome).display = self.empty
        for part in ("#said", "#runs", "#told"):
            self.query_one(part).display = not self.empty
        self.query_one(Table).show([entry.id for entry in found])
        self._say(len(found))
        self._tell()
        self._loader.ask()

    def _say(self, count: int) -> None:
        """The line above the list: how many, and what they are narrowed to."""
        theme, all_runs = self.bench.palette, len(self._entries)
        text = Text(units.plural(all_runs, "run") if self.bench.seen else "reading runs ...")
        if count != all_runs:
            text = Text(f"{count:,} of {units.plural(all_runs, 'run')}")
        parts = [SORTS[self.bench.settings.runs_sort]]
        if self._filter != "all":
            parts.append(f"only {dict(FILTERS)[self._filter]}")
        if self.text:
            parts.append(f"matching {self.text!r}")
        if self.bench.marked:
            parts.append(f"◆ {len(self.bench.marked)} marked, 4 compares")
        text.append("  " + " · ".join(parts), style=theme.muted)
        self.query_one("#said", Static).update(text)

    def _tell(self) -> None:
        """The lines below the list: the run under the cursor in words."""
        entry = self.entry
        if entry is not None:
            text = rows.in_words(entry, self.bench.runs.place(entry.id), self.bench.palette)
        else:
            text = Text("No run matches. esc lists all again." if self._entries else "")
        self.query_one("#told", Static).update(text)
        self.refresh_keys()

    def on_table_moved(self, event: Table.Moved) -> None:
        self._tell()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.bench.go(ToRun(event.key))

    def _cells(self, key: str) -> Sequence[Text]:
        row = RunRow(
            self._entries[key], self.bench.services.now(), course=self._courses.get(key, ()),
            marked=key in self.bench.marked,
        )  # fmt: skip
        return cells_of(self._columns, row, self.bench.palette)

    def _age(self) -> None:
        if self.in_front:
            self.query_one(Table).refresh_rows()
            self._loader.ask()

    # Courses: read for runs in view only, where an epoch was added

    def _unread(self) -> tuple[Entry, ...] | None:
        entries = (self._entries.get(key) for key in self.query_one(Table).visible_keys())
        return tuple(
            one for one in entries if one and self._read_at.get(one.id) != one.status.epoch
        ) or None  # fmt: skip

    def _read_courses(self, unread: Sequence[Entry]) -> list[tuple[Entry, Course, bool]]:
        """The courses of some runs, each with whether its log was read to the end."""
        from labbench.runs.log import Course

        found = []
        for entry in unread:
            key = (entry.id, entry.status.attempt)
            course = self._readers.setdefault(key, Course(entry.run.events_path))
            found.append((entry, course, course.read(MOST_BYTES)))
        return found

    def _show_courses(self, found: Sequence[tuple[Entry, Course, bool]]) -> None:
        for entry, course, complete in found:
            self._courses[entry.id] = tuple(course.accuracies)
            if complete:
                self._read_at[entry.id] = entry.status.epoch
        self.query_one(Table).refresh_rows()
        self._loader.ask()

    # What commands do

    @command("space", "mark", when=has_run)
    def mark(self) -> None:
        """Mark the run for comparison, or unmark it."""
        if self.entry is not None:
            self.bench.mark(self.entry.id)
            table = self.query_one(Table)
            table.refresh_rows()
            table.action_move(1)
            self._say(len(table.keys))

    @command("escape", "all runs", when=lambda self: self.narrowed)
    def list_all(self) -> None:
        """List all runs again."""
        self._filter = "all"
        self.end_search()
        self.list_found()

    @command("s", "sort", when=lambda self: not self.empty)
    def ask_sort(self) -> None:
        """Sort by age, state, preset, accuracy, difference or time left."""

        def chosen(sort: str | None) -> None:
            if sort is not None:
                self.bench.remember(runs_sort=sort)
                self.list_found()

        sort = self.bench.settings.runs_sort
        self.app.push_screen(Choose("Sort runs", tuple(SORTS.items()), sort), chosen)

    @command("f", "filter", when=lambda self: not self.empty)
    def ask_filter(self) -> None:
        """List only runs in some states, marked or noted ones."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self._filter = name
                self.list_found()

        self.app.push_screen(Choose("List only", FILTERS, self._filter), chosen)

    def headless(self) -> str | None:
        return " ".join(["labbench runs", *self.wanted.options()])

    def exportable(self) -> bool:
        return bool(self._entries)

    def view(self) -> View | None:
        from labbench.views.runs import RunsView

        found = [self._entries[key] for key in self.query_one(Table).keys]
        return RunsView.of(found, now=self.bench.services.now())

    @command("enter,l,right", "open", when=has_run)
    def open_run(self) -> None:
        """Open the run: curves, events, console."""
        if self.entry is not None:
            self.bench.go(ToRun(self.entry.id))

    @command("enter", "launch", when=lambda self: self.empty)
    def launch_demo(self) -> None:
        """Train the demo on synthetic speech: there are no runs yet."""
        from labbench.presets import Library

        self.bench.launch(Library(lenient=True).get("demo"))

    @command("escape", "presets", when=lambda self: self.empty)
    def look_at_presets(self) -> None:
        """Show the presets: there are no runs yet."""
        self.bench.go(ToPresets())

    @command("a", "add clips", when=lambda self: self.empty)
    def add_clips(self) -> None:
        """Add a folder of your own clips."""
        self.bench.go(ToData("add"))

    @command("d", "fetch clips", when=lambda self: self.empty)
    def fetch_clips(self) -> None:
        """Fetch Speech Commands, the clips of the published figures."""
        self.bench.go(ToData("fetch"))
