"""A sound as a waveform of half-block cells: the span from its least to its greatest sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.units import SAMPLE_RATE_HZ

HEIGHT = 6
"""Lines where none are asked for."""

SIGNS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclass(frozen=True, slots=True)
class WaveformView:
    """One sound over time."""

    samples_T: NDArray[np.floating]
    """Amplitudes, full scale 1."""
    rate_hz: float = SAMPLE_RATE_HZ
    gutter: int = 0
    """Cells left free at the left, for what stands above or below on the same time axis."""

    @property
    def peak(self) -> float:
        """The greatest magnitude."""
        return float(np.abs(self.samples_T).max()) if len(self.samples_T) else 0.0

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        """The waveform, as high as its peak: a soft sound is seen like a loud one."""
        rows, columns = height or HEIGHT, max(width - self.gutter, 1)
        filled = _filled(self.samples_T, columns, 2 * rows, self.peak)
        lines = []
        for upper, lower in zip(filled[::2].tolist(), filled[1::2].tolist(), strict=True):
            signs = "".join(SIGNS[both] for both in zip(upper, lower, strict=True))
            lines.append(Text(" " * self.gutter + signs, style=theme.accent, no_wrap=True))
        return Group(*lines)

    def as_json(self) -> dict[str, Any]:
        """Sampling rate and samples."""
        return {"rate_hz": self.rate_hz, "samples": self.samples_T.tolist()}

    def as_csv(self) -> str:
        """One row a sample: seconds and amplitude."""
        times = np.arange(len(self.samples_T)) / self.rate_hz
        return csv_text(
            ["seconds", "amplitude"],
            zip(times.tolist(), self.samples_T.tolist(), strict=True),
        )


def _filled(
    samples_T: NDArray[np.floating], columns: int, rows: int, peak: float
) -> NDArray[np.bool_]:  # fmt: skip
    """(rows, columns) of half cells between a column's least and greatest sample, the top first."""
    parts = np.array_split(samples_T, columns)
    low = np.array([part.min() if len(part) else 0.0 for part in parts])
    high = np.array([part.max() if len(part) else 0.0 for part in parts])
    scale = peak or 1.0
    # Row 0 is +peak, the last is -peak; silence is a line in the middle.
    top = np.rint((1 - high / scale) / 2 * (rows - 1))
    bottom = np.rint((1 - low / scale) / 2 * (rows - 1))
    place = np.arange(rows)[:, None]
    filled: NDArray[np.bool_] = (place >= top) & (place <= bottom)
    return filled
