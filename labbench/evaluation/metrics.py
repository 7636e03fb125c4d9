"""From predictions to accuracy, precision, recall, F1 and the confusion matrix.

K classes; matrices are (K, K) with the actual class in rows and the predicted one in columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbench.errors import RunError
from labbench.runs import Predictions


@dataclass(frozen=True, slots=True)
class Average:
    """Precision, recall and F1 averaged over classes."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Clips of one word that were taken for another."""

    actual: str
    predicted: str
    clips: int
    share: float
    """Of the actual word's clips."""

    def in_words(self) -> str:
        """`tree → three: 15 clips (9.2% of tree)`."""
        noun = "clip" if self.clips == 1 else "clips"
        share = f"{self.share:.1%} of {self.actual}"
        return f"{self.actual} → {self.predicted}: {self.clips:,} {noun} ({share})"


@dataclass(frozen=True, slots=True)
class Report:
    """How well a net did on one split. A figure that would divide by zero is 0."""

    words: tuple[str, ...]
    matrix: NDArray[np.int64]
    """(K, K) clips: rows actual, columns predicted."""
    unanswered: NDArray[np.int64]
    """(K,) clips of each actual class without a prediction (logits not finite); they are wrong."""
    precision: NDArray[np.float64]
    """(K,)"""
    recall: NDArray[np.float64]
    """(K,)"""
    f1: NDArray[np.float64]
    """(K,)"""
    macro: Average
    """Mean over the classes that have clips."""
    weighted: Average
    """Mean over classes, weighted by support."""
    notes: tuple[str, ...]
    """What a reader of the figures must know: absent words, words never predicted, ..."""

    @property
    def support(self) -> NDArray[np.int64]:
        """(K,) clips of each actual class."""
        support: NDArray[np.int64] = self.matrix.sum(axis=1) + self.unanswered
        return support

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(K,) clips taken for each class."""
        counts: NDArray[np.int64] = self.matrix.sum(axis=0)
        return counts

    @property
    def clips(self) -> int:
        """All clips."""
        return int(self.support.sum())

    @property
    def right(self) -> int:
        """Clips taken for what they are."""
        return int(np.trace(self.matrix))

    @property
    def accuracy(self) -> float:
        """Share of the clips that are right."""
        return self.right / self.clips

    def confusions(self, limit: int | None = None) -> list[Confusion]:
        """Pairs of words that were confused, the most clips first, then the largest share."""
        support = self.support
        pairs = [
            Confusion(self.words[row], self.words[column], int(count), float(count / support[row]))
            for (row, column), count in np.ndenumerate(self.matrix)
            if row != column and count
        ]
        pairs.sort(key=lambda pair: (-pair.clips, -pair.share))
        return pairs[:limit]

    def confusion_order(self) -> list[int]:
        """Classes with those that are confused side by side.

        It begins with the pair confused most, and each next class is the one confused most with
        the class before it (clips in both directions).
        """
        both = self.matrix + self.matrix.T
        np.fill_diagonal(both, -1)
        if len(self.words) < 2:
            return list(range(len(self.words)))
        first, second = np.unravel_index(int(np.argmax(both)), both.shape)
        order = [int(first), int(second)]
        while len(order) < len(self.words):
            nearness = both[order[-1]].copy()
            nearness[order] = -1
            order.append(int(np.argmax(nearness)))
        return order


def evaluate(predictions: Predictions) -> Report:
    """The report of a split's predictions.

    Raises:
        RunError: there are no clips, or no clip has an answer.
    """
    K = len(predictions.words)
    where = f"predictions of the {predictions.split} clips"
    if not len(predictions.actual):
        raise RunError("there are none: the split has no clips.", where=where)
    answered = np.isfinite(predictions.logits).all(axis=1)
    if not answered.any():
        raise RunError(
            "the net's output is not a finite number for any clip.", where=where,
            hint="Its weights have diverged: try a lower optimizer.learning_rate.",
        )  # fmt: skip
    # Clips without an answer go to a column of their own, K.
    taken_for = np.where(answered, predictions.predicted, K)
    cells = np.bincount(predictions.actual * (K + 1) + taken_for, minlength=K * (K + 1))
    table = cells.reshape(K, K + 1).astype(np.int64)
    return _report(predictions.words, table[:, :K], table[:, K])


def from_matrix(words: Sequence[str], matrix: NDArray[Any]) -> Report:
    """The report of a confusion matrix (K, K), rows actual, columns predicted.

    Raises:
        ValueError: it is not a square matrix of counts, one row a word, with at least one clip.
    """
    counts = np.asarray(matrix)
    if counts.shape != (len(words), len(words)):
        raise ValueError(f"a matrix of shape {counts.shape} is not one row and column a word.")
    if (counts < 0).any() or (counts != np.floor(counts)).any() or not counts.any():
        raise ValueError("a confusion matrix holds counts, and at least one clip.")
    whole = counts.astype(np.int64)
    return _report(tuple(words), whole, np.zeros(len(words), dtype=np.int64))


def _report(
    words: tuple[str, ...], matrix: NDArray[np.int64], unanswered: NDArray[np.int64]
) -> Report:
    support = matrix.sum(axis=1) + unanswered
    present = np.flatnonzero(support)
    precision, recall, f1 = _scores(matrix, unanswered, list(range(len(words))), None)
    return Report(
        words=words,
        matrix=matrix,
        unanswered=unanswered,
        precision=precision,
        recall=recall,
        f1=f1,
        macro=Average(*map(float, _scores(matrix, unanswered, present.tolist(), "macro"))),
        weighted=Average(*map(float, _scores(matrix, unanswered, present.tolist(), "weighted"))),
        notes=tuple(_notes(words, matrix, unanswered)),
    )


def _scores(
    matrix: NDArray[np.int64], unanswered: NDArray[np.int64], labels: list[int], average: str | None
) -> tuple[Any, Any, Any]:
    """Precision, recall and F1 by scikit-learn: of each label, or averaged over them."""
    # Loading it takes a second, which only those who ask for figures should wait for.
    from sklearn.metrics import precision_recall_fscore_support

    table = np.column_stack([matrix, unanswered])
    actual, predicted = np.indices(table.shape)
    precision, recall, f1, _ = precision_recall_fscore_support(
        actual.ravel(), predicted.ravel(), labels=labels, average=average,
        sample_weight=table.ravel(), zero_division=0.0,
    )  # fmt: skip
    return precision, recall, f1


def _notes(
    words: tuple[str, ...], matrix: NDArray[np.int64], unanswered: NDArray[np.int64]
) -> list[str]:
    notes = []
    support = matrix.sum(axis=1) + unanswered
    silent = [word for word, count in zip(words, matrix.sum(axis=0), strict=True) if not count]
    absent = [word for word, count in zip(words, support, strict=True) if not count]
    if lost := int(unanswered.sum()):
        noun = "clip has" if lost == 1 else "clips have"
        notes.append(f"{lost:,} {noun} no answer (output not a finite number): counted as wrong.")
    if absent:
        notes.append(
            f"No clips of {', '.join(absent)}: recall and F1 shown as 0, left out of the averages."
        )
    if never := [word for word in silent if word not in absent]:
        notes.append(f"Never predicted: {', '.join(never)}: precision and F1 shown as 0.")
    return notes
