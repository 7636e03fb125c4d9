"""From any sample rate to 16 kHz, by a windowed sinc (Kaiser, beta 5, ten crossings a side).

Where the two rates share enough factors this is `scipy.signal.resample_poly`. Its filter grows with
the rate divided by the greatest common factor, to millions of taps for a rate near 768 kHz. Other
rates are therefore divided by a whole number until they are near 24 kHz, and the same windowed sinc
is computed for each sample of the result at its own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

from labbench.units import SAMPLE_RATE_HZ

Floats = npt.NDArray[np.float64]

LARGEST_FACTOR = SAMPLE_RATE_HZ
"""Of the rates without their common factor: up to it the polyphase filter is used as it is."""

_BETA = 5.0
_CROSSINGS = 10
_FINE = 2048
"""Places of the sinc's table between two crossings; between them lies a straight line (-113 dB)."""

_AT_ONCE = 2000
"""Samples of the result that are computed together."""

_LEAST_HZ = 24_000
"""What a rate is divided down to at most: the filter before that leaves 8 kHz as it is."""

_BLOCK = 1 << 19
"""Samples of a long sound that are resampled together; a second's at least, where the rates share
no factor."""

_AROUND_S = 0.02
"""Seconds that the filter looks at, and more."""


def resampled(samples_T: Floats, rate_hz: int) -> Floats:
    """(T,) at `rate_hz` -> (T',) at 16 kHz, T' rounded up."""
    from scipy.signal import resample_poly

    common = gcd(rate_hz, SAMPLE_RATE_HZ)
    up, down = SAMPLE_RATE_HZ // common, rate_hz // common
    if max(up, down) <= LARGEST_FACTOR:
        return np.asarray(resample_poly(samples_T, up, down))
    length = ceil(len(samples_T) * SAMPLE_RATE_HZ / rate_hz)
    step = max(rate_hz // _LEAST_HZ, 1)
    if step > 1:
        samples_T = np.asarray(resample_poly(samples_T, 1, step))
    return _by_place(samples_T, rate_hz, step, length)


def resampled_blocks(blocks: Iterator[Floats], rate_hz: int) -> Iterator[Floats]:
    """A sound's pieces at `rate_hz` -> pieces of the same sound at 16 kHz.

    The sound is cut where a sample of one rate falls on one of the other, and each piece resampled
    with as much around it as the filter looks at.
    """
    common = gcd(rate_hz, SAMPLE_RATE_HZ)
    down, up = rate_hz // common, SAMPLE_RATE_HZ // common
    around, units = ceil(_AROUND_S * common), max(_BLOCK // down, 1)
    before, held = 0, np.empty(0)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= (before + units + around) * down:
            piece = resampled(held[: (before + units + around) * down], rate_hz)
            yield piece[before * up : (before + units) * up]
            held = held[max(before + units - around, 0) * down :]
            before = min(before + units, around)
    yield resampled(held, rate_hz)[before * up :]


def _by_place(samples_T: Floats, rate_hz: int, step: int, length: int) -> Floats:
    """`length` samples at 16 kHz of (T,) at `rate_hz / step`."""
    parts = step * SAMPLE_RATE_HZ
    wide = max(rate_hz / parts, 1.0)
    reach = ceil(_CROSSINGS * wide)
    padded = np.pad(samples_T, (reach, reach + 1 + rate_hz // parts))
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach)
    offsets = np.arange(1 - reach, reach + 1)
    table, slope = _sinc_table()
    found = np.empty(length)
    for first in range(0, length, _AT_ONCE):
        whole, rest = np.divmod(np.arange(first, min(first + _AT_ONCE, length)) * rate_hz, parts)
        places = np.abs(offsets - (rest / parts)[:, None]) * (_FINE / wide)
        low = places.astype(np.intp)
        places -= low
        weights = table.take(low, mode="clip") + slope.take(low, mode="clip") * places
        found[first : first + len(whole)] = np.einsum("ij,ij->i", near[whole + 1], weights) / wide
    return found


@cache
def _sinc_table() -> tuple[Floats, Floats]:
    """The windowed sinc from its middle on to its end, a zero behind it, and its differences."""
    places = np.arange(_CROSSINGS * _FINE + 1) / _FINE
    window = np.i0(_BETA * np.sqrt(1 - (places / _CROSSINGS) ** 2)) / np.i0(_BETA)
    half = np.sinc(places) * window
    whole = (2 * half.sum() - half[0]) / _FINE
    table = np.append(half / whole, 0.0)
    return table, np.diff(table, append=0.0)
