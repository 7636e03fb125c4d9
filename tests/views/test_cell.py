"""The list of a cell's clips."""

from __future__ import annotations

import csv

import pytest

from labbench.views.cell import CellView
from tests.draw.drawing import lines, plain, results
from tests.recorded import predicted, report_matrix

WORDS, MATRIX = report_matrix()
TREE, THREE = WORDS.index("tree"), WORDS.index("three")


def cell(actual: int = TREE, taken_for: int = THREE) -> CellView:
    return CellView.of(results(), predicted(MATRIX, WORDS), actual, taken_for)


def test_lists_all_clips_with_probabilities() -> None:
    drawn = lines(cell(), 80)
    assert drawn[0].startswith("15 clips predicted three, actual tree, by confidence")
    assert drawn[1].split() == ["clip", "p(three)", "p(tree)", "second", "guess"]
    assert len(drawn) == 2 + 15
    # Softmax of one 4 among sixteen logits.
    assert "0.7845" in drawn[2]


def test_right_clips_have_one_probability() -> None:
    drawn = lines(cell(TREE, TREE), 80)
    assert drawn[0].startswith(
        "138 clips of tree predicted correctly, by confidence, the lowest first"
    )
    assert drawn[1].split() == ["clip", "p(tree)", "second", "guess"]


@pytest.mark.parametrize("width", [30, 60, 80, 140])
def test_fits(width: int) -> None:
    drawn = lines(cell(), width, 8)
    assert len(drawn) <= 8
    assert max(map(len, drawn)) <= width
    assert "more" in drawn[-1]


def test_csv_has_one_row_a_clip() -> None:
    rows = list(csv.DictReader(cell().as_csv().splitlines()))
    assert len(rows) == 15
    assert {(row["actual"], row["predicted"]) for row in rows} == {("tree", "three")}
    assert float(rows[0]["probability_predicted"]) == pytest.approx(0.7845, abs=1e-4)
    assert [row["name"] for row in rows] == [one["name"] for one in cell().as_json()["clips"]]


def test_an_empty_cell_says_so() -> None:
    assert "0 clips predicted four, actual tree" in plain(cell(TREE, WORDS.index("four")), 80)
