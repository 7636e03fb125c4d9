"""Tables filled with the runs that were seen: read in a thread, shown by a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labbench.errors import PresetError
from labbench.runs.log import Course
from labbench.runs.poller import Entry, RunsSnapshot
from labbench.tables.layout import TableLayout
from labbench.tables.pace import left_s
from labbench.tables.progress import Cells, TableProgress
from labbench.tui.bench.outline import library
from labbench.tui.loader import Loader
from labbench.tui.screen import BenchScreen

MOST_BYTES = 32 << 20
"""Of one run's log at one reading of courses."""

Wanted = tuple[int, tuple[Entry, ...]]
"""How often the presets were asked for, and the runs that tables are filled with."""


@dataclass(frozen=True, slots=True)
class Found:
    """Tables as they stand, and what cannot be read."""

    tables: tuple[TableProgress, ...] = ()
    courses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """By run id: validation accuracies by epoch of live runs."""
    left_s: Mapping[str, float | None] = field(default_factory=dict)
    """By table: seconds until what waits and runs has ended, at most."""
    errors: tuple[PresetError, ...] = ()


class Reader:
    """Fills tables again and again. Used from one thread at a time.

    Args:
        name: only this table; "": all.
    """

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._layouts: tuple[TableLayout, ...] = ()
        self._loaded: int | None = None
        self._errors: tuple[PresetError, ...] = ()
        self._courses: dict[tuple[str, int], Course] = {}

    def read(self, wanted: Wanted) -> Found:
        """The tables with the runs that were seen; presets are read anew where that is asked."""
        asked, entries = wanted
        if asked != self._loaded:
            self._load()
            self._loaded = asked
        cells = Cells((entry.run, entry.status) for entry in entries)
        tables = tuple(cells.progress(layout) for layout in self._layouts)
        left = {one.layout.name: left_s(one, max(one.count("live"), 1)) for one in tables}
        courses = self._read_courses(tables) if self._name else {}
        return Found(tables, courses, left, self._errors)

    def _load(self) -> None:
        known, layouts = library(), []
        own = f"{self._name}.toml"
        errors = [error for file, error in known.wrong.items() if not self._name or file == own]
        for name in [self._name] if self._name else [table.name for table in known.tables()]:
            try:
                layouts.append(TableLayout.of(known, name))
            except PresetError as error:
                errors.append(error)
        self._layouts, self._errors = tuple(layouts), tuple(errors)

    def _read_courses(self, tables: Sequence[TableProgress]) -> dict[str, Sequence[float]]:
        found: dict[str, Sequence[float]] = {}
        for one in (cell.live for table in tables for cell in table):
            if one is None:
                continue
            key = (one.run.id, one.status.attempt)
            course = self._courses.setdefault(key, Course(one.run.events_path))
            course.read(MOST_BYTES)
            found[one.run.id] = tuple(course.accuracies)
        return found


class ReadingScreen(BenchScreen[None]):
    """A screen that reads tables when runs have changed; a subclass gives `show_tables(found)`."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._asked = 0
        self._loader = Loader(self, self._wanted, reader.read, self.show_tables)

    def show_tables(self, found: Found) -> None:
        """Show what was read."""
        raise NotImplementedError

    def read_presets(self) -> None:
        """Read the presets anew, too: they may have changed."""
        self._asked += 1
        self._loader.ask()

    def _wanted(self) -> Wanted:
        return self._asked, self.bench.runs.entries

    def runs_changed(self, runs: RunsSnapshot) -> None:
        self._loader.ask()
