"""The numbers a net turns a clip into, for other classifiers.

N clips, D features, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from labbench.architecture import Plan
from labbench.architecture.stages import layer_named
from labbench.audio.meta import SplitName
from labbench.errors import RunError
from labbench.interpret.features.options import FLATTEN, LIMIT, POOLS
from labbench.interpret.question import Answer, Question

Pool = Literal["", "mean", "max"]
"""How a convolution's output is pooled over time; the flattened features are taken whole."""

MOST_BYTES = 64 << 20
"""What the features of a split may take; fewer clips are used where they would take more."""

MOST_FEATURES = 10_000
"""More of them a clip are projected at random onto `PROJECTED`."""

PROJECTED = 4_096


@dataclass(frozen=True, slots=True)
class Features(Answer):
    """The features of some clips of a split, and what the net's own head makes of them."""

    layer: str
    pool: Pool
    split: str
    features_ND: NDArray[np.float32]
    rows_N: NDArray[np.int64]
    """Where each clip is in its data set, ascending."""
    labels_N: NDArray[np.int64]
    """Its class: a place in `words`."""
    logits_NK: NDArray[np.float32]
    """Of the net itself."""
    words: tuple[str, ...]
    total: int
    """Clips of the split, of which N were drawn."""
    size: int
    """Features a clip had; more than D where they were projected at random."""

    @property
    def projected(self) -> bool:
        """Whether the features are a random projection of the net's."""
        return bool(self.size != self.features_ND.shape[1])


class FeaturesQuestion(Question[Features], frozen=True, kw_only=True, tag="features"):
    """The features of a split's clips. `asked` makes one that fits the net."""

    layer: str = FLATTEN
    """`flatten`, or a convolution's name."""
    pool: Pool = ""
    split: SplitName = "test"
    limit: int = LIMIT
    """At most so many clips; 0: as many as memory allows."""


def features_question(
    plan: Plan, layer: str = FLATTEN, pool: str = "", *, split: SplitName = "test",
    limit: int = LIMIT,
) -> FeaturesQuestion:  # fmt: skip
    """The question for a layer of a net: a name, or a convolution's number from 1.

    A convolution is pooled by its mean where no pooling is named.

    Raises:
        RunError: there is no such layer or pooling, or the limit leaves a class without clips.
    """
    convs = [conv.name for conv in plan.convs]
    layer = layer_named((*convs, FLATTEN), layer)
    if pool not in ("", *POOLS):
        raise RunError(f"there is no pooling {pool!r}.", where="pool",
                       hint=f"Allowed: {', '.join(POOLS)}.")  # fmt: skip
    if pool and layer == FLATTEN:
        raise RunError("the flattened features are not pooled.", where="pool",
                       hint="Name a convolution with --layer to pool over time.")  # fmt: skip
    if limit and limit < 2 * plan.classes:
        raise RunError(f"{limit} clips are too few for {plan.classes} classes.", where="limit",
                       hint=f"Take {2 * plan.classes} or more, or 0 for all.")  # fmt: skip
    how: Pool = "" if layer == FLATTEN else "max" if pool == "max" else "mean"
    return FeaturesQuestion(layer=layer, pool=how, split=split, limit=limit)


def in_words(layer: str, pool: Pool) -> str:
    """`flattened features`, `conv8, mean over time`."""
    return "flattened features" if layer == FLATTEN else f"{layer}, {pool} over time"


def drawn(labels_N: NDArray[np.int64], most: int, seed: int = 0) -> NDArray[np.int64]:
    """Ascending places of at most so many clips, each class by its share; the same every time."""
    if most >= len(labels_N):
        return np.arange(len(labels_N))
    order = np.random.default_rng(seed).permutation(len(labels_N))
    turn = np.empty(len(labels_N))
    for label in np.unique(labels_N):
        of_label = order[labels_N[order] == label]
        # The n-th clip of a class comes when n parts of the whole are taken.
        turn[of_label] = (np.arange(len(of_label)) + 0.5) / len(of_label)
    return np.sort(np.argsort(turn, kind="stable")[:most])


def most_clips(features: int, limit: int) -> int:
    """Clips whose features are kept: the limit, or what memory allows."""
    allowed = MOST_BYTES // (4 * min(features, PROJECTED if features > MOST_FEATURES else features))
    return min(limit or allowed, allowed)


def much(used: int, total: int, split: str) -> str:
    """`4,000 of 40,851 train`, `all 4,205 validation`."""
    return f"{f'all {used:,}' if used == total else f'{used:,} of {total:,}'} {split}"
