"""Ours beside the published accuracy."""

from __future__ import annotations

import math

import pytest

from labbench.results import compare


def test_hand_worked_standard_error() -> None:
    comparison = compare(0.9, 0.91, 900)
    assert comparison is not None
    assert comparison.difference == pytest.approx(-0.01)
    assert comparison.standard_error == pytest.approx(0.01)  # sqrt(0.9 * 0.1 / 900)
    assert comparison.within
    assert comparison.in_words() == "within one standard error (±0.0100 on 900 clips)"


def test_outside() -> None:
    comparison = compare(0.9, 0.934, 900)
    assert comparison is not None
    assert not comparison.within
    assert comparison.in_words() == "3.4 standard errors away (±0.0100 on 900 clips)"


def test_perfect_accuracy_has_no_standard_error() -> None:
    comparison = compare(1.0, 0.9, 10)
    assert comparison is not None
    assert comparison.standard_error == 0
    assert comparison.in_words() == "beyond one standard error (±0.0000 on 10 clips)"


@pytest.mark.parametrize("pair", [(None, 0.9), (0.9, None), (math.nan, 0.9)])
def test_nothing_to_compare(pair: tuple[float | None, float | None]) -> None:
    assert compare(*pair, 10) is None
