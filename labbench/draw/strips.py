"""Strips one above the other on one time axis: what a layer gives, when the clip gives it.

C channels, T samples at a layer's own rate, X columns of cells, Y half rows.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from labbench.audio.stft import Spectrogram
from labbench.draw import halfblocks, timeaxis
from labbench.draw.palette import MapName, Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER, SpectrogramView
from labbench.draw.waveform import SIGNS
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

CURSOR = "│"

Floats = NDArray[np.floating]

Said = Sequence[str]
"""What a strip is, in many words or in fewer."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Seconds laid over columns of cells, right of a gutter for what stands at the left."""

    columns: int
    seconds: float = CLIP_SAMPLES / SAMPLE_RATE_HZ
    cursor_s: float | None = None
    """Where a line goes through all strips."""
    gutter: int = GUTTER

    @property
    def cursor(self) -> int | None:
        """The column of the cursor."""
        if self.cursor_s is None:
            return None
        return min(max(int(self.cursor_s / self.seconds * self.columns), 0), self.columns - 1)

    def parts(self, samples: int, rate_hz: float, start_s: float = 0.0) -> list[slice]:
        """For each column the samples inside it, or the nearest one.

        Args:
            start_s: the time of the first sample.
        """
        edges_s = np.linspace(0, self.seconds, self.columns + 1)
        places = np.ceil((edges_s - start_s) * rate_hz - 1e-9).astype(int).clip(0, samples)
        middles_s = (edges_s[:-1] + edges_s[1:]) / 2
        nearest = np.rint((middles_s - start_s) * rate_hz).astype(int).clip(0, samples - 1)
        return [
            slice(start, stop) if stop > start else slice(near, near + 1)
            for start, stop, near in zip(
                places[:-1].tolist(), places[1:].tolist(), nearest.tolist(), strict=True
            )
        ]

    def ends(
        self, values_CT: Floats, rate_hz: float, start_s: float = 0.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(C, X) the least and the greatest value of each column."""
        parts = self.parts(values_CT.shape[1], rate_hz, start_s)
        low = np.stack([values_CT[:, part].min(axis=1) for part in parts], axis=1)
        high = np.stack([values_CT[:, part].max(axis=1) for part in parts], axis=1)
        return low.astype(np.float64), high.astype(np.float64)

    def labels(self, theme: Theme) -> Text:
        """The seconds, as the last line."""
        return Text(
            timeaxis.labels(self.seconds, self.columns, self.gutter), theme.muted, no_wrap=True
        )

    def finished(
        self, lines: Sequence[Text], theme: Theme, *, left: dict[int, str] | None = None,
        said: Said = (),
    ) -> list[Text]:  # fmt: skip
        """Lines of `columns` cells with what stands left of some, what the strip is, the cursor.

        Args:
            left: by row, the end of it a cell away from the strip.
            said: stands at the right in the first line: the first of these that hides little.
        """
        found = []
        name = next((one for one in said if len(one) + 2 <= self.columns // 3), "")
        for row, line in enumerate(lines):
            if self.cursor is not None:
                line = _over(line, self.cursor, Text(CURSOR, style=_cursor(theme.light)))
            if name and not row:
                label = Text(f" {name} ", style=_label(theme.light))
                line = _over(line, self.columns - len(label), label)
            if self.gutter:
                mark = (left or {}).get(row, "")[: self.gutter - 1].rjust(self.gutter - 1)
                line = Text.assemble((f"{mark} ", theme.muted), line, no_wrap=True)
            found.append(line)
        return found


def _over(line: Text, start: int, piece: Text) -> Text:
    """The line with a piece laid over a part of it."""
    return Text.assemble(line[:start], piece, line[start + len(piece) :], no_wrap=True)


@functools.cache
def _cursor(light: bool) -> Style:
    return Style.parse("bold #000000 on #ffffff" if light else "bold #ffffff on #000000")


@functools.cache
def _label(light: bool) -> Style:
    return Style.parse("#303030 on #e4e4e4" if light else "#d0d0d0 on #262626")


def wave(
    values_T: Floats, axis: Axis, rows: int, theme: Theme, *, rate_hz: float,
    start_s: float = 0.0, said: Said = (), ends: tuple[float, float] | None = None,
    filled: bool = False,
) -> list[Text]:  # fmt: skip
    """Values over time: each column spans its least to its greatest, what is below zero in another
    colour. The scale goes from the least to the greatest value and holds zero; it stands left.

    Args:
        ends: of the scale, where several strips share one.
        filled: from zero to the values.
    """
    low, high = axis.ends(values_T[None], rate_hz, start_s)
    if filled:
        low, high = np.minimum(low, 0), np.maximum(high, 0)
    bottom, top = ends or (min(float(low.min()), 0.0), max(float(high.max()), 0.0))
    span = (top - bottom) or 1.0
    halves = 2 * rows

    def place(values: NDArray[np.float64] | float) -> NDArray[np.intp]:
        """The half row of a value, the highest first."""
        return np.rint((top - np.asarray(values)) / span * (halves - 1)).astype(np.intp)

    row = np.arange(halves)[:, None]
    filled_YX = (row >= place(high[0])) & (row <= place(low[0])) & (top > bottom)
    zero = int(place(0.0)) if top > bottom else rows
    lines = [_wave_line(filled_YX[2 * y : 2 * y + 2], zero - 2 * y, theme) for y in range(rows)]
    left = {zero // 2: "0"} if rows > 2 else {}
    if top > 0:
        left[0] = figure(top)
    if bottom < 0 and rows > 1:
        left[rows - 1] = figure(bottom)
    return axis.finished(lines, theme, left=left, said=said)


def _wave_line(filled_2X: NDArray[np.bool_], zero: int, theme: Theme) -> Text:
    """A line of cells; `zero` is the half row of zero, counted from the upper half of the line."""
    empty = ("╌" if zero in (0, 1) else " ", theme.muted)
    lower_style = theme.validation if zero <= 0 else theme.accent
    upper_style = theme.validation if zero < 0 else theme.accent
    kinds = {
        (False, False): empty, (False, True): (SIGNS[False, True], lower_style),
        (True, False): (SIGNS[True, False], upper_style),
        (True, True): (SIGNS[True, True], upper_style),
    }  # fmt: skip
    cells = [kinds[upper, lower] for upper, lower in filled_2X.T.tolist()]
    line = Text(no_wrap=True)
    # Neighbours of one colour are one piece: less to draw, and to send over a slow line.
    for style, piece in groupby(cells, key=lambda cell: cell[1]):
        line.append("".join(sign for sign, _ in piece), style=style)
    return line


def heat(
    shares_YX: Floats, axis: Axis, theme: Theme, *, name: MapName = "viridis",
    left: dict[int, str] | None = None, said: Said = (),
) -> list[Text]:  # fmt: skip
    """A grid of shares, 0 to 1, an even number of half rows, the top first."""
    lines = halfblocks.picture(shares_YX, name, light=theme.light)
    return axis.finished(lines, theme, left=left, said=said)


def spectrum(
    found: Spectrogram, axis: Axis, rows: int, theme: Theme, *, start_s: float = 0.0,
    said: Said = (),
) -> list[Text]:  # fmt: skip
    """A spectrogram whose sound begins at `start_s`."""
    moved = Spectrogram(found.power_FW, found.frequencies_hz, found.times_s + start_s)
    view = SpectrogramView(moved, axis.seconds)
    shares = view.shares(2 * rows, axis.columns)
    return heat(shares, axis, theme, name="inferno", left=view.labels(rows), said=said)


def pooled(values_CX: Floats, rows: int) -> NDArray[np.float64]:
    """(rows, X) of the greatest value of neighbouring channels; fewer channels are repeated."""
    channels = len(values_CX)
    if channels >= rows:
        parts = np.array_split(np.asarray(values_CX, np.float64), rows)
        return np.stack([part.max(axis=0) for part in parts])
    return np.asarray(values_CX, np.float64)[np.arange(rows) * channels // rows]


def figure(value: float) -> str:
    """A value in five cells: `0.83`, `-12.4`, `-2e-4`."""
    size = abs(value)
    if size and not 0.01 <= size < 1000:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"


_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a braille sign's left and right column, from the top."""


def tiny(values_T: Floats, cells: int, axis: Axis, rate_hz: float, start_s: float) -> str:
    """Values over the axis' time as a waveform of braille, scaled to its least and greatest.

    What is not finite lies at zero.
    """
    values_T = np.where(np.isfinite(values_T), values_T, 0.0)
    low, high = Axis(2 * cells, axis.seconds).ends(values_T[None], rate_hz, start_s)
    bottom, top = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
    if top == bottom:
        return "⣀" * cells
    first = np.rint((top - high[0]) / (top - bottom) * 3).astype(int).tolist()
    last = np.rint((top - low[0]) / (top - bottom) * 3).astype(int).tolist()
    columns = [
        sum(_DOTS[x % 2][y] for y in range(start, stop + 1))
        for x, (start, stop) in enumerate(zip(first, last, strict=True))
    ]
    return "".join(
        chr(0x2800 + left + right) for left, right in zip(columns[::2], columns[1::2], strict=True)
    )
