"""Feature maps: what each channel of a layer gives for a clip.

C channels, T samples at the layer's own rate, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.results.inside.heard import Heard
from labbench.runs.analyses import Analysis, Ask


class AskMaps(Ask, frozen=True, kw_only=True, tag="maps"):
    """All channels of one convolution, before and after its activation."""

    clip: Heard
    layer: str
    """The convolution's name: `conv3`."""


@dataclass(frozen=True, slots=True)
class Maps:
    """A layer's channels for one clip."""

    clip: Heard
    layer: str
    samples_T: NDArray[np.float32]
    """(16000,) the clip."""
    before_CT: NDArray[np.float32]
    """What goes into the activation (after batch norm, where there is one)."""
    after_CT: NDArray[np.float32]
    """What comes out of it."""
    rate_hz: float
    start_s: float
    """Where in the clip the middle of what the first sample sees lies."""
    activation: str
    words: tuple[str, ...]
    logits_K: NDArray[np.float32]

    @classmethod
    def of(cls, ask: AskMaps, found: Analysis) -> Maps:
        """The answer to a question."""
        arrays, about = found.arrays, found.about
        return cls(
            clip=ask.clip, layer=ask.layer, samples_T=arrays["samples"],
            before_CT=arrays["before"], after_CT=arrays["after"], rate_hz=about["rate_hz"],
            start_s=about["start_s"], activation=about["activation"],
            words=tuple(about["words"]), logits_K=arrays["logits"],
        )  # fmt: skip

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
