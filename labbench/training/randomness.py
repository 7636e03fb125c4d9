"""Random numbers as a function of (seed, what for, when): a resumed run draws the same ones.

No generator state is ever saved. Streams for different purposes never share numbers.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

Purpose = Literal["order", "augmentation", "dropout", "subset"]
_STREAMS: dict[Purpose, int] = {"order": 1, "augmentation": 2, "dropout": 3, "subset": 4}


def seed_for(seed: int, purpose: Purpose, moment: int) -> int:
    """A 63-bit seed for one purpose at one moment (an epoch, a step)."""
    words = np.random.SeedSequence([seed, _STREAMS[purpose], moment]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


def generator(
    seed: int, purpose: Purpose, moment: int, device: torch.device | None = None
) -> torch.Generator:
    """A fresh torch generator for one purpose at one moment."""
    fresh = torch.Generator(device=device or "cpu")
    return fresh.manual_seed(seed_for(seed, purpose, moment))
