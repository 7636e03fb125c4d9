"""A run's results: confusion matrix with a cursor, figures by class, summary; live and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.runs import RunFolder
from labbench.runs.poller import RunsSnapshot
from labbench.tui.canvas import Canvas, drawn
from labbench.tui.commands import command
from labbench.tui.loader import Loader
from labbench.tui.mixins import GridKeys, PaneKeys
from labbench.tui.results import lines
from labbench.tui.results.lines import nothing_yet
from labbench.tui.results.reader import SPLITS, Found, read
from labbench.tui.routes import ToInside
from labbench.tui.runs.acting import OneRun, has_run
from labbench.views.cell import CellView
from labbench.views.classes import ORDERS as SORTS
from labbench.views.classes import ClassesView
from labbench.views.classes import Order as Sort
from labbench.views.confusion import ConfusionView, Order

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.views.source import Evaluation

LOOK_EVERY_S = 1.0
"""Predictions are looked at this often for newer ones."""

PREVIEW = 6
"""From so many lines left below the matrix on, the cell's clips are listed there."""

NARROWEST = 16
"""Cells beside those of the matrix that its figures need."""

MATRIX = "Confusion matrix"
"""The help's heading of its keys."""

PANES = ("confusion", "classes", "summary")

Wanted = tuple[RunFolder, str | None, bool]
"""Whose results, on which split, and whether with the summary."""


