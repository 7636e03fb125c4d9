"""The clips of one cell of the confusion matrix, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.columns import cells_of
from labbench.draw.export import View
from labbench.draw.plain import Text
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.clip.glance import ListsClips
from labbench.tui.results.clip import CellClips
from labbench.tui.table import Table
from labbench.views.cell import CellView


class CellScreen(ListsClips):
    """A list of clips: what the net was sure of, and how sure."""

    CSS_PATH = "results.tcss"
    keys = ("open_clip",)
    about = (
        "The clips of one cell of the confusion matrix. Wrong ones come with the surest mistake "
        "first: often a clip that is cut off, mislabelled or hard to hear. The figures are "
        "probabilities of the words above them."
    )

    def __init__(self, run: RunFolder, cell: CellView) -> None:
        super().__init__()
        self.run_folder = run
        self.cell = cell

    def where(self) -> str:
        return f"{self.run_folder.id} {self.cell.actual} → {self.cell.predicted}"

    def clips(self) -> str:
        entry = self.bench.runs.entry(self.run_folder.id)
        return entry.status.clips if entry else ""

    def body(self) -> Iterable[Widget]:
        yield Static(id="head")
        yield from self.beside(Table(self.cell.columns, self._draw, id="clips"))

    def on_mount(self) -> None:
        table = self.query_one(Table)
        table.show([str(index) for index in range(len(self.cell.clips))])
        table.focus()
        self._tell()

    def _draw(self, key: str) -> Sequence[Text]:
        return cells_of(self.cell.columns, self.cell.clips[int(key)], self.bench.palette)

    def _tell(self) -> None:
        theme, cell = self.bench.palette, self.cell
        text = Text.assemble((cell.in_words(), "bold"), (f"  {cell.judged.caption}", theme.muted))
        if cell.judged.synthetic:
            text.append("  SYNTHETIC speech", style=f"bold {theme.warn}")
        self.query_one("#head", Static).update(text)

    def theme_changed(self) -> None:
        super().theme_changed()
        self._tell()

    def source(self) -> CellClips:
        return CellClips(self.run_folder, self.cell, self.clips())

    def headless(self) -> str | None:
        words = (self.cell.actual, self.cell.predicted)
        parts = ["labbench show", self.run_folder.called, "cell", *map(shell_quoted, words)]
        return " ".join([*parts, f"--split {self.cell.judged.split}"])

    def exportable(self) -> bool:
        return True

    def view(self) -> View | None:
        return self.cell
