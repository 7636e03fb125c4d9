"""Two nets judged on the same clips: what one gets right that the other gets wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from labbench.errors import RunError
from labbench.evaluation.metrics import Report
from labbench.runs import Predictions

Test = Literal["exact", "chi-squared"]

EXACT_BELOW = 25
"""Clips that differ from which on the chi-squared distribution is close enough (McNemar 1947)."""


@dataclass(frozen=True, slots=True)
class Paired:
    """How a second net did beside a first one, clip by clip.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 12 (1947); continuity correction by A. L. Edwards,
    "Note on the correction for continuity", Psychometrika 13 (1948).
    """

    both: int
    """Clips both are right on."""
    lost: int
    """Clips only the first is right on."""
    won: int
    """Clips only the second is right on."""
    neither: int
    """Clips both are wrong on."""

    @property
    def clips(self) -> int:
        """Clips both were judged on."""
        return self.both + self.lost + self.won + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the second less that of the first."""
        return (self.won - self.lost) / self.clips

    @property
    def standard_error(self) -> float:
        """Of the difference, the two being judged on the same clips."""
        apart = self.won + self.lost
        return math.sqrt(apart - (self.won - self.lost) ** 2 / self.clips) / self.clips

    @property
    def test(self) -> Test:
        """McNemar's test as it is done: exact (binomial) where few clips differ."""
        return "exact" if self.won + self.lost < EXACT_BELOW else "chi-squared"

    @property
    def statistic(self) -> float | None:
        """McNemar's chi-squared with the continuity correction, one degree of freedom."""
        if self.test == "exact":
            return None
        return (abs(self.won - self.lost) - 1) ** 2 / (self.won + self.lost)

    @property
    def p(self) -> float:
        """Two-sided probability of a difference at least as large if both nets were as good."""
        if self.statistic is None:
            return sign_test(self.won, self.lost)
        return math.erfc(math.sqrt(self.statistic / 2))

    def in_words(self) -> str:
        """`wins 40 clips, loses 12: p 0.0002 (McNemar, chi-squared)`."""
        how = f"p {p_in_words(self.p)} (McNemar, {self.test})"
        return f"wins {self.won:,}, loses {self.lost:,} of {self.clips:,} clips: {how}"


def sign_test(one: int, other: int) -> float:
    """Two-sided p-value of an exact sign test: a fair coin falls so unevenly, or more so."""
    count = one + other
    tail = sum(math.comb(count, k) for k in range(min(one, other) + 1))
    return min(1.0, float(2 * tail / 2**count))


def p_in_words(p: float) -> str:
    """Four places: `0.0312`, `<0.0001`."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def paired(first: Predictions, second: Predictions) -> Paired:
    """The two beside each other, clip by clip; clips are told by their names.

    Where one of them was judged on further clips, only those that both were judged on count.

    Raises:
        RunError: they know other words, were judged on other splits or on no clip in common.
    """
    if first.split != second.split:
        raise RunError(f"evaluated on {second.split} clips, the other on {first.split} clips.")
    if set(first.words) != set(second.words):
        raise RunError("it was trained on other words.")
    here, there = _common(first.names, second.names)
    if not len(here):
        raise RunError("evaluated on other clips.")
    right, right_too = _right(first)[here], _right(second)[there]
    return Paired(
        both=int((right & right_too).sum()),
        lost=int((right & ~right_too).sum()),
        won=int((~right & right_too).sum()),
        neither=int((~right & ~right_too).sum()),
    )


def _right(predictions: Predictions) -> NDArray[np.bool_]:
    """(N,) whether each clip was taken for what it is; one without an answer is wrong."""
    answered = np.isfinite(predictions.logits).all(axis=1)
    right: NDArray[np.bool_] = answered & (predictions.predicted == predictions.actual)
    return right


def _common(
    first: Sequence[str], second: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the names that are in both, in the order of the first."""
    places = {name: place for place, name in enumerate(second)}
    pairs = [(here, places[name]) for here, name in enumerate(first) if name in places]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """A word's figures with a first and a second net."""

    word: str
    support: int
    """Clips of it that the first was judged on."""
    recall: tuple[float, float]
    precision: tuple[float, float]
    f1: tuple[float, float]

    def difference(self, figure: str) -> float:
        """Second less first, of `recall`, `precision` or `f1`."""
        first, second = getattr(self, figure)
        return float(second - first)


def class_differences(first: Report, second: Report) -> list[ClassDifference]:
    """The words both know, in the order of the first."""
    found = []
    for here, word in enumerate(first.words):
        if word not in second.words:
            continue
        there = second.words.index(word)
        figures = {
            name: (float(getattr(first, name)[here]), float(getattr(second, name)[there]))
            for name in ("recall", "precision", "f1")
        }
        found.append(ClassDifference(word, int(first.support[here]), **figures))
    return found
