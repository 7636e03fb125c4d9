"""Test clips laid out in two dimensions by what a layer gives.

N clips, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from labbench.interpret.clip import place_of
from labbench.interpret.embedding.options import LIMIT, EmbeddingOptions, Layout
from labbench.interpret.features.answer import Pool, features_question
from labbench.interpret.features.options import FLATTEN
from labbench.interpret.question import Answer, Ask, Question
from labbench.runs import RunFolder
from labbench.runs.predictions import softmax


@dataclass(frozen=True, slots=True)
class Embedding(Answer):
    """Where each clip lies, what it is, and what the net takes it for."""

    lengths: ClassVar[Mapping[str, str]] = {"N": "names"}

    layer: str
    pool: Pool
    method: Layout
    xy_N2: NDArray[np.float32]
    rows_N: NDArray[np.int64]
    """Where each clip is in its data set."""
    labels_N: NDArray[np.int64]
    logits_NK: NDArray[np.float32]
    names: tuple[str, ...]
    words: tuple[str, ...]
    total: int
    """Test clips, of which N were drawn."""
    size: int
    """Features a clip has."""
    explained: tuple[float, ...]
    """PCA: shares of the features' variance along x and y. t-SNE: the share that its principal
    components hold."""
    components: int
    """Principal components of the features that t-SNE started from; PCA: 2."""
    perplexity: float | None
    """Of t-SNE."""
    divergence: float | None
    """Kullback-Leibler divergence that t-SNE came to."""

    def check(self) -> None:
        if len(self.explained) != (2 if self.method == "pca" else 1):
            raise ValueError(f"{self.explained} are no shares of {self.method}")
        if self.method == "tsne" and None in (self.perplexity, self.divergence):
            raise ValueError("t-SNE has a perplexity and comes to a divergence")
        if not np.isfinite(self.xy_N2).all():
            raise ValueError("a clip lies nowhere")

    @property
    def predicted(self) -> NDArray[np.int64]:
        """What the net takes each clip for."""
        best: NDArray[np.int64] = self.logits_NK.argmax(axis=1)
        return best

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Clips that are taken for another word."""
        wrong: NDArray[np.bool_] = self.predicted != self.labels_N
        return wrong

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Softmax of the logits."""
        return softmax(self.logits_NK)

    @property
    def places(self) -> NDArray[np.float64]:
        """Places from 0 (left, top) to 1 (right, bottom)."""
        xy = self.xy_N2.astype(np.float64) * (1, -1)
        low, span = xy.min(axis=0), np.ptp(xy, axis=0)
        shares: NDArray[np.float64] = np.where(span > 0, (xy - low) / np.where(span, span, 1), 0.5)
        return shares

    def in_words(self) -> str:
        """How the map came to be, and what it keeps."""
        if self.method == "pca":
            x, y = self.explained
            return f"PCA: x holds {x:.1%} of the variance, y {y:.1%}"
        return (
            f"t-SNE, perplexity {self.perplexity:g}, divergence {self.divergence:.2f}, from "
            f"{self.components} principal components ({self.explained[0]:.1%} of the variance): "
            "neighbours are kept, distances are not"
        )


class EmbeddingQuestion(Question[Embedding], frozen=True, kw_only=True, tag="embedding"):
    """A map of the test clips."""

    layer: str = FLATTEN
    pool: Pool = ""
    method: Layout = "pca"
    limit: int = LIMIT
    """At most so many clips; 0: as many as memory allows."""


def find(run: RunFolder, options: EmbeddingOptions, ask: Ask) -> Embedding:
    """What the options ask for.

    Raises:
        LabbenchError: there is no such layer or word, no checkpoint yet, or the clips are gone.
    """
    preset = run.preset()
    if options.word:
        place_of(preset.data.words, options.word)
    of = features_question(preset.plan, options.layer, options.pool or "", limit=options.limit)
    return ask(
        EmbeddingQuestion(layer=of.layer, pool=of.pool, method=options.method, limit=of.limit)
    )
