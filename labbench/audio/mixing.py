"""Channels averaged, and what that does to their sound.

Shape letters: T samples, C channels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labbench.audio.meta import Flag

MUTED = 1e-6
"""Power of a channel beside the loudest one under which it has no sound: -60 dB."""

CANCELLED = 0.1
"""Power of averaged channels beside that of channels without anything in common under which they
cancel each other: -10 dB, two channels that correlate by -0.9."""


class Mixer:
    """Averages the channels of a sound, piece by piece, and remembers how loud they were."""

    def __init__(self, channels: int) -> None:
        self._frames = 0
        # Of each channel, then of their average.
        self._sums = np.zeros(channels + 1)
        self._squares = np.zeros(channels + 1)

    def average(self, samples_TC: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(T,) of the samples that come next."""
        mixed: npt.NDArray[np.float64] = samples_TC.mean(axis=1)
        self._frames += len(mixed)
        for place, one in enumerate((*samples_TC.T, mixed)):
            self._sums[place] += one.sum()
            self._squares[place] += np.dot(one, one)
        return mixed

    @property
    def flags(self) -> Flag:
        """What averaging did to the sound that came so far."""
        frames = max(self._frames, 1)
        powers = self._squares / frames - (self._sums / frames) ** 2
        *channels, mixed = np.maximum(powers, 0).tolist()
        flags = Flag.MIXED
        if min(channels) < MUTED * max(channels):
            flags |= Flag.MUTED
        if mixed < CANCELLED * sum(channels) / len(channels) ** 2:
            flags |= Flag.CANCELLED
        return flags
