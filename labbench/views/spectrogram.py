"""A sound over time and frequency: loud is bright."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.text import Text

from labbench.audio.stft import STRIDE, WINDOW, Spectrogram, spectrogram
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ
from labbench.views import halfblocks
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme

HEIGHT = 16
"""Lines where none are asked for."""

GUTTER = 6
"""Cells of the frequencies at the left."""

RANGE_DB = 70.0
"""Below the loudest by so much is as dark as silence."""


@dataclass(frozen=True, slots=True)
class SpectrogramView:
    """The spectrogram of one sound of `seconds`, on axes of seconds and kHz."""

    found: Spectrogram
    seconds: float = CLIP_SAMPLES / SAMPLE_RATE_HZ
    range_db: float = RANGE_DB

    @classmethod
    def of(
        cls, samples_T: NDArray[np.floating], *, window: int = WINDOW, stride: int = STRIDE,
        rate_hz: float = SAMPLE_RATE_HZ, range_db: float = RANGE_DB,
    ) -> SpectrogramView:  # fmt: skip
        """The spectrogram of a sound.

        Raises:
            ValueError: window or stride is not positive.
        """
        found = spectrogram(samples_T, window=window, stride=stride, rate_hz=rate_hz)
        return cls(found, len(samples_T) / rate_hz, range_db)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        rows, columns = max((height or HEIGHT) - 1, 1), max(width - GUTTER, 1)
        lines = halfblocks.picture(self.shares(2 * rows, columns), "inferno", light=theme.light)
        labels = self._labels(rows)
        shown = [
            Text.assemble((labels.get(row, "").rjust(GUTTER - 1) + " ", theme.muted), line)
            for row, line in enumerate(lines)
        ]
        return Group(*shown, Text(_seconds(self.seconds, columns), theme.muted, no_wrap=True))

    def shares(self, rows: int, columns: int) -> NDArray[np.float64]:
        """(rows, columns) of loudness, 0 to 1, the highest frequency first.

        Where several bins or windows fall on one place, the loudest is shown; before the first
        and after the last window's centre stands the nearest window.
        """
        levels_FW = 1 + self.found.decibels(self.range_db) / self.range_db
        high = float(self.found.frequencies_hz[-1])
        rows_of = _places(self.found.frequencies_hz, high, rows)
        columns_of = _places(self.found.times_s, self.seconds, columns)
        by_row = np.stack([levels_FW[part].max(axis=0) for part in rows_of])
        grid: NDArray[np.float64] = np.stack(
            [by_row[:, part].max(axis=1) for part in columns_of], axis=1
        )
        return grid[::-1]

    def _labels(self, rows: int) -> dict[int, str]:
        """What stands left of some rows: kHz, the highest at the top."""
        high = float(self.found.frequencies_hz[-1]) / 1000
        steps = 4 if rows >= 8 else 2 if rows >= 4 else 1
        marks = {round((rows - 1) * (1 - part / steps)): high * part / steps
                 for part in range(steps + 1)}  # fmt: skip
        return {row: f"{khz:g}k" if khz else "0" for row, khz in marks.items()}

    def as_json(self) -> dict[str, Any]:
        """Frequencies, times and dB under the loudest, frequencies in rows."""
        return {
            "frequencies_hz": self.found.frequencies_hz.tolist(),
            "times_s": self.found.times_s.tolist(),
            "decibels": self.found.decibels(self.range_db).tolist(),
        }

    def as_csv(self) -> str:
        """One row a frequency: its dB at each time."""
        levels = self.found.decibels(self.range_db)
        header = ["hz\\seconds", *(f"{time:g}" for time in self.found.times_s)]
        rows = zip(self.found.frequencies_hz.tolist(), levels.tolist(), strict=True)
        return csv_text(header, [[hz, *row] for hz, row in rows])


def _places(centres: NDArray[np.float64], whole: float, count: int) -> list[NDArray[np.intp]]:
    """For each of `count` equal parts of 0 to `whole`: the centres inside, or the nearest one."""
    edges = np.linspace(0, whole, count + 1)
    found = []
    for low, high in pairwise(edges.tolist()):
        inside = np.flatnonzero((centres >= low) & (centres < high))
        nearest = np.abs(centres - (low + high) / 2).argmin(keepdims=True)
        found.append(inside if len(inside) else nearest)
    return found


def _seconds(whole: float, columns: int) -> str:
    """The time axis: a label every quarter, the last ending at the right edge."""
    line = [" "] * (GUTTER + columns)
    for part in range(5):
        label = f"{whole * part / 4:g}s" if part else "0"
        start = GUTTER + round(columns * part / 4) - (len(label) if part == 4 else 0)
        if start >= 0 and start + len(label) <= len(line):
            line[start : start + len(label)] = label
    return "".join(line)
