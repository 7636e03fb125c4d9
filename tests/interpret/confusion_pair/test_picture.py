"""A pair of confused words, drawn and written."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from labbench.draw.export import npz
from labbench.interpret.confusion_pair.answer import Means, Pair
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.confusion_pair.picture import PairView
from tests.draw.drawing import lines, plain
from tests.recorded import predicted, report_matrix

WORDS, MATRIX = report_matrix()


def view(first: str = "tree", second: str = "three") -> PairView:
    """The report's confusion with made-up means."""
    pair = Pair.of(predicted(MATRIX, WORDS), first, second)
    rng = np.random.default_rng(0)
    means = Means(
        layer="conv8", rows=tuple((1,) * min(len(cell.clips), 24) for cell in pair.cells),
        decibels_CFW=rng.uniform(-70, 0, (4, 257, 122)).astype(np.float32),
        frequencies_hz=np.linspace(0, 8000, 257), times_s=np.linspace(0.016, 0.984, 122),
        evidence_CM=rng.uniform(0, 1, (4, 7)).astype(np.float32), rate_hz=7.3, start_s=0.07,
    )  # fmt: skip
    return PairView("0001-net", False, PairOptions(), pair, means)


@pytest.mark.parametrize("width", [40, 78, 138])
@pytest.mark.parametrize("height", [8, 18, 37])
def test_fits(width: int, height: int) -> None:
    drawn = lines(view(), width, height)
    assert len(drawn) <= height
    assert max(map(len, drawn)) <= width
    assert lines(view("dog", "eight"), width, height)


def test_counts_shares_and_clips() -> None:
    a, b = WORDS.index("tree"), WORDS.index("three")
    text = plain(view(), 138)
    assert (
        f"tree → three: {MATRIX[a, b]} clips ({MATRIX[a, b] / MATRIX[a].sum():.1%} of tree)" in text
    )
    assert f"✖ {MATRIX[b, a]} three → tree" in text
    assert f"✔ {MATRIX[a, a]} tree → tree" in text
    rows = list(csv.DictReader(view().as_csv().splitlines()))
    confused = [row for row in rows if (row["actual"], row["predicted"]) == ("tree", "three")]
    assert len(confused) == MATRIX[a, b]
    assert len(rows) == MATRIX[np.ix_([a, b], [a, b])].sum()


def test_the_marked_clip_goes_through_both_lists() -> None:
    seen = view()
    first, second = (len(cell.clips) for cell in seen.pair.confused)
    assert seen.at(0).clip == seen.pair.confused[0].clips[0]
    assert seen.at(first).clip == seen.pair.confused[1].clips[0]
    assert seen.at(999).clip == seen.pair.confused[1].clips[second - 1]
    assert seen.at(-5).chosen == 0
    marked = plain(seen.at(first + 1), 138, 30)
    assert f"▸ {seen.pair.confused[1].clips[1].name}" in marked


def test_a_direction_without_clips_says_so() -> None:
    matrix = MATRIX.copy()
    a, b = WORDS.index("tree"), WORDS.index("three")
    matrix[a, b] = 0
    shown = view()
    pair = Pair.of(predicted(matrix, WORDS), "tree", "three")
    rows = tuple((1,) * len(cell.clips) for cell in pair.cells)
    means = replace(shown.means, rows=rows)
    bare = PairView("0001-net", True, PairOptions(), pair, means)
    text = plain(bare, 100, 30)
    assert "no such clip" in text
    assert "no tree is taken for three" in text
    assert "SYNTHETIC" in text
    cells = bare.as_json()["cells"]
    assert cells[1]["decibels"] is None
    assert cells[2]["evidence"] is not None
    assert npz(bare)
