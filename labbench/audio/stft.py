"""Spectrograms by the short-time Fourier transform, and scales of frequency to draw them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from labbench.units import SAMPLE_RATE_HZ

Floats = npt.NDArray[np.float64]

WINDOW = 512
"""Samples of a window: what the report used."""

STRIDE = 128
"""Samples from one window to the next: what the report used."""


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """Power over frequency and time."""

    power_FW: Floats
    """Squared magnitude, scaled so that a sine of amplitude a in the middle of a bin gives a^2/2
    of power there (its mean square)."""
    frequencies_hz: Floats
    """(F,) centres of the bins."""
    times_s: Floats
    """(W,) centres of the windows."""

    def decibels(self, range_db: float = 80.0) -> Floats:
        """(F, W) power in dB under its greatest value, cut off `range_db` below it."""
        top = float(self.power_FW.max())
        if top <= 0:
            return np.full(self.power_FW.shape, -range_db)
        floor = top * 10 ** (-range_db / 10)
        found: Floats = 10 * np.log10(np.maximum(self.power_FW, floor) / top)
        return found


def spectrogram(
    samples_T: npt.NDArray[np.floating], *, window: int = WINDOW, stride: int = STRIDE,
    rate_hz: float = SAMPLE_RATE_HZ,
) -> Spectrogram:  # fmt: skip
    """The spectrogram of a sound with a Hann window (scipy.signal.ShortTimeFFT).

    Windows lie wholly inside the sound; one that is shorter than a window is followed by zeros.

    Raises:
        ValueError: window or stride is not positive.
    """
    from scipy.signal import ShortTimeFFT, get_window

    if window < 2 or stride < 1:
        raise ValueError(f"window = {window}, stride = {stride}: too small")
    samples = np.asarray(samples_T, np.float64)
    if len(samples) < window:
        samples = np.pad(samples, (0, window - len(samples)))
    hann = get_window("hann", window)
    transform = ShortTimeFFT(hann, hop=stride, fs=rate_hz, fft_mode="onesided")
    count = (len(samples) - window) // stride + 1
    first = window // 2 // stride + (window // 2 % stride > 0)
    offset = first * stride - window // 2
    found = transform.stft(np.pad(samples, (offset, 0)), p0=first, p1=first + count)
    power: Floats = (2 * np.square(np.abs(found) / float(hann.sum()))).astype(np.float64)
    power[0] /= 2
    if window % 2 == 0:
        power[-1] /= 2
    centres = np.asarray((np.arange(count) * stride + window / 2) / rate_hz, np.float64)
    return Spectrogram(power, np.asarray(transform.f, np.float64), centres)


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
