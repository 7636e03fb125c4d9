"""All tables: how far each is, and how near the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Static

from labbench import units
from labbench.draw.columns import cells_of
from labbench.draw.plain import Text
from labbench.tables.overview import COLUMNS, NARROW, TableRow
from labbench.tables.progress import TableProgress
from labbench.tables.view import TOLERANCE
from labbench.tui.commands import command
from labbench.tui.screen import WIDE
from labbench.tui.table import Table
from labbench.tui.tables.reader import Found, Reader, ReadingScreen
from labbench.tui.tables.sweeping import ask_to_run, ask_to_stop

if TYPE_CHECKING:
    from labbench.draw.export import View


class TablesScreen(ReadingScreen):
    """The report's tables and your own."""

    CSS_PATH = "tables.tcss"
    keys = ("open_table", "run_missing", "stop_all")
    about = (
        "The tables of the report, and below them your own: how many cells have a figure here, "
        "what is under way, how many figures are as near the published ones as the tolerance "
        "allows, and the mean difference. A cell is a run's settings, not its name."
    )

    def __init__(self) -> None:
        super().__init__(Reader())
        self._found = Found()
        self._columns = tuple(COLUMNS.values())

    def body(self) -> Iterable[Widget]:
        yield Static("reading the tables ...", id="said")
        yield Table(self._columns, self._cells, id="tables")
        yield Static(id="told")

    def on_mount(self) -> None:
        self.query_one(Table).focus()

    def on_resize(self, event: events.Resize) -> None:
        self._choose_columns(event.size.width)

    def _choose_columns(self, width: int) -> None:
        """Those that there is room for, without those that would be empty in every row."""
        empty = set() if any(self._found.left_s.values()) else {"time left"}
        if all(one.count("missing") == len(one.cells) for one in self._found.tables):
            empty.add("clips")
        columns = COLUMNS if width >= WIDE else NARROW
        chosen = tuple(one for name, one in columns.items() if name not in empty)
        if chosen != self._columns:
            self._columns = chosen
            self.query_one(Table).set_columns(chosen)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # The presets may have been changed while another screen was in front.
        self.read_presets()

    def show_tables(self, found: Found) -> None:
        self._found = found
        self._choose_columns(self.size.width)
        table = self.query_one(Table)
        table.redraw()
        table.show([one.layout.name for one in self._found.tables])
        self._say()

    # What is in view

    @property
    def current(self) -> TableProgress | None:
        """The table under the cursor."""
        return self._table(self.query_one(Table).cursor or "")

    def _table(self, name: str) -> TableProgress | None:
        return next((one for one in self._found.tables if one.layout.name == name), None)

    @property
    def tolerance(self) -> float:
        """How far a figure may be from the published one."""
        return self.bench.settings.tables_tolerance

    def _say(self) -> None:
        """The line above: all tables together; below: the one under the cursor in words."""
        theme, tables = self.bench.palette, self._found.tables
        done, cells = sum(one.done for one in tables), sum(len(one.cells) for one in tables)
        text = Text(f"{units.plural(len(tables), 'table')}  ")
        text.append(f"{done} of {cells} cells done · tolerance {self.tolerance:g}", theme.muted)
        for error in self._found.errors[:1]:
            text.append(f"  ✖ {error}", style=theme.bad)
        self.query_one("#said", Static).update(text)
        self.query_one("#told", Static).update(self._told())
        self.refresh_keys()

    def _told(self) -> Text:
        one, theme = self.current, self.bench.palette
        if one is None:
            return Text("")
        text = Text.assemble((one.layout.name, "bold"), f"  {one.layout.about}")
        text.truncate(max(self.size.width - 2, 20), overflow="ellipsis")
        text.append("\n")
        missing = one.count("missing")
        if missing == len(one.cells):
            return text.append(f"Nothing run yet: m runs all {missing} cells.", theme.muted)
        parts = [f"{missing} not run yet: m runs them"] if missing else [self._all(one)]
        left = self._found.left_s.get(one.layout.name)
        if left:
            parts.append(f"what is under way takes {units.duration(left)} at most")
        parts.append(f"on {one.clips.name}")
        return text.append(" · ".join(parts), theme.muted)

    def _all(self, one: TableProgress) -> str:
        return "all cells were run" if one.done == len(one.cells) else "every cell has a run"

    def _cells(self, key: str) -> Sequence[Text]:
        one = self._table(key)
        if one is None:
            return [Text() for _ in self._columns]
        row = TableRow(one, self.tolerance, self._found.left_s.get(key))
        return cells_of(self._columns, row, self.bench.palette)

    def on_table_moved(self, event: Table.Moved) -> None:
        self._say()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.open_table()

    # What commands do

    @command("enter,l,right", "open", when=lambda self: self.current is not None)
    def open_table(self) -> None:
        """Open the table: ours beside the published figures."""
        from labbench.tui.tables.table import TableScreen

        if self.current is not None:
            self.app.push_screen(TableScreen(self.current.layout.name))

    @command("m", "run what is missing", when=lambda self: self.current is not None)
    def run_missing(self) -> None:
        """Run what is missing of the table, after asking."""
        if self.current is not None:
            ask_to_run(self.bench, self.current.layout, 1)

    @command(
        "x",
        "stop all",
        when=lambda self: self.current is not None and self.current.count("live", "queued") > 0,
    )
    def stop_all(self) -> None:
        """Stop all runs of the table, after asking."""
        if self.current is not None:
            ask_to_stop(self.bench, self.current)

    def headless(self) -> str | None:
        same = self.tolerance == TOLERANCE
        return "labbench table" if same else f"labbench table --tolerance {self.tolerance:g}"

    def exportable(self) -> bool:
        return bool(self._found.tables)

    def view(self) -> View | None:
        from labbench.tables.overview import TablesView

        return TablesView.of(self._found.tables, tolerance=self.tolerance)
