"""One table with a cursor over its cells: ours, published, difference, live ones with a curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.widget import Widget
from textual.widgets import Static

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.evaluation.compare import accuracy
from labbench.tables.cell_block import colour
from labbench.tables.layout import TableLayout
from labbench.tables.progress import ROW_SORTS, Cell, RowSort, TableProgress, sorted_rows
from labbench.tables.view import TOLERANCE, TableView
from labbench.text import shell_quoted
from labbench.tui.canvas import Canvas, drawn
from labbench.tui.commands import command
from labbench.tui.dialogs import Choose
from labbench.tui.mixins import GridKeys
from labbench.tui.routes import ToResults, ToRun
from labbench.tui.tables.reader import Found, Reader, ReadingScreen
from labbench.tui.tables.sweeping import ChooseParts, Parts, ask_to_run, ask_to_stop

if TYPE_CHECKING:
    from labbench.draw.export import View


def cell_in_words(cell: Cell, tolerance: float, theme: Theme) -> Text:
    """The cell under the cursor: its preset, our figure and the published one, its runs."""
    text = Text.assemble((cell.planned.name, "bold"), "  ", _state(cell, theme))
    text.append(f"  {units.whole(cell.planned.parameters)} parameters", style=theme.muted)
    text.append("\n").append_text(_figures(cell, tolerance, theme))
    text.append("\n").append_text(_runs(cell, theme))
    return text


def _state(cell: Cell, theme: Theme) -> Text:
    if cell.state == "missing":
        return Text("· not run yet", style=theme.muted)
    if cell.live is not None:
        status = cell.live.status
        left = f", {units.duration(status.left_s)} left" if status.left_s is not None else ""
        sign = glyphs.state(status.state, theme)
        return sign.append(f" {status.epoch}/{status.epochs}{left}")
    return glyphs.state(cell.state, theme)


def _figures(cell: Cell, tolerance: float, theme: Theme) -> Text:
    """Ours over seeds, the published figure, and the difference."""
    text = Text()
    if cell.mean is not None:
        spread = f" ± {cell.deviation:.4f}" if cell.deviation is not None else ""
        seeds = units.plural(len(cell.accuracies), "seed")
        text.append(f"here {units.accuracy(cell.mean)}{spread}")
        text.append(f" ({seeds}{', synthetic speech' if cell.synthetic else ''})  ", theme.muted)
    if cell.planned.figure is None:
        return text.append("not in the report", style=theme.muted)
    if cell.published is None:
        return text.append("X in the report: not run then", style=theme.muted)
    text.append(f"published {units.accuracy(cell.published)}  ", style=theme.published)
    if cell.difference is not None:
        far = units.difference(cell.difference)
        text.append(f"{far} ", style=colour(cell, tolerance, theme))
        within = abs(cell.difference) <= tolerance + 5e-5
        text.append(f"{'within' if within else 'misses'} {tolerance:g}", style=theme.muted)
    return text


def _runs(cell: Cell, theme: Theme) -> Text:
    """The runs of the cell; of one that ails, why."""
    if not cell.runs:
        return Text("m runs what is missing, M chooses rows, columns and seeds", style=theme.muted)
    if (failed := cell.failed_run) is not None:
        said = f"{failed.run.number} {failed.status.message} {failed.status.hint}".strip()
        return Text(said, style=theme.bad)
    shown = [f"{one.run.number} seed {one.seed} {one.state}" for one in cell.runs[-4:]]
    more = "" if len(cell.runs) <= 4 else f"{len(cell.runs) - 4} more, "
    return Text(f"{units.plural(len(cell.runs), 'run')}: {more}{', '.join(shown)}", theme.muted)


TOLERANCES = (0.005, 0.01, 0.02, 0.05)


class TableScreen(GridKeys, ReadingScreen):
    """A table as the report prints it."""

    CSS_PATH = "tables.tcss"
    keys = (
        "open_cell", "run_cell", "run_missing", "choose_parts", "open_results", "stop_all",
        "next_tolerance", "ask_sort", "previous_table", "next_table",
    )  # fmt: skip
    about = (
        "A table: of each cell our accuracy on the test clips (mean and standard deviation over "
        "seeds), the published one, and the difference: green within the tolerance, red below, "
        "yellow above it, both with a `!`. A live cell has the course of its validation accuracy. "
        "The row's parameters are checked against the report's (✔). X: not run in the report."
    )

    def __init__(self, name: str) -> None:
        super().__init__(Reader(name))
        self.table_name = name
        self._found: Found | None = None
        self._cursor: tuple[str, str] | None = None
        self._sort: RowSort = "table"
        self._parts = Parts()

    def where(self) -> str:
        return self.table_name

    def clips(self) -> str:
        return self.progress.clips.name if self.progress else ""

    def body(self) -> Iterable[Widget]:
        yield Static("reading the table ...", id="empty")
        yield Canvas(draw=self.draw, click=self.click, id="grid")
        yield Static(id="told")

    def show_tables(self, found: Found) -> None:
        self._found = found
        if self._cursor is None and self.progress is not None:
            self._cursor = self._first_place(self.progress)
        self.draw()
        self.refresh_top()
        self.refresh_keys()

    def _first_place(self, progress: TableProgress) -> tuple[str, str]:
        """Where the cursor begins: at what runs, else at the first cell."""
        live = (place for place, cell in progress.cells.items() if cell.live is not None)
        return next(live, next(iter(progress.cells)))

    # What is in view

    @property
    def progress(self) -> TableProgress | None:
        """The table with its runs."""
        return self._found.tables[0] if self._found and self._found.tables else None

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        if self.progress is None or self._cursor is None:
            return None
        return self.progress.cells[self._cursor]

    @property
    def tolerance(self) -> float:
        """How far a figure may be from the published one."""
        return self.bench.settings.tables_tolerance

    @property
    def rows(self) -> Sequence[str]:
        """The rows in the order they are shown in."""
        if self.progress is None or self._cursor is None:
            return ()
        return sorted_rows(self.progress, self._sort, self._cursor[1])

    def table_view(self, *, cursor: bool = True) -> TableView | None:
        """What is drawn."""
        progress, found = self.progress, self._found
        if progress is None or found is None:
            return None
        return TableView.of(
            progress, tolerance=self.tolerance, courses=found.courses, rows=self.rows,
            cursor=self._cursor if cursor else None, left_s=found.left_s.get(self.table_name),
        )  # fmt: skip

    def draw(self) -> None:
        """Draw the table, and the cell under the cursor in words."""
        empty, grid, below = (self.query_one(f"#{part}") for part in ("empty", "grid", "told"))
        view, found = self.table_view(), self._found
        empty.display, grid.display, below.display = (
            view is None,
            view is not None,
            view is not None,
        )
        if view is None:
            if found is not None and found.errors and isinstance(empty, Static):
                empty.update(Text(str(found.errors[0]), style=self.bench.palette.bad))
            return
        canvas, theme = self.query_one(Canvas), self.bench.palette
        if size := canvas.size:
            picture = view.render(size.width, size.height, theme=theme)
            canvas.show(drawn(picture, size, self.app.console))
        if self.cell is not None:
            self.query_one("#told", Static).update(cell_in_words(self.cell, self.tolerance, theme))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.draw)

    def theme_changed(self) -> None:
        super().theme_changed()
        self.draw()

    # What commands do

    def move(self, rows: int, columns: int) -> None:
        if self.progress is None or self._cursor is None:
            return
        order, names = list(self.rows), list(self.progress.layout.columns)
        row = order.index(self._cursor[0]) + rows
        column = names.index(self._cursor[1]) + columns
        self._go_to(
            order[min(max(row, 0), len(order) - 1)], names[min(max(column, 0), len(names) - 1)]
        )

    def _go_to(self, row: str, column: str) -> None:
        self._cursor = (row, column)
        self.draw()
        self.refresh_keys()

    def click(self, x: int, y: int, open_it: bool) -> None:
        """Have the cursor where the mouse is; a second click opens the run."""
        view, size = self.table_view(), self.query_one(Canvas).size
        place = view.place_at(x, y, size.width, size.height) if view else None
        if place is not None:
            self._go_to(*place)
            if open_it:
                self.open_cell()

    @command("enter", "open run", when=lambda self: self.cell is not None and bool(self.cell.runs))
    def open_cell(self) -> None:
        """Open the cell's run; of several, choose one."""
        self._choose_run(lambda run_id: self.bench.go(ToRun(run_id)))

    @command(
        "enter", "run this cell", when=lambda self: self.cell is not None and not self.cell.runs
    )
    def run_cell(self) -> None:
        """Run the cell that has no run yet, after asking."""
        if self._cursor is not None:
            self._run(Parts((self._cursor[0],), (self._cursor[1],), self._parts.seeds))

    @command("R", "results", when=lambda self: self.cell is not None and bool(self.cell.runs))
    def open_results(self) -> None:
        """Results of the cell's run: confusion matrix, figures by class."""
        self._choose_run(lambda run_id: self.bench.go(ToResults(run_id)))

    def _choose_run(self, then: Callable[[str], None]) -> None:
        runs = self.cell.runs if self.cell else ()
        if len(runs) == 1:
            then(runs[0].run.id)
            return
        options = [
            (one.run.id, f"{one.run.number}  seed {one.seed}  {one.state:9} "
             f"{units.accuracy(accuracy(one.status))}")
            for one in reversed(runs)
        ]  # fmt: skip

        def chosen(run_id: str | None) -> None:
            if run_id is not None:
                then(run_id)

        self.app.push_screen(Choose("Which of its runs?", options), chosen)

    @command("m", "run missing", when=lambda self: self.progress is not None)
    def run_missing(self) -> None:
        """Run all that is missing, after asking."""
        self._run(Parts(seeds=self._parts.seeds))

    def _run(self, parts: Parts) -> None:
        from labbench.tui.bench.outline import library

        try:
            layout = TableLayout.of(
                library(), self.table_name, rows=parts.rows, columns=parts.columns
            )
        except LabbenchError as error:
            self.bench.complain(error)
            return
        ask_to_run(self.bench, layout, parts.seeds)

    @command("M", "choose", when=lambda self: self.progress is not None)
    def choose_parts(self) -> None:
        """Choose rows, columns and seeds, and run what is missing of them."""

        def chosen(parts: Parts | None) -> None:
            if parts is not None:
                self._parts = parts
                self._run(parts)

        if self.progress is not None:
            self.app.push_screen(ChooseParts(self.progress.layout, self._parts), chosen)

    @command(
        "x",
        "stop all",
        when=lambda self: self.progress is not None and self.progress.count("live", "queued") > 0,
    )
    def stop_all(self) -> None:
        """Stop all runs of the table, after asking."""
        if self.progress is not None:
            ask_to_stop(self.bench, self.progress)

    @command("t", "tolerance")
    def next_tolerance(self) -> None:
        """Change how far figures may be from the published ones."""
        larger = [one for one in TOLERANCES if one > self.tolerance + 1e-9]
        self.bench.remember(tables_tolerance=larger[0] if larger else TOLERANCES[0])
        self.draw()

    @command("s", "sort", when=lambda self: self.progress is not None)
    def ask_sort(self) -> None:
        """Sort rows by the column under the cursor."""

        def chosen(sort: str | None) -> None:
            if sort is not None:
                self._sort = cast(RowSort, sort)
                self.draw()

        question = f"Sort rows by {self._cursor[1] if self._cursor else ''}"
        self.app.push_screen(Choose(question, tuple(ROW_SORTS.items()), self._sort), chosen)

    def other_table(self, step: int) -> None:
        """The table before or after this one."""
        from labbench.tui.bench.outline import library

        names = [table.name for table in library().tables()]
        if self.table_name in names:
            index = names.index(self.table_name) + step
            if 0 <= index < len(names):
                self.app.switch_screen(TableScreen(names[index]))

    def headless(self) -> str | None:
        parts = [f"labbench table {shell_quoted(self.table_name)}"]
        parts += [] if self.tolerance == TOLERANCE else [f"--tolerance {self.tolerance:g}"]
        if self._sort != "table" and self._cursor:
            parts += [f"--sort {self._sort}", f"--by {shell_quoted(self._cursor[1])}"]
        return " ".join(parts)

    def exportable(self) -> bool:
        return self.progress is not None

    def view(self) -> View | None:
        return self.table_view(cursor=False)

    @command("left_square_bracket", "table", written="[ ]")
    def previous_table(self) -> None:
        """Go to the table before."""
        self.other_table(-1)

    @command("right_square_bracket", "next table", shown=False)
    def next_table(self) -> None:
        """Go to the next table."""
        self.other_table(1)
