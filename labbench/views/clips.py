"""Clips: a list of them, and one with its waveform above its spectrogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.audio.browse import ClipFacts, facts, rows_of
from labbench.audio.clips import Clips
from labbench.draw.columns import ListColumn, list_of
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER, Look, SpectrogramView
from labbench.draw.waveform import WaveformView
from labbench.units import SAMPLE_RATE_HZ

SHOWN = 50
"""Clips that a terminal is shown where nobody asks for more."""

FIELDS = ("row", "name", "word", "split", "speaker", "seconds", "changed")


@dataclass(frozen=True, slots=True)
class ClipsView:
    """Some clips of a data set."""

    clips: Clips
    rows_M: NDArray[np.int64]
    """(M,) rows of the clips that are meant."""
    limit: int | None = None
    """So many are shown at most."""

    @classmethod
    def of(
        cls, clips: Clips, *, words: Sequence[str] = (), splits: Sequence[str] = (),
        text: str = "", limit: int | None = None,
    ) -> ClipsView:  # fmt: skip
        """The clips of some words in some splits whose name holds a text; none named takes all.

        Raises:
            DataError: there is no such word or split.
        """
        return cls(clips, rows_of(clips, words=words, splits=splits, text=text), limit)

    @property
    def shown(self) -> list[ClipFacts]:
        """The clips in the list."""
        return [facts(self.clips, row) for row in self.rows_M[: self.limit].tolist()]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        room = None if height is None else max(height - 3, 1)
        shown = self.shown[:room]
        head = Text.assemble(
            (self.clips.folder.name, "bold"),
            (f"  {self.count_in_words()}", theme.muted),
        )  # fmt: skip
        parts: list[RenderableType] = [head, list_of(COLUMNS, shown, width, theme)]
        if (more := len(self.rows_M) - len(shown)) > 0:
            parts.append(Text(f"and {more:,} more", style=theme.muted))
        return Group(*parts)

    def count_in_words(self) -> str:
        """`1,204 of 51,017 clips`."""
        found, whole = len(self.rows_M), len(self.clips.names)
        if found == whole:
            return units.plural(whole, "clip")
        return f"{found:,} of {units.plural(whole, 'clip')}"

    def as_json(self) -> dict[str, Any]:
        """The data set's name, how many clips are meant, and the clips in the list."""
        return {
            "data_set": self.clips.folder.name,
            "found": len(self.rows_M),
            "clips": [dict(zip(FIELDS, _fields(one), strict=True)) for one in self.shown],
        }

    def as_csv(self) -> str:
        """One row a clip."""
        rows = ([*_fields(one)[:-1], " ".join(one.changed)] for one in self.shown)
        return csv_text(FIELDS, rows)


COLUMNS: tuple[ListColumn[ClipFacts], ...] = (
    ListColumn("clip", lambda one, _: one.name, 20, stretch=True, most=44, least=16, names=True),
    ListColumn("word", lambda one, _: one.word, 9),
    ListColumn("split", lambda one, _: one.split, 10),
    ListColumn("speaker", lambda one, theme: Text(one.speaker, theme.muted), 10, rank=2),
    ListColumn("seconds", lambda one, _: f"{one.seconds:.2f}", 7, rank=1, right=True),
    ListColumn("changed", lambda one, theme: Text(", ".join(one.changed), theme.muted), 16, rank=3),
)
"""The list of clips."""


def _fields(one: ClipFacts) -> list[Any]:
    return [one.row, one.name, one.word, one.split, one.speaker, one.seconds, one.changed]


HEIGHT = 22
"""Lines where none are asked for."""


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip as it was heard by the net, before augmentation."""

    name: str
    waveform: WaveformView
    spectrogram: SpectrogramView
    facts: ClipFacts | None = None
    """What stands above it; None: it is said beside it."""

    @classmethod
    def of(
        cls, name: str, samples_T: NDArray[np.floating], look: Look | None = None,
        facts: ClipFacts | None = None,
    ) -> ClipView:  # fmt: skip
        """The view of a clip's amplitudes at 16 kHz, full scale 1."""
        waveform = WaveformView(samples_T, SAMPLE_RATE_HZ, GUTTER)
        return cls(name, waveform, SpectrogramView.of(samples_T, look), facts)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = [] if self.facts is None else self._head(self.facts, theme)
        whole = (height or HEIGHT) - len(head)
        above = max(whole // 4, 2)
        return Group(
            *head,
            self.waveform.render(width, above, theme=theme),
            self.spectrogram.render(width, max(whole - above, 2), theme=theme),
        )

    def _head(self, facts: ClipFacts, theme: Theme) -> list[Text]:
        first = Text.assemble((self.name, "bold"), (f"  {facts_in_words(facts)}", theme.muted))
        second = Text(f"{self.loudness()} · {self.spectrogram.look.in_words()}", theme.muted)
        for line in (first, second):
            line.no_wrap, line.overflow = True, "ellipsis"
        return [first, second]

    def loudness(self) -> str:
        """The peak under full scale: `peak -3.1 dB`."""
        peak = self.waveform.peak
        return f"peak {20 * math.log10(peak):.1f} dB" if peak else "silence"

    def as_json(self) -> dict[str, Any]:
        """Name, what is known of it, samples and spectrogram."""
        known = {} if self.facts is None else asdict(self.facts)
        return {
            **known,
            "name": self.name,
            "waveform": self.waveform.as_json(),
            "spectrogram": self.spectrogram.as_json(),
        }

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """The samples, and the spectrogram with its axes."""
        found = self.spectrogram.found
        return {
            "samples": np.asarray(self.waveform.samples_T),
            "frequencies_hz": found.frequencies_hz,
            "times_s": found.times_s,
            "decibels": found.decibels(self.spectrogram.look.range_db),
        }

    def as_csv(self) -> str:
        """The samples."""
        return self.waveform.as_csv()


def facts_in_words(facts: ClipFacts) -> str:
    """`bed · train · speaker 012c8314 · 0.85 s, padded`."""
    parts = [facts.word, facts.split]
    if facts.speaker:
        parts.append(f"speaker {facts.speaker}")
    parts.append(", ".join([f"{facts.seconds:.2f} s", *facts.changed]))
    return " · ".join(parts)
