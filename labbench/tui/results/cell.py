"""The clips of one cell of the confusion matrix, the worst first, and one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.widget import Widget
from textual.widgets import Static

from labbench.draw import glyphs
from labbench.draw.columns import cells_of
from labbench.draw.export import View
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.clip.glance import ListsClips
from labbench.tui.clip.screen import look_options
from labbench.tui.table import Table
from labbench.views.cell import CellView, taken_for
from labbench.views.clips import ClipView


@dataclass(frozen=True, slots=True)
class CellClips:
    """Clips of one cell of a run, for the screen of a clip."""

    run: RunFolder
    cell: CellView
    data_set: str
    """The name of the data set; empty: not told."""

    def __len__(self) -> int:
        return len(self.cell.clips)

    def where(self) -> str:
        """Where in the mode you are."""
        return f"{self.run.id} clip"

    def clips(self) -> str:
        """The data set that the run was judged on."""
        return self.data_set

    def view(self, index: int, look: Look) -> ClipView:
        """A clip as the net heard it.

        Raises:
            LabbenchError: the run's clips are gone or others.
        """
        from labbench.evaluation.sounds import sound_of

        clip = self.cell.clips[index]
        return ClipView.of(clip.name, sound_of(self.run, clip.row, clip.name), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip and what it was taken for."""
        clip, split = shell_quoted(self.cell.clips[index].name), self.cell.evaluation.split
        parts = ["labbench show", self.run.called, "clip", clip, "--split", split]
        return " ".join([*parts, *look_options(look)])

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place in the list, and what the net took the clip for."""
        cell, clip = self.cell, self.cell.clips[index]
        text = Text.assemble(
            (clip.name, "bold"), (f"  {index + 1} of {len(cell.clips):,}", theme.muted)
        )  # fmt: skip
        if cell.evaluation.synthetic:
            text.append_text(glyphs.synthetic(theme))
        return text.append("\n").append_text(taken_for(cell, clip, theme))


class CellScreen(ListsClips):
    """A list of clips: what the net was sure of, and how sure."""

    CSS_PATH = "results.tcss"
    keys = ("open_clip",)
    about = (
        "The clips of one cell of the confusion matrix. Errors come with the most confident one "
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
        text = Text.assemble(
            (cell.in_words(), "bold"), (f"  {cell.evaluation.caption}", theme.muted)
        )
        if cell.evaluation.synthetic:
            text.append_text(glyphs.synthetic(theme))
        self.query_one("#head", Static).update(text)

    def theme_changed(self) -> None:
        super().theme_changed()
        self._tell()

    def source(self) -> CellClips:
        return CellClips(self.run_folder, self.cell, self.clips())

    def headless(self) -> str | None:
        words = (self.cell.actual, self.cell.predicted)
        parts = ["labbench show", self.run_folder.called, "cell", *map(shell_quoted, words)]
        return " ".join([*parts, f"--split {self.cell.evaluation.split}"])

    def exportable(self) -> bool:
        return True

    def view(self) -> View | None:
        return self.cell
