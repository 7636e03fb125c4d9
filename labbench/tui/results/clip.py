"""The clips of a cell of the confusion matrix, with what the net took them for."""

from __future__ import annotations

from dataclasses import dataclass

from labbench.runs import RunFolder
from labbench.tui.clip.screen import command_line
from labbench.views import glyphs
from labbench.views.cell import BAR, CellView
from labbench.views.clip import ClipView
from labbench.views.palette import Theme
from labbench.views.plain import Text
from labbench.views.spectrogram import Look


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
        from labbench.results.sounds import sound_of

        clip = self.cell.clips[index]
        return ClipView.of(clip.name, sound_of(self.run, clip.row, clip.name), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip, where the run names its data set."""
        if not self.data_set:
            return None
        return command_line(self.data_set, self.cell.clips[index].name, look)

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place in the list, and what the net took the clip for."""
        cell, clip = self.cell, self.cell.clips[index]
        text = Text.assemble(
            (clip.name, "bold"), (f"  {index + 1} of {len(cell.clips):,}", theme.muted)
        )  # fmt: skip
        if cell.judged.synthetic:
            text.append("  SYNTHETIC speech", style=f"bold {theme.warn}")
        colour = theme.good if cell.right else theme.bad
        said = "which is right" if cell.right else f"it is {cell.actual} {clip.actual:.4f}"
        text.append("\n").append(f"taken for {cell.predicted} ")
        text.append(f"{clip.predicted:.4f} ", style="bold")
        text.append(glyphs.bar(clip.predicted, BAR), style=colour)
        text.append(f" {said}", style=colour)
        if clip.runner_up != cell.actual:
            second = f"   second guess {clip.runner_up} {clip.runner_up_probability:.4f}"
            text.append(second, style=theme.muted)
        return text
