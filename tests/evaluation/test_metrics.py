"""Metrics against hand-worked matrices, scikit-learn on raw labels, and the report's own table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from labbench import paths
from labbench.errors import RunError
from labbench.evaluation import Report, evaluate, from_matrix
from labbench.runs import Predictions


def read(name: str) -> list[list[str]]:
    with (paths.shipped_dir("data") / name).open(newline="") as file:
        return list(csv.reader(file))


def published() -> Report:
    header, *rows = read("confusion_custom_ch32_do0.75.csv")
    return from_matrix(header[1:], np.array([row[1:] for row in rows], dtype=np.int64))


def predictions(actual: list[int], logits: np.ndarray, words: tuple[str, ...]) -> Predictions:
    count = len(actual)
    return Predictions(
        split="test", epoch=1, words=words, clips=np.arange(count), names=("x",) * count,
        actual=np.array(actual, dtype=np.int64), logits=logits.astype(np.float32),
    )  # fmt: skip


def test_the_reports_matrix_gives_the_reports_table_to_the_last_digit() -> None:
    report = published()
    _, *rows = read("per_class_custom_ch32_do0.75.csv")
    ours = [
        [word, f"{p:.2f}", f"{r:.2f}", f"{f:.2f}", str(s)]
        for word, p, r, f, s in zip(
            report.words, report.precision, report.recall, report.f1, report.support, strict=True
        )
    ]
    assert ours == rows


def test_the_reports_accuracy() -> None:
    report = published()
    assert (report.right, report.clips) == (4590, 4815)
    assert f"{report.accuracy:.4f}" == "0.9533"
    assert report.notes == ()


def test_hand_worked_matrix() -> None:
    # a: 3 right of 4, one taken for b; b: 1 right of 2, one taken for a.
    report = from_matrix(["a", "b"], np.array([[3, 1], [1, 1]]))
    assert report.precision.tolist() == [3 / 4, 1 / 2]
    assert report.recall.tolist() == [3 / 4, 1 / 2]
    assert report.support.tolist() == [4, 2]
    assert report.predicted.tolist() == [4, 2]
    assert report.accuracy == pytest.approx(4 / 6)
    assert report.macro.precision == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert report.weighted.recall == pytest.approx((4 * 3 / 4 + 2 * 1 / 2) / 6)


def test_top_confusions_in_words() -> None:
    first, second = published().confusions(2)
    assert first.in_words() == "tree → three: 15 clips (9.2% of tree)"
    assert second.in_words() == "three → tree: 8 clips (2.1% of three)"


def test_order_by_confusion_begins_with_the_pair_confused_most() -> None:
    report = published()
    order = report.confusion_order()
    assert sorted(order) == list(range(16))
    assert {report.words[index] for index in order[:2]} == {"tree", "three"}


def test_a_word_without_clips_is_said_and_left_out_of_the_averages() -> None:
    report = from_matrix(["a", "b", "c"], np.array([[3, 1, 0], [1, 1, 0], [0, 0, 0]]))
    assert report.recall[2] == 0
    assert report.macro.recall == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert report.notes == (
        "No clips of c: recall and F1 shown as 0, left out of the averages.",
    )  # fmt: skip


def test_a_word_never_predicted_is_said_and_has_precision_0() -> None:
    report = from_matrix(["a", "b"], np.array([[4, 0], [2, 0]]))
    assert report.precision.tolist() == [pytest.approx(4 / 6), 0]
    assert report.macro.precision == pytest.approx(2 / 6)
    assert report.notes == ("Never predicted: b: precision and F1 shown as 0.",)


def test_clips_without_an_answer_are_wrong_and_said() -> None:
    logits = np.array([[2, 1], [np.nan, np.nan], [0, 1], [np.inf, 0]])
    report = evaluate(predictions([0, 0, 1, 1], logits, ("a", "b")))
    assert report.matrix.tolist() == [[1, 0], [0, 1]]
    assert report.unanswered.tolist() == [1, 1]
    assert report.accuracy == 0.5
    assert report.recall.tolist() == [0.5, 0.5]
    assert report.precision.tolist() == [1, 1]
    assert report.notes[0].startswith("2 clips have no answer")


def test_no_answer_at_all_is_an_error_in_plain_words() -> None:
    with pytest.raises(RunError, match="not a finite number for any clip"):
        evaluate(predictions([0, 1], np.full((2, 2), np.nan), ("a", "b")))


def test_no_clips_is_an_error() -> None:
    with pytest.raises(RunError, match="no clips"):
        evaluate(predictions([], np.empty((0, 2)), ("a", "b")))


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 2)), np.ones((2, 3)), np.array([[1, -1], [0, 1]]), np.full((2, 2), 0.5)]
)
def test_what_is_no_confusion_matrix_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match="matrix"):
        from_matrix(["a", "b"], matrix)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_agrees_with_scikit_learn_on_the_labels_themselves(pairs: list[tuple[int, int]]) -> None:
    actual, taken_for = (list(side) for side in zip(*pairs, strict=True))
    report = evaluate(predictions(actual, np.eye(5)[taken_for], tuple("abcde")))
    assert (report.matrix == confusion_matrix(actual, taken_for, labels=range(5))).all()
    assert report.accuracy == pytest.approx(accuracy_score(actual, taken_for))
    f1 = f1_score(actual, taken_for, labels=range(5), average=None, zero_division=0)
    np.testing.assert_allclose(report.f1, f1)
    weighted = f1_score(actual, taken_for, average="weighted", zero_division=0)
    assert report.weighted.f1 == pytest.approx(weighted)


def test_loading_the_room_loads_no_scikit_learn(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, labbench.evaluation; assert not {'sklearn','torch','scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
