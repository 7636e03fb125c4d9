"""A short kernel as bars about a line, tap by tap; a long one as a waveform."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labbench.draw import glyphs
from labbench.draw.waveform import SIGNS

GAP_FROM = 3
"""Bars of so many cells or more stand a cell apart."""


def bars(kernel_K: NDArray[np.floating], columns: int, rows: int) -> list[str]:
    """The taps from left to right in `rows` lines of `columns` cells, scaled to the greatest.

    Where there are more taps than cells, each cell spans the taps it stands for.
    """
    columns, halves = max(columns, 1), 2 * max(rows, 1)
    taps = len(kernel_K)
    low, high = np.minimum(kernel_K, 0.0), np.maximum(kernel_K, 0.0)
    if taps > columns:
        parts = np.array_split(np.arange(taps), columns)
        low = np.array([low[part].min() for part in parts])
        high = np.array([high[part].max() for part in parts])
        each = 1
    else:
        each = columns // taps
        low, high = np.repeat(low, each), np.repeat(high, each)
    scale = float(np.abs(kernel_K).max()) or 1.0
    top = np.rint((1 - high / scale) / 2 * (halves - 1))
    bottom = np.rint((1 - low / scale) / 2 * (halves - 1))
    place = np.arange(halves)[:, None]
    filled = (place >= top) & (place <= bottom)
    if each >= GAP_FROM:
        filled[:, each - 1 :: each] = False
    return [
        "".join(SIGNS[both] for both in zip(upper, lower, strict=True))
        for upper, lower in zip(filled[::2].tolist(), filled[1::2].tolist(), strict=True)
    ]


def tiny(kernel_K: NDArray[np.floating], width: int) -> str:
    """The kernel in `width` cells of braille, two taps a cell.

    Of several taps that share a place the one farthest from 0 is shown: their mean would hide
    what a long kernel does.
    """
    kept: Sequence[float] = [
        float(part[np.abs(part).argmax()])
        for part in np.array_split(kernel_K, min(len(kernel_K), 2 * width))
    ]
    return glyphs.sparkline(kept, width)
