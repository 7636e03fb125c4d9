"""The clips of an opened data set, as a list to be searched and gone through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labbench.audio.browse import amplitudes, facts, names_of, rows_of
from labbench.audio.clips import Clips
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.tui.clip.screen import command_line
from labbench.views.clips import ClipView, said_of


@dataclass(frozen=True, slots=True)
class Listing:
    """A data set and the names of its clips, read once."""

    clips: Clips
    names: tuple[str, ...]

    @classmethod
    def of(cls, clips: Clips) -> Listing:
        """Read the names of all clips."""
        return cls(clips, names_of(clips))

    def found(self, word: str, split: str, text: str) -> list[int]:
        """Rows of the clips of a word in a split whose name holds a text; empty ones take all."""
        found: list[int] = rows_of(
            self.clips, words=[word] if word else [], splits=[split] if split else [], text=text,
            names=self.names,
        ).tolist()  # fmt: skip
        return found


@dataclass(frozen=True, slots=True)
class SetClips:
    """Clips of a data set, for the screen of a clip."""

    listing: Listing
    rows: Sequence[int]

    @property
    def name(self) -> str:
        """The data set's."""
        return self.listing.clips.folder.name

    def __len__(self) -> int:
        return len(self.rows)

    def where(self) -> str:
        """Where in the mode you are."""
        return f"{self.name} clip"

    def clips(self) -> str:
        """The data set that is seen."""
        return self.name

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place in the list, and what is known of the clip."""
        known = facts(self.listing.clips, self.rows[index])
        text = Text.assemble(
            (known.name, "bold"), (f"  {index + 1:,} of {len(self.rows):,}", theme.muted)
        )  # fmt: skip
        if self.listing.clips.is_synthetic:
            text.append("  SYNTHETIC speech", style=f"bold {theme.warn}")
        return text.append("\n").append(said_of(known))

    def view(self, index: int, look: Look) -> ClipView:
        """A clip as a net hears it."""
        row = self.rows[index]
        return ClipView.of(self.listing.names[row], amplitudes(self.listing.clips, row), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip."""
        return command_line(self.name, self.listing.names[self.rows[index]], look)
