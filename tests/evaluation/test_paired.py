"""Two nets on the same clips, against scipy and a case worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from labbench.errors import RunError
from labbench.evaluation import Paired, class_differences, from_matrix, paired
from labbench.runs import Predictions

WORDS = ("yes", "no", "up")


def said(taken_for: list[int], actual: list[int], words: tuple[str, ...] = WORDS) -> Predictions:
    """Predictions that take each clip for a class."""
    return Predictions(
        split="test", epoch=1, words=words, clips=np.arange(len(actual)),
        names=tuple(f"{index}.wav" for index in range(len(actual))), actual=np.array(actual),
        logits=np.eye(len(words), dtype=np.float32)[taken_for],
    )  # fmt: skip


def test_clips_are_counted() -> None:
    actual = [0, 0, 1, 1, 2, 2]
    found = paired(said([0, 0, 1, 0, 2, 0], actual), said([0, 1, 1, 1, 2, 1], actual))
    assert found == Paired(both=3, lost=1, won=1, neither=1)
    assert found.difference == 0
    assert found.p == 1


def test_order_of_clips_and_words_does_not_matter() -> None:
    actual = [0, 0, 1, 1, 2, 2]
    first, second = said([0, 0, 1, 0, 2, 0], actual), said([0, 1, 1, 1, 2, 2], actual)
    order = [3, 1, 5, 0, 2, 4]
    mixed = Predictions(
        split="test", epoch=1, words=("up", "yes", "no"), clips=second.clips[order],
        names=tuple(second.names[index] for index in order),
        actual=np.array([1, 2, 0])[second.actual[order]],
        logits=second.logits[order][:, [2, 0, 1]],
    )  # fmt: skip
    assert paired(first, mixed) == paired(first, second)


def test_a_clip_without_an_answer_is_wrong() -> None:
    first = said([0, 1], [0, 1])
    logits = first.logits.copy()
    logits[0] = np.nan
    assert paired(first, replace(first, logits=logits)) == Paired(1, 1, 0, 0)


def test_only_common_clips_count() -> None:
    first, second = said([0, 1, 2], [0, 1, 2]), said([0, 1], [0, 1])
    assert paired(first, second).clips == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"split": "validation"}, "validation clips"),
        ({"words": ("yes", "no", "down")}, "other words"),
        ({"names": ("a", "b")}, "other clips"),
    ],
    ids=["split", "words", "clips"],
)
def test_what_cannot_be_paired(changes: dict[str, object], why: str) -> None:
    first = said([0, 1], [0, 1])
    with pytest.raises(RunError, match=why):
        paired(first, replace(first, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (3, 9), (12, 12), (17, 7), (24, 0)])
def test_exact_p_is_that_of_scipy(won: int, lost: int) -> None:
    found = Paired(100, lost, won, 20)
    assert found.test == "exact"
    expected = binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert found.p == pytest.approx(expected)


@pytest.mark.parametrize(("won", "lost"), [(20, 5), (40, 12), (300, 290), (13, 12)])
def test_chi_squared_p_is_that_of_scipy(won: int, lost: int) -> None:
    found = Paired(1000, lost, won, 20)
    assert found.test == "chi-squared"
    assert found.p == pytest.approx(chi2.sf(found.statistic, 1))


def test_hand_worked() -> None:
    # Agresti, Categorical Data Analysis, approval of a prime minister in two surveys: 794 and 570
    # as before, 150 and 86 otherwise. Difference -0.04, standard error 0.0095.
    found = Paired(both=794, lost=150, won=86, neither=570)
    assert found.difference == pytest.approx(-0.04)
    assert found.standard_error == pytest.approx(0.0095, abs=5e-5)
    assert found.statistic == pytest.approx(63**2 / 236)
    assert found.in_words() == (
        "wins 86, loses 150 of 1,600 clips: p <0.0001 (McNemar, chi-squared)"
    )


def test_differences_of_classes() -> None:
    first = from_matrix(("a", "b"), np.array([[8, 2], [4, 6]]))
    second = from_matrix(("c", "b", "a"), np.array([[5, 0, 0], [0, 9, 1], [0, 0, 10]]))
    a, b = class_differences(first, second)
    assert (a.word, a.support, b.word) == ("a", 10, "b")
    assert a.recall == (0.8, 1.0)
    assert a.precision == pytest.approx((8 / 12, 10 / 11))
    assert b.difference("recall") == pytest.approx(0.3)
