"""The activations by name. Slopes and scales are torch's defaults, which are the papers'."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

_MAKERS: dict[str, Callable[[int], nn.Module]] = {
    "relu": lambda channels: nn.ReLU(),
    "tanh": lambda channels: nn.Tanh(),
    "leaky_relu": lambda channels: nn.LeakyReLU(0.01),
    "rrelu": lambda channels: nn.RReLU(1 / 8, 1 / 3),
    "prelu": lambda channels: nn.PReLU(channels, init=0.25),
    "elu": lambda channels: nn.ELU(),
    "selu": lambda channels: nn.SELU(),
    "gelu": lambda channels: nn.GELU(),
    "silu": lambda channels: nn.SiLU(),
    "sigmoid": lambda channels: nn.Sigmoid(),
    "softsign": lambda channels: nn.Softsign(),
}

NON_DECREASING = frozenset(
    {"relu", "tanh", "leaky_relu", "elu", "selu", "sigmoid", "softsign"},
)
"""Activations that keep order, so that max pooling may go first with the same result.

rrelu draws a slope for every element and prelu's slope may turn negative; gelu and silu dip.
"""


def activation(name: str, channels: int) -> nn.Module:
    """The activation `name` for `channels` channels (prelu has one slope a channel)."""
    return _MAKERS[name](channels)
