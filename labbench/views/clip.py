"""One clip: waveform above, spectrogram below, on one time axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.units import SAMPLE_RATE_HZ
from labbench.views.palette import TERMINAL, Theme
from labbench.views.spectrogram import GUTTER, SpectrogramView
from labbench.views.waveform import WaveformView

HEIGHT = 22
"""Lines where none are asked for."""


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip as it was heard by the net, before augmentation."""

    name: str
    waveform: WaveformView
    spectrogram: SpectrogramView

    @classmethod
    def of(cls, name: str, samples_T: NDArray[np.floating]) -> ClipView:
        """The view of a clip's amplitudes at 16 kHz, full scale 1."""
        waveform = WaveformView(samples_T, SAMPLE_RATE_HZ, GUTTER)
        return cls(name, waveform, SpectrogramView.of(samples_T))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        whole = height or HEIGHT
        above = max(whole // 4, 2)
        return Group(
            self.waveform.render(width, above, theme=theme),
            self.spectrogram.render(width, max(whole - above, 2), theme=theme),
        )

    def as_json(self) -> dict[str, Any]:
        """Name, samples and spectrogram."""
        return {
            "name": self.name,
            "waveform": self.waveform.as_json(),
            "spectrogram": self.spectrogram.as_json(),
        }

    def as_csv(self) -> str:
        """The samples."""
        return self.waveform.as_csv()
