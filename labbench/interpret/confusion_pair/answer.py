"""Two words that are confused: the clips of both directions, and what they have in common.

F frequency bins, W windows of the spectrogram, M moments of the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from labbench.architecture.stages import stage
from labbench.errors import RunError, nearest
from labbench.evaluation.clips import ClipPrediction, clips_in_cell
from labbench.evaluation.sounds import clips_of
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.question import Answer, Ask, Question, Rate, Start
from labbench.runs import Predictions, RunFolder
from labbench.views.source import chosen_predictions


@dataclass(frozen=True, slots=True)
class Cell:
    """Clips of one word taken for one word."""

    actual: str
    predicted: str
    clips: tuple[ClipPrediction, ...]
    """All; confusions with the surest mistake first, right ones with the least sure first."""
    support: int
    """Clips of the actual word."""

    @property
    def right(self) -> bool:
        """Whether they were taken for what they are."""
        return self.actual == self.predicted

    @property
    def share(self) -> float:
        """Of the clips of the actual word."""
        return len(self.clips) / self.support if self.support else 0.0

    def averaged(self, most: int) -> tuple[ClipPrediction, ...]:
        """The clips that stand for the cell: those the net was surest of."""
        return self.clips[::-1][:most] if self.right else self.clips[:most]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two words and how they are confused."""

    first: str
    second: str
    split: str
    epoch: int
    """Of the predictions."""
    cells: tuple[Cell, Cell, Cell, Cell]
    """First for first, first for second, second for first, second for second."""

    @classmethod
    def of(cls, predictions: Predictions, first: str, second: str) -> Pair:
        """The pair's clips in some predictions.

        Raises:
            RunError: one of the words is no class, or both are the same.
        """
        words = predictions.words
        for word in (first, second):
            if word not in words:
                raise RunError(
                    f"knows no class {word!r}.", where="the net", hint=nearest(word, words)
                )
        if first == second:
            raise RunError(f"a pair is two words: {first} is one.", where="pair")
        cells = tuple(
            Cell(
                actual, predicted,
                tuple(clips_in_cell(predictions, words.index(actual), words.index(predicted))),
                int((predictions.actual == words.index(actual)).sum()),
            )
            for actual in (first, second)
            for predicted in (first, second)
        )  # fmt: skip
        return cls(first, second, predictions.split, predictions.epoch, cells)  # type: ignore[arg-type]

    @property
    def confused(self) -> tuple[Cell, Cell]:
        """First taken for second, and second for first."""
        return self.cells[1], self.cells[2]


@dataclass(frozen=True, slots=True)
class Means(Answer):
    """What the clips of each cell look and count like on average; a cell without clips has none."""

    lengths: ClassVar[Mapping[str, str]] = {"C": "rows", "F": "frequencies_hz", "W": "times_s"}

    layer: str
    rows: tuple[tuple[int, ...], ...]
    """The clips averaged for each cell."""
    decibels_CFW: NDArray[np.float32]
    """Mean over a cell's clips of the spectrogram in dB under each clip's loudest."""
    frequencies_hz: NDArray[np.float64]
    times_s: NDArray[np.float64]
    evidence_CM: NDArray[np.float32]
    """Mean Grad-CAM for what the clips were taken for, each clip's own scaled to its greatest."""
    rate_hz: Rate
    start_s: Start

    def check(self) -> None:
        if any(not (np.diff(axis) > 0).all() for axis in (self.frequencies_hz, self.times_s)):
            raise ValueError("frequencies and times ascend")
        if not np.isfinite([*self.frequencies_hz[[0, -1]], *self.times_s[[0, -1]]]).all():
            raise ValueError("frequencies and times have an end")

    @property
    def counts(self) -> tuple[int, ...]:
        """Clips averaged for each cell."""
        return tuple(map(len, self.rows))


class PairQuestion(Question[Means], frozen=True, kw_only=True, tag="pair"):
    """Mean spectrogram and mean Grad-CAM of the clips of several cells."""

    rows: tuple[tuple[int, ...], ...]
    """The clips of each cell, as rows of the data set."""
    words: tuple[str, ...]
    """The class whose evidence is shown, for each cell."""
    layer: str
    """Of Grad-CAM: a convolution, after its activation."""
    digest: str
    """Fingerprint of the data set."""


@dataclass(frozen=True, slots=True)
class Confused:
    """A pair, and all that could be looked at."""

    pairs: tuple[tuple[str, str], ...]
    """Those that are confused, the worst first."""
    pair: Pair
    means: Means


def find(run: RunFolder, options: PairOptions, ask: Ask) -> Confused:
    """What the options ask for; where they name no pair, the one confused most.

    Raises:
        LabbenchError: there are no results yet, no confusion, or no such word or layer.
    """
    predictions = chosen_predictions(run, run.status(), options.split)
    pairs = tuple(worst_pairs(predictions))
    if not (chosen := options.pair or (pairs[:1] and pairs[0])):
        raise RunError("no clip was taken for another word: there is no confusion.",
                       where=run.id, hint="Name two words all the same.")  # fmt: skip
    first, second = chosen
    pair = Pair.of(predictions, first, second)
    return Confused(pairs, pair, ask(pair_question(run, pair, options.layer, options.limit)))


def pair_question(
    run: RunFolder, pair: Pair, layer: str = "", most: int = PairOptions().limit
) -> PairQuestion:  # fmt: skip
    """The question about a pair's cells.

    Args:
        layer: of Grad-CAM, a convolution's name or number; empty: the last.
        most: clips averaged for each cell.

    Raises:
        LabbenchError: there is no such layer, or the run's clips are gone.
    """
    return PairQuestion(
        rows=tuple(tuple(clip.row for clip in cell.averaged(most)) for cell in pair.cells),
        words=tuple(cell.predicted for cell in pair.cells),
        layer=stage(run.preset().plan, layer).name,
        digest=clips_of(run).meta.fingerprint,
    )  # fmt: skip


def worst_pairs(predictions: Predictions) -> list[tuple[str, str]]:
    """All pairs of words that are confused, most clips in both directions first."""
    K = len(predictions.words)
    finite = np.isfinite(predictions.logits).all(axis=1)
    places = predictions.actual[finite] * K + predictions.predicted[finite]
    matrix = np.bincount(places, minlength=K * K).reshape(K, K)
    both = np.triu(matrix + matrix.T, 1)
    order = np.argsort(-both, axis=None, kind="stable")
    pairs = [divmod(int(place), K) for place in order if both.flat[place]]
    # The direction with more clips is read first.
    return [
        (predictions.words[a], predictions.words[b])
        if matrix[a, b] >= matrix[b, a]
        else (predictions.words[b], predictions.words[a])
        for a, b in pairs
    ]
