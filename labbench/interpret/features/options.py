"""What can be chosen of features, the same in all that is made of them."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from labbench.interpret.options import Option

FLATTEN = "flatten"
"""The layer whose output goes into the first dense layer."""

Pooling = Literal["mean", "max"]
"""How a convolution's output is pooled over time."""
POOLS: tuple[Pooling, ...] = get_args(Pooling)

Layer = Annotated[str, Option("flatten (what the first dense layer gets), conv1, conv2, ...")]
Pool = Annotated[
    Pooling | None,
    Option("A convolution's output over time; default: mean.", key="p", label="mean/max",
           does="Pool a convolution over time by its mean, or by its maximum"),
]  # fmt: skip
LIMIT = 4_000
"""Clips of each split that are used where nobody says how many."""

MOST = "At most so many clips of a split, each class by its share; 0: all that fit."
