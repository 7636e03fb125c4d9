"""The clips of a cell, the worst first."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.evaluation.clips import clips_in_cell
from labbench.runs import Predictions

LOGITS = [
    [3.0, 1.0, 0.0],  # an up that is right
    [0.5, 0.2, 0.1],  # an up that is right, barely
    [1.0, 2.0, 0.0],  # an up taken for down
    [0.0, 9.0, 1.0],  # an up taken for down, surely
    [np.nan, 0.0, 0.0],  # an up without an answer
    [0.0, 5.0, 0.0],  # a down
]


@pytest.fixture
def predictions() -> Predictions:
    return Predictions(
        split="test", epoch=1, words=("up", "down", "left"), clips=np.arange(10, 16),
        names=tuple("abcdef"), actual=np.array([0, 0, 0, 0, 0, 1]),
        logits=np.array(LOGITS, np.float32),
    )  # fmt: skip


def test_the_surest_mistake_comes_first(predictions: Predictions) -> None:
    found = clips_in_cell(predictions, 0, 1)
    assert [(clip.name, clip.row) for clip in found] == [("d", 13), ("c", 12)]
    odds = np.exp([1.0, 2.0, 0.0])
    assert found[1].predicted == pytest.approx(odds[1] / odds.sum())
    assert found[1].actual == pytest.approx(odds[0] / odds.sum())
    assert (found[1].runner_up, found[0].runner_up) == ("up", "left")
    assert found[1].runner_up_probability == pytest.approx(odds[0] / odds.sum())


def test_of_right_ones_the_least_sure_comes_first(predictions: Predictions) -> None:
    found = clips_in_cell(predictions, 0, 0)
    assert [clip.name for clip in found] == ["b", "a"]
    assert found[0].actual == found[0].predicted
    assert found[0].runner_up == "down"


def test_an_empty_cell_has_none(predictions: Predictions) -> None:
    assert clips_in_cell(predictions, 1, 2) == []


def test_a_clip_without_an_answer_is_in_no_cell(predictions: Predictions) -> None:
    everywhere = [
        clip.name for column in range(3) for clip in clips_in_cell(predictions, 0, column)
    ]
    assert sorted(everywhere) == ["a", "b", "c", "d"]