class ResultsScreen(OneRun, PaneKeys, GridKeys):
    """The results of one run in three panes."""

    CSS_PATH = "results.tcss"
    keys = (
        "open_cell", "next_pane", "open_inside", "next_sort", "toggle_percent", "toggle_order",
        "next_worst", "inside_pair", "other_split", "resume", "duplicate", "previous_pane", "up",
        "down", "left", "right", "previous_run", "next_run",
    )  # fmt: skip
    pane_list = ", ".join(PANES)
    about = (
        "How well a run did. In the matrix a row is an actual word, a column a predicted one; the "
        "diagonal has a colour scale of its own, so that confusions stand out. The cell under the "
        "cursor is explained below. While the run trains, these are the latest validation "
        "results; they update by themselves."
    )

    def __init__(self, run_id: str, pane: str = PANES[0]) -> None:
        super().__init__(run_id)
        self.pane = pane
        self.found: Found | None = None
        """What was read last."""
        self._cursor: tuple[int, int] | None = None
        """The class a clip is of, and the one it was taken for, at the cursor."""
        self._percent = self._by_confusion = False
        self._sort: Sort = "name"
        self._split: str | None = None
        self.loader = Loader(self, self._wanted, self._read, self._show_found, self._say_why)

    @property
    def run_folder(self) -> RunFolder:
        """The run on disk."""
        return RunFolder(self.bench.root / self.run_id)

    @property
    def evaluation(self) -> Evaluation | None:
        """The results in view."""
        return self.found.evaluation if self.found else None

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have results."""
        return self.found.splits if self.found else ()

    def where(self) -> str:
        return f"{self.run_id} results"

    def body(self) -> Iterable[Widget]:
        yield Static(id="tabs")
        yield Static(id="said")
        yield Static("reading the results ...", id="empty")
        with Vertical(id="confusion"):
            yield Canvas(draw=self.draw_matrix, click=self.click, id="matrix")
            yield Static(id="preview")
        with VerticalScroll(id="classes", can_focus=False):
            yield Static(id="classes_text")
        with VerticalScroll(id="summary", can_focus=False):
            yield Static(id="summary_text")

    def on_mount(self) -> None:
        self._show()
        self.while_in_front(LOOK_EVERY_S, self.loader.ask)

    # Reading

    def _wanted(self) -> Wanted:
        return self.run_folder, self._split, self.pane == "summary"

    def _read(self, wanted: Wanted) -> Found:
        run, split, summary = wanted
        return read(run, split, self.found, summary=summary)

    def _show_found(self, found: Found) -> None:
        if found is self.found:
            return
        self.found = found
        if self._cursor is None and self.evaluation is not None:
            self._cursor = self._worst_cells()[0]
        self._show()

    def _say_why(self, error: LabbenchError) -> None:
        """The run cannot be read."""
        empty = self.query_one("#empty", Static)
        empty.update(Text(str(error), style=self.bench.palette.bad))
        for part in PANES:
            self.query_one(f"#{part}").display = False
        empty.display = True

    def runs_changed(self, runs: RunsSnapshot) -> None:
        super().runs_changed(runs)
        self.loader.ask()

    # What is in view

    @property
    def matrix_shown(self) -> bool:
        """Whether the confusion matrix is in view."""
        return self.pane == "confusion" and self.evaluation is not None

    def _show(self) -> None:
        """Bring all up to date."""
        theme, found = self.bench.palette, self.found
        bare = self.evaluation is None and not (found and found.summary and self.pane == "summary")
        self.query_one("#empty").display = bare
        for part in PANES:
            self.query_one(f"#{part}").display = part == self.pane and not bare
        width = self.size.width - 2
        tabs = lines.tabs(PANES, self.pane, found, width, theme)
        self.query_one("#tabs", Static).update(tabs)
        said = lines.figure_line(self.evaluation, width, theme)
        line = self.query_one("#said", Static)
        # The summary says it in words of its own.
        line.display = self.evaluation is not None and self.pane != "summary"
        line.update(said)
        classes = len(self.evaluation.report.words) if self.evaluation else 0
        self.query_one("#confusion").set_class(NARROWEST + 4 * classes <= width, "-airy")
        if bare and found is not None:
            self.query_one("#empty", Static).update(nothing_yet(found, theme))
        elif self.pane == "confusion":
            self.draw_matrix()
        else:
            self._write_page(width)
        self.refresh_keys()
        self.refresh_top()

    def _write_page(self, width: int) -> None:
        """The classes or the summary, which scroll."""
        theme = self.bench.palette
        # One cell stays free for the scrollbar.
        if self.pane == "classes" and self.evaluation is not None:
            view = ClassesView(self.evaluation, self._sort)
            self.query_one("#classes_text", Static).update(view.body(width - 1, theme))
        if self.pane == "summary" and self.found and self.found.summary:
            page = self.found.summary.render(width - 1, theme=theme)
            self.query_one("#summary_text", Static).update(page)

    def draw_matrix(self) -> None:
        """Draw the heat map, and the clips of its cell where there is room below."""
        if not self.matrix_shown or self.evaluation is None:
            return
        canvas, preview = self.query_one(Canvas), self.query_one("#preview", Static)
        whole, needed = self.query_one("#confusion").size, len(self.evaluation.report.words) + 5
        roomy = whole.height - needed - 1 >= PREVIEW
        preview.display = roomy
        canvas.styles.height = needed if roomy else "1fr"
        theme, size = self.bench.palette, canvas.size
        if size:
            picture = self._matrix().body(size.width, size.height, theme)
            canvas.show(drawn(picture, size, self.app.console))
        if roomy and (cell := self._cell()):
            left = whole.height - needed - 1
            preview.update(cell.render(whole.width, left, theme=theme))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._show)

    def theme_changed(self) -> None:
        super().theme_changed()
        self._show()

    def step_pane(self, by: int) -> None:
        self.pane = PANES[(PANES.index(self.pane) + by) % len(PANES)]
        self._show()
        self.loader.ask()

    @command("t", "test/validation", when=lambda self: len(self.splits) > 1)
    def other_split(self) -> None:
        """Evaluate on the validation clips, or on the test clips."""
        now = self.evaluation.split if self.evaluation else SPLITS[0]
        self._split = SPLITS[1 - SPLITS.index(now)]
        self.loader.ask()

    def another(self, run_id: str) -> ResultsScreen:
        return ResultsScreen(run_id, self.pane)

    @command("s", "sort", when=lambda self: self.pane == "classes" and self.evaluation is not None)
    def next_sort(self) -> None:
        """Sort classes by name, precision, recall, F1 or clips, the worst first."""
        sorts: tuple[Sort, ...] = SORTS  # type: ignore[assignment]
        self._sort = sorts[(sorts.index(self._sort) + 1) % len(sorts)]
        self._show()

    # The matrix and its cursor

    def _matrix(self) -> ConfusionView:
        """The heat map with the cell under the cursor marked."""
        assert self.evaluation is not None
        order: Order = "confusion" if self._by_confusion else "name"
        view = ConfusionView(self.evaluation, self._percent, order)
        places = view.places
        actual, predicted = self._cursor or (0, 0)
        return view.at(places.index(actual), places.index(predicted))

    def _cell(self) -> CellView | None:
        """The clips of the cell under the cursor."""
        found = self.found
        if found is None or found.evaluation is None or found.predictions is None:
            return None
        return CellView.of(found.evaluation, found.predictions, *(self._cursor or (0, 0)))

    def _worst_cells(self) -> list[tuple[int, int]]:
        """The cells of the confusions, the worst first; the first cell where there are none."""
        assert self.evaluation is not None
        report = self.evaluation.report
        return [
            (report.words.index(one.actual), report.words.index(one.predicted))
            for one in report.confusions()
        ] or [(0, 0)]

    @property
    def cell_count(self) -> int:
        """Clips of the cell under the cursor, 0 where none is in view."""
        if not self.matrix_shown or self.evaluation is None or self._cursor is None:
            return 0
        return int(self.evaluation.report.matrix[self._cursor])

    @property
    def confused(self) -> tuple[str, str] | None:
        """The two words of the cell under the cursor, where they are two."""
        if not self.matrix_shown or self.evaluation is None or self._cursor is None:
            return None
        actual, predicted = (self.evaluation.report.words[place] for place in self._cursor)
        return (actual, predicted) if actual != predicted else None

    def _go_to(self, row: int, column: int) -> None:
        """Have the cursor at a row and column as shown."""
        view = self._matrix().at(row, column)
        assert view.cell is not None
        self._cursor = view.places[view.cell[0]], view.places[view.cell[1]]
        self.draw_matrix()
        self.refresh_keys()

    def move(self, rows: int, columns: int) -> None:
        if self.matrix_shown:
            row, column = self._matrix().cell or (0, 0)
            self._go_to(row + rows, column + columns)
        elif self.pane != "confusion":
            page = self.query_one(f"#{self.pane}", VerticalScroll)
            page.scroll_relative(y=rows, animate=False)

    def click(self, x: int, y: int, open_it: bool) -> None:
        """Have the cursor where the mouse is; a second click lists the cell's clips."""
        if not self.matrix_shown:
            return
        size = self.query_one(Canvas).size
        if place := self._matrix().cell_at(x, y, size.width, size.height):
            self._go_to(*place)
            if open_it and self.cell_count:
                self.open_cell()

    @command("n", "next worst", when=lambda self: self.matrix_shown, group=MATRIX)
    def next_worst(self) -> None:
        """Go to the next of the largest confusions."""
        cells = self._worst_cells()
        after = dict(pairwise([*cells, cells[0]]))
        self._cursor = after.get(self._cursor or cells[0], cells[0])
        self.draw_matrix()
        self.refresh_keys()

    @command("p", "percent", when=lambda self: self.matrix_shown, group=MATRIX)
    def toggle_percent(self) -> None:
        """Show percent of each row, or counts."""
        self._percent = not self._percent
        self.draw_matrix()

    @command("o", "order", when=lambda self: self.matrix_shown, group=MATRIX)
    def toggle_order(self) -> None:
        """Order words so that confused ones are neighbours, or as in the preset."""
        self._by_confusion = not self._by_confusion
        self.draw_matrix()

    @command("enter", "its clips", when=lambda self: self.cell_count > 0, group=MATRIX)
    def open_cell(self) -> None:
        """List the clips of the cell under the cursor, the worst first."""
        from labbench.tui.results.cell import CellScreen

        if cell := self._cell():
            self.app.push_screen(CellScreen(self.run_folder, cell))

    # Without a screen

    def headless(self) -> str | None:
        parts = ["labbench show", self.run_folder.called, self.pane]
        if self._split:
            parts.append(f"--split {self._split}")
        if self.pane == "confusion":
            parts += ["--percent"] if self._percent else []
            parts += ["--order confusion"] if self._by_confusion else []
        if self.pane == "classes" and self._sort != "name":
            parts.append(f"--order {self._sort}")
        return " ".join(parts)

    def exportable(self) -> bool:
        shown = self.found.summary if self.found and self.pane == "summary" else self.evaluation
        return shown is not None

    def view(self) -> View | None:
        if self.found is None or (self.evaluation is None and self.found.summary is None):
            return None
        if self.pane == "summary" or self.evaluation is None:
            return self.found.summary
        if self.pane == "classes":
            return ClassesView(self.evaluation, self._sort)
        return replace(self._matrix(), cell=None)

    @command("x", "the pair", when=lambda self: self.confused is not None, group=MATRIX)
    def inside_pair(self) -> None:
        """See what the confused clips of these two words have in common."""
        self.bench.go(ToInside(self.run_id, "pairs", self.confused))

    @command("c", "again, changed", when=has_run, shown=False)
    def duplicate(self) -> None:
        """Start a new run of the same preset after changing values."""
        super().duplicate()
