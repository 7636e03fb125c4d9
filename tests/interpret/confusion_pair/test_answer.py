"""Pairs of confused words in predictions made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.errors import DataError, RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.confusion_pair.answer import Pair, pair_question, worst_pairs
from labbench.runs import predictions
from tests.opened import opened
from tests.recorded import predicted, report_matrix


def test_the_reports_worst_pairs() -> None:
    words, matrix = report_matrix()
    found = worst_pairs(predicted(matrix, words))
    first, second = found[0]
    assert {first, second} == {"three", "tree"}
    a, b = words.index(first), words.index(second)
    assert matrix[a, b] >= matrix[b, a]
    counts = [matrix[words.index(x), words.index(y)] + matrix[words.index(y), words.index(x)]
              for x, y in found]  # fmt: skip
    assert counts == sorted(counts, reverse=True)
    both = np.triu(matrix + matrix.T, 1)
    assert len(found) == np.count_nonzero(both)


def test_both_directions_are_counted() -> None:
    words, matrix = report_matrix()
    pair = Pair.of(predicted(matrix, words), "tree", "three")
    a, b = words.index("tree"), words.index("three")
    counts = [len(cell.clips) for cell in pair.cells]
    assert counts == [matrix[a, a], matrix[a, b], matrix[b, a], matrix[b, b]]
    assert pair.cells[1].share == pytest.approx(matrix[a, b] / matrix[a].sum())
    assert [cell.right for cell in pair.cells] == [True, False, False, True]


def test_the_surest_clips_stand_for_a_cell() -> None:
    run = opened()
    test = predictions.read(run.predictions_path("test"))
    pair = Pair.of(test, "low", "high")
    for cell in pair.cells:
        sure = [clip.predicted for clip in cell.averaged(99)]
        assert sure == sorted(sure, reverse=True)
        assert len(cell.averaged(2)) == min(2, len(cell.clips))
    ask = pair_question(run, pair, "2", most=2)
    assert ask.layer == "conv2"
    assert ask.words == ("low", "high", "low", "high")
    assert [len(rows) for rows in ask.rows] == [min(2, len(cell.clips)) for cell in pair.cells]
    assert pair_question(run, pair).layer == "conv4"


def test_what_is_no_pair() -> None:
    run = opened()
    test = predictions.read(run.predictions_path("test"))
    with pytest.raises(RunError, match="knows no class 'hihg'") as caught:
        Pair.of(test, "low", "hihg")
    assert "'high'" in caught.value.hint
    with pytest.raises(RunError, match="two words"):
        Pair.of(test, "low", "low")
    pair = Pair.of(test, "low", "high")
    with pytest.raises(RunError, match="no layer '9'"):
        pair_question(run, pair, "9")
    folder = clips_of(run).folder
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(DataError):
        pair_question(run, pair)
