"""How large a net's weights are, and how far they moved from those at the start.

B bins, E their edges: one more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.interpret.question import Answer, Ask, Question
from labbench.interpret.weights.options import WeightsOptions
from labbench.runs import RunFolder

MOST_BINS, LEAST_BINS = 60, 8


def bins(weights: int) -> int:
    """Bins of a histogram of so many weights: the square root, so that a bin holds several."""
    return min(max(math.isqrt(weights), LEAST_BINS), MOST_BINS)


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The kernels of a convolution, or the matrix of a dense layer."""

    name: str
    count: int
    norm: float
    """Root of the sum of squares."""
    start_norm: float
    moved: float
    """Norm of the difference from the start."""
    cosine: float
    """Between the weights and those at the start; 0 where one of them is all zeros."""
    mean: float
    std: float
    edges_E: NDArray[np.float64]
    """Of the weights, now and at the start."""
    now_B: NDArray[np.int64]
    start_B: NDArray[np.int64]
    moved_edges_F: NDArray[np.float64]
    """Of the differences."""
    moved_B: NDArray[np.int64]

    @property
    def share(self) -> float:
        """How far they moved, in parts of the norm at the start; infinite where that is 0."""
        return self.moved / self.start_norm if self.start_norm else np.inf


@dataclass(frozen=True, slots=True)
class Weights(Answer):
    """The weights of all layers that have kernels or a matrix."""

    epoch: int
    """Of the checkpoint."""
    layers: tuple[LayerWeights, ...]

    def check(self) -> None:
        if not self.layers:
            raise ValueError("there are layers")
        for one in self.layers:
            if not len(one.edges_E) == len(one.moved_edges_F) == len(one.now_B) + 1:
                raise ValueError("bins have an edge more")
            if any(not (np.diff(edges) > 0).all() or not np.isfinite(edges).all()
                   for edges in (one.edges_E, one.moved_edges_F)):  # fmt: skip
                raise ValueError("edges ascend")


class WeightsQuestion(Question[Weights], frozen=True, kw_only=True, tag="weights"):
    """All layers; what they began with follows from the preset."""

    seed: int
    """Of training."""


def find(run: RunFolder, options: WeightsOptions, ask: Ask) -> Weights:
    """What the options ask for.

    Raises:
        LabbenchError: there is no checkpoint yet, or the run's preset is damaged.
    """
    return ask(WeightsQuestion(seed=run.preset().training.seed))


def figures(name: str, now: NDArray[np.float32], start: NDArray[np.float32]) -> LayerWeights:
    """The figures of a layer, of its weights now and at the start, of one shape."""
    one, other = now.astype(np.float64).ravel(), start.astype(np.float64).ravel()
    apart = one - other
    norm, start_norm = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    edges_E = np.histogram_bin_edges(np.concatenate([one, other]), bins(one.size))
    moved_B, moved_edges_F = np.histogram(apart, bins(one.size))
    return LayerWeights(
        name=name, count=one.size, norm=norm, start_norm=start_norm,
        moved=float(np.linalg.norm(apart)),
        cosine=float(one @ other) / (norm * start_norm) if norm and start_norm else 0.0,
        mean=float(one.mean()), std=float(one.std()), edges_E=edges_E,
        now_B=np.histogram(one, edges_E)[0], start_B=np.histogram(other, edges_E)[0],
        moved_edges_F=moved_edges_F, moved_B=moved_B,
    )  # fmt: skip
