"""How weights begin, by Keras' definitions.

fan_in = kernel x channels in, fan_out = kernel x channels out. The uniform ones draw from
[-limit, limit]; the normal ones from a normal truncated at two standard deviations, widened so
that the variance after truncation is the one named.

| name | uniform limit | variance of the normal | paper |
|---|---|---|---|
| xavier | sqrt(6 / (fan_in + fan_out)) | 2 / (fan_in + fan_out) | Glorot and Bengio 2010 |
| he | sqrt(6 / fan_in) | 2 / fan_in | He et al. 2015 |
| lecun | sqrt(3 / fan_in) | 1 / fan_in | LeCun et al. 1998 |
| orthogonal | rows or columns orthonormal | | Saxe et al. 2014 |
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

TRUNCATED_STD = 0.87962566103423978
"""Standard deviation of a unit normal truncated at +-2."""


def fans(weight: Tensor) -> tuple[int, int]:
    """fan_in and fan_out of a convolution (O, I, k) or dense (O, I) weight."""
    taps = weight[0, 0].numel() if weight.ndim > 2 else 1
    return weight.shape[1] * taps, weight.shape[0] * taps


def scale(name: str, fan_in: int, fan_out: int) -> float:
    """Variance of the weights that `name` asks for."""
    match name.split("_")[0]:
        case "xavier":
            return 2 / (fan_in + fan_out)
        case "he":
            return 2 / fan_in
        case "lecun":
            return 1 / fan_in
    raise ValueError(f"no initializer {name!r}")


@torch.no_grad()
def initialize_(weight: Tensor, name: str, generator: torch.Generator) -> Tensor:
    """Fill a weight in place, drawing from `generator`, and return it."""
    if name == "orthogonal":
        return nn.init.orthogonal_(weight, generator=generator)
    variance = scale(name, *fans(weight))
    if name.endswith("_uniform"):
        limit = math.sqrt(3 * variance)
        return weight.uniform_(-limit, limit, generator=generator)
    std = math.sqrt(variance) / TRUNCATED_STD
    return nn.init.trunc_normal_(weight, 0.0, std, -2 * std, 2 * std, generator=generator)
