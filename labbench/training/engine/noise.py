"""Everything random in a step, drawn from one generator before the step begins.

Order of draws: for each rrelu in the plan's order one seed a clip, then the dropout's mask. So a
step is a function of weights, batch and generator, whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from labbench.architecture import Activation, Dropout, Plan


@dataclass(frozen=True, slots=True)
class Noise:
    """Seeds of the clips by name of the rrelu layer; the dropout's mask, or none."""

    seeds: Mapping[str, Sequence[int]]
    mask_BF: Tensor | None
    """1 / (1 - rate) where a feature stays, 0 where it goes."""


def keep_mask(
    clips: int, features: int, rate: float, generator: torch.Generator, dtype: torch.dtype
) -> Tensor:
    """An inverted dropout mask (B, F) on the generator's device."""
    chance = torch.rand(clips, features, generator=generator, device=generator.device)
    return (chance >= rate).to(dtype).div_(1 - rate)


def draw(plan: Plan, clips: int, generator: torch.Generator, dtype: torch.dtype) -> Noise:
    """The noise of one training step on so many clips."""
    seeds: dict[str, Sequence[int]] = {}
    mask_BF = None
    for layer in plan:
        if isinstance(layer, Activation) and layer.function == "rrelu":
            drawn = torch.randint(2**62, (clips,), generator=generator, device=generator.device)
            seeds[layer.name] = drawn.tolist()
        elif isinstance(layer, Dropout):
            mask_BF = keep_mask(clips, layer.channels, layer.rate, generator, dtype)
    return Noise(seeds, mask_BF)
