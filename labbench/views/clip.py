"""One clip: waveform above, spectrogram below, on one time axis."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.audio.browse import ClipFacts
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER, Look, SpectrogramView
from labbench.draw.waveform import WaveformView
from labbench.units import SAMPLE_RATE_HZ

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
        first = Text.assemble((self.name, "bold"), (f"  {said_of(facts)}", theme.muted))
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


def said_of(facts: ClipFacts) -> str:
    """`bed · train · speaker 012c8314 · 0.85 s, padded`."""
    parts = [facts.word, facts.split]
    if facts.speaker:
        parts.append(f"speaker {facts.speaker}")
    parts.append(", ".join([f"{facts.seconds:.2f} s", *facts.changed]))
    return " · ".join(parts)
