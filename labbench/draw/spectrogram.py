"""A sound over time and frequency: loud is bright."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.audio.stft import STRIDE, WINDOW, Scale, Spectrogram, lowest_hz, placed, spectrogram
from labbench.draw import halfblocks, timeaxis
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

HEIGHT = 16
"""Lines where none are asked for."""

GUTTER = 6
"""Cells of the frequencies at the left."""

RANGE_DB = 70.0
"""Below the loudest by so much is as dark as silence."""

MARKS_HZ = (125, 250, 500, 1000, 2000, 4000)
"""Frequencies that are told on a log or mel scale, where there is room."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a spectrogram is computed and drawn."""

    scale: Scale = "linear"
    range_db: float = RANGE_DB
    """Below the loudest by so much is as dark as silence."""
    window: int = WINDOW
    """Samples of a window."""
    stride: int = STRIDE
    """Samples from one window to the next."""

    def in_words(self, rate_hz: float = SAMPLE_RATE_HZ) -> str:
        """`mel scale · 70 dB · window 512 (32 ms) every 128 (8 ms)`."""
        window, stride = (f"{n} ({1000 * n / rate_hz:g} ms)" for n in (self.window, self.stride))
        return f"{self.scale} scale · {self.range_db:g} dB · window {window} every {stride}"


@dataclass(frozen=True, slots=True)
class SpectrogramView:
    """The spectrogram of one sound of `seconds`, on axes of seconds and frequency."""

    found: Spectrogram
    seconds: float = CLIP_SAMPLES / SAMPLE_RATE_HZ
    look: Look = Look()

    @classmethod
    def of(
        cls, samples_T: NDArray[np.floating], look: Look | None = None, *,
        rate_hz: float = SAMPLE_RATE_HZ,
    ) -> SpectrogramView:  # fmt: skip
        """The spectrogram of a sound.

        Raises:
            ValueError: window or stride is not positive.
        """
        look = look or Look()
        found = spectrogram(samples_T, window=look.window, stride=look.stride, rate_hz=rate_hz)
        return cls(found, len(samples_T) / rate_hz, look)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        rows, columns = max((height or HEIGHT) - 1, 1), max(width - GUTTER, 1)
        lines = halfblocks.picture(self.shares(2 * rows, columns), "inferno", light=theme.light)
        labels = self.labels(rows)
        shown = [
            Text.assemble((labels.get(row, "").rjust(GUTTER - 1) + " ", theme.muted), line)
            for row, line in enumerate(lines)
        ]
        axis = timeaxis.labels(self.seconds, columns, GUTTER)
        return Group(*shown, Text(axis, theme.muted, no_wrap=True))

    def shares(self, rows: int, columns: int) -> NDArray[np.float64]:
        """(rows, columns) of loudness, 0 to 1, the highest frequency first.

        Rows are equal parts of the scale. Where several bins or windows fall on one place, the
        loudest is shown; where none does, as before the first and after the last window's centre,
        the nearest.
        """
        levels_FW = 1 + self.found.decibels(self.look.range_db) / self.look.range_db
        bottom, top = self._ends()
        centres = placed(self.found.frequencies_hz, self.look.scale)
        inside = self.found.frequencies_hz >= lowest_hz(self.look.scale)
        rows_of = _places(centres[inside], bottom, top, rows)
        columns_of = _places(self.found.times_s, 0.0, self.seconds, columns)
        levels_FW = levels_FW[inside]
        by_row = np.stack([levels_FW[part].max(axis=0) for part in rows_of])
        grid: NDArray[np.float64] = np.stack(
            [by_row[:, part].max(axis=1) for part in columns_of], axis=1
        )
        return grid[::-1]

    def _ends(self) -> tuple[float, float]:
        """Bottom and top of the scale."""
        scale, high = self.look.scale, float(self.found.frequencies_hz[-1])
        bottom, top = placed(np.array([lowest_hz(scale), high]), scale).tolist()
        return bottom, top

    def labels(self, rows: int) -> dict[int, str]:
        """What stands left of some rows, the highest frequency at the top."""
        high = float(self.found.frequencies_hz[-1])
        if self.look.scale == "linear":
            steps = 4 if rows >= 8 else 2 if rows >= 4 else 1
            return {round((rows - 1) * (1 - part / steps)): _hertz(high * part / steps)
                    for part in range(steps + 1)}  # fmt: skip
        low, (bottom, top) = lowest_hz(self.look.scale), self._ends()
        found: dict[int, str] = {}
        # The ends first, then the greater: a mark that comes too near to one before is left out.
        for hz in (high, low, *reversed(MARKS_HZ)):
            place = float(placed(np.array(hz), self.look.scale))
            row = round((rows - 1) * (1 - (place - bottom) / (top - bottom)))
            if low <= hz <= high and not any(abs(row - other) < 2 for other in found):
                found[row] = _hertz(hz)
        return found

    def as_json(self) -> dict[str, Any]:
        """How it was computed, frequencies, times and dB under the loudest, frequencies in rows."""
        return {
            "scale": self.look.scale,
            "range_db": self.look.range_db,
            "window": self.look.window,
            "stride": self.look.stride,
            "frequencies_hz": self.found.frequencies_hz.tolist(),
            "times_s": self.found.times_s.tolist(),
            "decibels": self.found.decibels(self.look.range_db).tolist(),
        }

    def as_csv(self) -> str:
        """One row a frequency: its dB at each time."""
        levels = self.found.decibels(self.look.range_db)
        header = ["hz\\seconds", *(f"{time:g}" for time in self.found.times_s)]
        rows = zip(self.found.frequencies_hz.tolist(), levels.tolist(), strict=True)
        return csv_text(header, [[hz, *row] for hz, row in rows])


def _places(
    centres: NDArray[np.float64], low: float, high: float, count: int
) -> list[NDArray[np.intp]]:
    """For each of `count` equal parts of `low` to `high`: the centres inside, or the nearest."""
    edges = np.linspace(low, high, count + 1)
    found = []
    for start, stop in pairwise(edges.tolist()):
        inside = np.flatnonzero((centres >= start) & (centres < stop))
        nearest = np.abs(centres - (start + stop) / 2).argmin(keepdims=True)
        found.append(inside if len(inside) else nearest)
    return found


def _hertz(hz: float) -> str:
    return f"{hz / 1000:.3g}k" if hz >= 1000 else f"{hz:.3g}"
