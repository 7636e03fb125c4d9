"""The table of classifiers: what is done, under way and to come, in every width."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.draw.export import export
from labbench.interpret.probes.answer import Counts, Probe, Probes, Tried
from labbench.interpret.probes.options import CLASSIFIERS, Classifier, ProbesOptions
from labbench.interpret.probes.picture import FeaturesView
from tests.draw.drawing import lines, plain


def probe(classifier: Classifier, right: int, converged: bool | None = True) -> Probe:
    """Right on the first so many of a hundred clips; the own head on the last 80."""
    labels = np.zeros(100, np.int64)
    place = np.arange(100)
    tried = (Tried("C = 0.1", 0.5, converged, 2.0), Tried("C = 1", 0.75, converged, 3.0))
    return Probe(
        classifier, tried, 1, labels, (place >= right).astype(np.int64),
        (place < 20).astype(np.int64), Counts(4_000, 40_851, 4_205, 4_205, 5_000, 448, 448),
    )  # fmt: skip


def made(doing: Classifier | None = None, **done: Probe) -> FeaturesView:
    named = {one.classifier: one for one in done.values()}
    found = Probes("flatten", "", CLASSIFIERS, named)
    return FeaturesView("0001-run", False, ProbesOptions(), found, doing=doing)


def test_a_row_a_classifier() -> None:
    view = made(a=probe("logistic", 90), b=probe("knn", 70, None), doing="forest")
    text = lines(view, 140)
    assert text[0] == "0001-run  flattened features"
    assert text[1] == "448 features; clips: 4,000 of 40,851 train, all 4,205 validation, " \
                      "100 of 5,000 test"  # fmt: skip
    rows = {line[:20].strip(): line[20:].split() for line in text[4:11]}
    assert rows["the net's own head"][:2] == ["0.8000", "±.0400"]
    logistic = rows["logistic regression"]
    assert logistic[:2] == ["0.9000", "±.0300"]
    # 20 won and 10 lost of 100: the error of the difference is sqrt(30 - 1) / 100.
    assert logistic[3:] == ["▲", "+0.1000", "±.0539", "0.1003", "C", "=", "1", "0.7500", "✔",
                            "yes", "5.0s"]  # fmt: skip
    assert rows["k nearest neighbours"][3:5] == ["▼", "-0.1000"]
    assert rows["k nearest neighbours"][-2:] == ["–", "5.0s"]
    assert rows["random forest"] == ["·", "◌", "under", "way"]
    assert rows["RBF SVM"] == ["·"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_no_figure_is_cut(width: int) -> None:
    text = lines(made(a=probe("logistic", 90), b=probe("rbf-svm", 95)), width)
    assert max(map(len, text)) <= width
    [row] = [line for line in text if line.startswith("logistic")]
    assert "0.9000" in row
    assert "▲ +0.1000" in row


def test_a_solver_stopped_before_its_end_is_told() -> None:
    assert "before its end" in plain(made(a=probe("logistic", 90, False)), 80)
    assert "before its end" not in plain(made(a=probe("logistic", 90)), 80)


def test_nothing_done_yet() -> None:
    text = plain(made(doing="logistic"), 80)
    assert text.count("·") == len(CLASSIFIERS) + 1
    assert made().as_json()["own_head"] is None


def test_forms() -> None:
    view = made(a=probe("logistic", 90))
    assert view.as_csv().splitlines()[1].startswith("logistic,0.9,0.03,0.1,")
    assert view.as_json()["classifiers"][0]["tried"][0]["setting"] == "C = 0.1"
    assert list(view.as_arrays()) == ["predicted_logistic"]
    assert export(view, "svg").startswith(b"<svg")
