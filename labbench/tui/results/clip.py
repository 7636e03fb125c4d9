"""The clips of a cell of the confusion matrix, with what the net took them for."""

from __future__ import annotations

from dataclasses import dataclass

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.clip.screen import look_options
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
        clip, split = shell_quoted(self.cell.clips[index].name), self.cell.judged.split
        parts = ["labbench show", self.run.called, "clip", clip, "--split", split]
        return " ".join([*parts, *look_options(look)])

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place in the list, and what the net took the clip for."""
        cell, clip = self.cell, self.cell.clips[index]
        text = Text.assemble(
            (clip.name, "bold"), (f"  {index + 1} of {len(cell.clips):,}", theme.muted)
        )  # fmt: skip
        if cell.judged.synthetic:
            text.append("  SYNTHETIC speech", style=f"bold {theme.warn}")
        return text.append("\n").append_text(taken_for(cell, clip, theme))
