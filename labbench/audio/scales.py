"""Scales of frequency that a spectrogram is drawn on."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log", "mel"]
SCALES: tuple[Scale, ...] = get_args(Scale)

LOWEST_LOG_HZ = 50.0
"""Where a logarithmic scale begins: under the lowest voice."""


def lowest_hz(scale: Scale) -> float:
    """The frequency at the bottom of a scale."""
    return LOWEST_LOG_HZ if scale == "log" else 0.0


def placed(hz: NDArray[np.floating], scale: Scale) -> NDArray[np.float64]:
    """Where frequencies stand on a scale: in Hz, octaves above 1 Hz, or mel.

    Mel as O'Shaughnessy, Speech Communication, 1987 (and HTK): 2595 log10(1 + f / 700 Hz), so that
    1000 Hz is 1000 mel. What lies under the bottom of a logarithmic scale stands at the bottom.
    """
    values = np.asarray(hz, np.float64)
    if scale == "log":
        values = np.log2(np.maximum(values, LOWEST_LOG_HZ))
    elif scale == "mel":
        values = 2595 * np.log10(1 + values / 700)
    return values
