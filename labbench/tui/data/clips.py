"""The clips of a data set in a list, to be searched, narrowed and opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from textual.widget import Widget
from textual.widgets import Static

from labbench import units
from labbench.audio.browse import amplitudes, facts, names_of, rows_of
from labbench.audio.clips import Clips
from labbench.audio.meta import SPLITS
from labbench.draw import glyphs
from labbench.draw.columns import cells_of
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.errors import LabbenchError
from labbench.text import shell_quoted
from labbench.tui.clip.glance import ListsClips
from labbench.tui.clip.screen import command_line
from labbench.tui.commands import command
from labbench.tui.dialogs import Choose
from labbench.tui.loader import in_thread
from labbench.tui.mixins import SearchBox, SearchKeys
from labbench.tui.table import Table
from labbench.views.clips import COLUMNS, SHOWN, ClipsView, ClipView, facts_in_words

if TYPE_CHECKING:
    from labbench.draw.export import View


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
            text.append_text(glyphs.synthetic(theme))
        return text.append("\n").append(facts_in_words(known))

    def view(self, index: int, look: Look) -> ClipView:
        """A clip as a net hears it."""
        row = self.rows[index]
        return ClipView.of(self.listing.names[row], amplitudes(self.listing.clips, row), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip."""
        return command_line(self.name, self.listing.names[self.rows[index]], look)


class ClipsScreen(ListsClips, SearchKeys):
    """All clips of a data set."""

    CSS_PATH = "data.tcss"
    keys = ("open_clip", "list_all", "search", "ask_word", "ask_split")
    searched = "clips by a part of their name: a word, a speaker"
    about = (
        "The clips of a data set: the split each is in, who speaks, how long it was before it was "
        "cut or padded to one second, and what else was changed. Enter shows waveform and "
        "spectrogram."
    )

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name_of_set = name
        self.listing: Listing | None = None
        self.found: list[int] = []
        self._word = self._split = ""

    def where(self) -> str:
        return f"{self.name_of_set} clips"

    def clips(self) -> str:
        return self.name_of_set

    def body(self) -> Iterable[Widget]:
        yield Static(id="said")
        yield SearchBox("clips by name")
        yield from self.beside(Table(COLUMNS, self._cells, id="clips"))
        yield Static(id="none")

    def on_mount(self) -> None:
        self.query_one(SearchBox).display = False
        self.query_one("#none").display = False
        self.query_one(Table).focus()
        self.query_one("#said", Static).update(Text(f"reading {self.name_of_set} ..."))
        in_thread(self, self._open, self._opened, self._say_why)

    def _open(self) -> Listing:
        from labbench.audio.clips import open_clips

        return Listing.of(open_clips(self.name_of_set))

    def _opened(self, listing: Listing) -> None:
        self.listing = listing
        self.list_found()

    def _say_why(self, error: LabbenchError) -> None:
        """The data set cannot be opened."""
        none = self.query_one("#none", Static)
        self.query_one("#beside").display = False
        self.query_one("#said").display = False
        none.display = True
        none.update(Text.assemble(
            ("The clips cannot be shown", "bold"), "\n\n", f"{error.where}: {error.what}",
            "\n", (error.hint, self.bench.palette.muted),
        ))  # fmt: skip
        self.refresh_keys()

    def _cells(self, key: str) -> Sequence[Text]:
        assert self.listing is not None
        return cells_of(COLUMNS, facts(self.listing.clips, int(key)), self.bench.palette)

    def list_found(self) -> None:
        if self.listing is not None:
            self.found = self.listing.found(self._word, self._split, self.text)
            self.query_one(Table).show([str(row) for row in self.found])
            self._say()
            self.glance()
        self.refresh_keys()

    def _say(self) -> None:
        """The line above the list: how many, and what they are narrowed to."""
        assert self.listing is not None
        theme, whole = self.bench.palette, len(self.listing.names)
        count = units.plural(whole, "clip")
        text = Text(count if len(self.found) == whole else f"{len(self.found):,} of {count}")
        parts = [f"only {one}" for one in (self._word, self._split) if one]
        parts += [f"matching {self.text!r}"] if self.text else []
        if not self.found:
            parts.append("none matches: esc lists all again")
        if self.listing.clips.is_synthetic:
            text.append_text(glyphs.synthetic(theme))
        text.append(f"  {' · '.join(parts)}", style=theme.muted)
        self.query_one("#said", Static).update(text)

    def theme_changed(self) -> None:
        super().theme_changed()
        self.list_found()

    def source(self) -> SetClips | None:
        return SetClips(self.listing, tuple(self.found)) if self.listing else None

    # What commands do

    @property
    def can_search(self) -> bool:
        return self.listing is not None

    @property
    def narrowed(self) -> bool:
        """Whether some clips are left out."""
        return bool(self._word or self._split or self.text or self.searching)

    @command("escape", "all clips", when=lambda self: self.narrowed)
    def list_all(self) -> None:
        """List all clips again."""
        self._word = self._split = ""
        self.end_search()
        self.list_found()

    @command("w,f", "word", when=lambda self: self.listing is not None)
    def ask_word(self) -> None:
        """List the clips of one word only."""
        if self.listing is None:
            return
        counts = np.bincount(self.listing.clips.labels, minlength=len(self.listing.clips.words))
        options = [("", "all words")]
        options += [
            (word, f"{word:<16}{count:>9,}")
            for word, count in zip(self.listing.clips.words, counts.tolist(), strict=True)
        ]

        def chosen(word: str | None) -> None:
            if word is not None:
                self._word = word
                self.list_found()

        self.app.push_screen(Choose("List clips of", options, self._word), chosen)

    @command("t", "split", when=lambda self: self.listing is not None)
    def ask_split(self) -> None:
        """List the clips of one split only: train, validation, test."""
        if self.listing is None:
            return
        counts = self.listing.clips.meta.clips_by_split
        options = [("", "all splits")]
        options += [(split, f"{split:<16}{counts.get(split, 0):>9,}") for split in SPLITS]

        def chosen(split: str | None) -> None:
            if split is not None:
                self._split = split
                self.list_found()

        self.app.push_screen(Choose("List clips of", options, self._split), chosen)

    def headless(self) -> str | None:
        parts = ["labbench", "data", "clips", self.name_of_set]
        parts += ["--word", self._word] if self._word else []
        parts += ["--split", self._split] if self._split else []
        parts += ["--match", self.text] if self.text else []
        parts += ["--limit", "0"] if len(self.found) > SHOWN else []
        return " ".join(map(shell_quoted, parts))

    def exportable(self) -> bool:
        return bool(self.found)

    def view(self) -> View | None:
        if self.listing is None:
            return None
        return ClipsView(self.listing.clips, np.array(self.found, np.int64))
