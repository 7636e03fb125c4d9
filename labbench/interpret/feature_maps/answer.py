"""Feature maps: what each channel of a layer gives for a clip.

C channels, T samples at the layer's own rate, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.architecture.stages import stage
from labbench.audio.stft import STRIDE, WINDOW, Spectrogram, spectrogram
from labbench.interpret.clip import ClipRef, chosen
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.question import Answer, Ask, Question, Rate, Start
from labbench.runs import RunFolder
from labbench.units import SAMPLE_RATE_HZ

LEAST_WINDOW = 16
"""Samples of the shortest window of a spectrogram."""


def maps_question(run: RunFolder, clip: ClipRef, layer: str) -> MapsQuestion:
    """The question about a clip.

    Args:
        layer: a convolution's name or number; empty: the last.

    Raises:
        LabbenchError: there is no such layer, or the run's preset is damaged.
    """
    return MapsQuestion(clip=clip, layer=stage(run.preset().plan, layer).name)


def find(run: RunFolder, options: MapsOptions, ask: Ask, clip: ClipRef | None = None) -> Maps:
    """What the options ask for.

    Args:
        clip: in the place of the one that they name.

    Raises:
        LabbenchError: there is no such clip or layer, or no checkpoint yet.
    """
    return ask(maps_question(run, clip or chosen(run, options.clip), options.layer))


@dataclass(frozen=True, slots=True)
class Maps(Answer):
    """A layer's channels for one clip."""

    apart = "samples_T"

    clip: ClipRef
    layer: str
    samples_T: NDArray[np.float32]
    """(16000,) the clip."""
    before_CT: NDArray[np.float32]
    """What goes into the activation (after batch norm, where there is one)."""
    after_CT: NDArray[np.float32]
    """What comes out of it."""
    rate_hz: Rate
    start_s: Start
    """Where in the clip the middle of what the first sample sees lies."""
    activation: str
    words: tuple[str, ...]
    logits_K: NDArray[np.float32]

    @property
    def strongest(self) -> NDArray[np.int64]:
        """(C,) channels by their energy after the activation, the highest first."""
        energy = np.square(self.after_CT.astype(np.float64)).sum(axis=1)
        order: NDArray[np.int64] = np.argsort(-energy, kind="stable")
        return order

    @property
    def silent(self) -> int:
        """Channels that give nothing but zeros after the activation."""
        return int((~self.after_CT.any(axis=1)).sum())


class MapsQuestion(Question[Maps], frozen=True, kw_only=True, tag="maps"):
    """All channels of one convolution, before and after its activation."""

    clip: ClipRef
    layer: str
    """The convolution's name: `conv3`."""


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """What a layer's channels amount to for one clip, each (C,)."""

    energy: NDArray[np.float64]
    """Mean square over time."""
    share: NDArray[np.float64]
    """Of the layer's energy; zeros where it has none."""
    least: NDArray[np.float32]
    greatest: NDArray[np.float32]

    @classmethod
    def of(cls, values_CT: NDArray[np.float32]) -> ChannelFigures:
        """The figures of a layer's values."""
        energy = np.square(values_CT.astype(np.float64)).mean(axis=1)
        share = energy / (energy.sum() or 1.0)
        return cls(energy, share, values_CT.min(axis=1), values_CT.max(axis=1))


def stft_window(samples: int, rate_hz: float) -> int | None:
    """Samples of a window of the STFT of so many: 512 at 16 kHz, the same milliseconds deeper down.

    A window has at least `LEAST_WINDOW` samples; None where the channel has not even four times as
    many as a window: it would tell nothing.
    """
    # Even, so that the highest frequency is half the rate.
    window = max(2 * round(WINDOW * rate_hz / SAMPLE_RATE_HZ / 2), LEAST_WINDOW)
    return window if samples >= 4 * window else None


def spectrogram_of(values_T: NDArray[np.float32], rate_hz: float) -> Spectrogram | None:
    """The STFT of a channel, its windows overlapping as those of 512 every 128 samples do."""
    window = stft_window(len(values_T), rate_hz)
    if window is None:
        return None
    stride = max(window * STRIDE // WINDOW, 1)
    return spectrogram(values_T, window=window, stride=stride, rate_hz=rate_hz)
