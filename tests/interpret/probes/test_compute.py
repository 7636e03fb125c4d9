"""Classifiers on features against scikit-learn's own pipelines, and their figures by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labbench.audio.meta import SplitName
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.context import Context
from labbench.interpret.features.answer import features_question
from labbench.interpret.probes.answer import (
    CLASSIFIERS,
    Counts,
    Probe,
    ProbeQuestion,
    Tried,
    classifiers_named,
    standard_error,
)
from tests.opened import MODELS, opened


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A net whose features are computed once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield context.load(opened(MODELS["base"]))


def probed(found: Context, **ask: object) -> Probe:
    question = ProbeQuestion(**ask)  # type: ignore[arg-type]
    return context.compute(found, question)


def parts(found: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    splits: tuple[SplitName, ...] = ("train", "validation", "test")
    asks = [features_question(found.plan, "conv2", "max", split=split) for split in splits]
    kept = [found.ask(ask) for ask in asks]
    return [(one.features_ND.astype(np.float64), one.labels_N) for one in kept]


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_classifier(found: Context, classifier: str) -> None:
    told: list[tuple[int, int]] = []
    ask = ProbeQuestion(classifier=classifier, layer="conv2", pool="max")  # type: ignore[arg-type]
    one = context.compute(found, ask, lambda done, total, what: told.append((done, total)))
    # Tones of three pitches: anything tells most of them apart.
    assert one.accuracy > 0.6
    assert one.chosen.accuracy == max(tried.accuracy for tried in one.tried)
    assert one.best == [tried.accuracy for tried in one.tried].index(one.chosen.accuracy)
    assert (one.counts.train_clips, one.counts.validation_clips, len(one.labels_N)) == (36, 12, 15)
    assert told[-1][0] == told[-1][1] - 1 == len(one.tried)
    iterates = classifier in ("logistic", "linear-svm", "rbf-svm")
    assert all((tried.converged is not None) == iterates for tried in one.tried)
    again = context.compute(found, ask)
    assert (again.predicted_N == one.predicted_N).all()


@pytest.mark.parametrize(
    ("classifier", "estimators"),
    [
        ("logistic", [LogisticRegression(C=c, max_iter=5000) for c in (1e-3, 1e-2, 0.1, 1.0)]),
        ("knn", [KNeighborsClassifier(k) for k in (31, 15, 5, 1)]),
        ("lda", [LinearDiscriminantAnalysis(solver="eigen", shrinkage=s)
                 for s in (0.5, 0.1, 0.01, "auto")]),
    ],
    ids=["logistic", "knn", "lda"],
)  # fmt: skip
def test_against_pipelines(found: Context, classifier: str, estimators: list[object]) -> None:
    one = probed(found, classifier=classifier, layer="conv2", pool="max")
    train, validation, test = parts(found)
    pipes = [make_pipeline(StandardScaler(), estimator).fit(*train) for estimator in estimators]
    scores = [pipe.score(*validation) for pipe in pipes]
    assert [tried.accuracy for tried in one.tried] == pytest.approx(scores)
    best = pipes[int(np.argmax(scores))]
    assert one.predicted_N.tolist() == best.predict(test[0]).tolist()
    assert one.accuracy == pytest.approx(best.score(*test))


def test_a_solver_that_does_not_come_to_an_end(
    found: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labbench.interpret.probes import compute as probes

    monkeypatch.setattr(
        probes, "_fits", lambda *_: [("C = 1000", LogisticRegression(C=1000, max_iter=1))]
    )
    one = probed(found, classifier="logistic", layer="conv2", pool="max")
    assert one.chosen.converged is False


def test_figures_by_hand() -> None:
    labels, this, own = (np.array(one) for one in ([0, 0, 1, 1, 2], [0, 0, 1, 0, 2],
                                                   [0, 1, 1, 1, 0]))  # fmt: skip
    one = Probe("knn", (Tried("k = 1", 0.5, None, 1.5), Tried("k = 3", 0.75, None, 2.0)), 1,
                labels, this, own, Counts(10, 20, 4, 4, 5, 8, 8))  # fmt: skip
    assert (one.accuracy, one.own_accuracy) == (0.8, 0.6)
    assert one.standard_error == pytest.approx(math.sqrt(0.8 * 0.2 / 5))
    both = one.beside_own
    assert (both.both, both.lost, both.won, both.neither) == (2, 1, 2, 0)
    # The standard deviation of the clip-by-clip differences over the root of their number.
    apart = np.array([0, 1, 0, -1, 1])
    assert both.difference == pytest.approx(apart.mean())
    assert both.standard_error == pytest.approx(apart.std() / math.sqrt(5))
    assert one.seconds == 3.5
    assert one.chosen.setting == "k = 3"
    assert standard_error(1.0, 9) == 0


def test_names_of_classifiers() -> None:
    assert classifiers_named(["lda", "knn", "lda"]) == ("knn", "lda")
    with pytest.raises(RunError, match="no classifier 'forrest'") as caught:
        classifiers_named(["forrest"])
    assert "forest" in caught.value.hint


def test_lda_of_many_features_is_on_their_principal_components(
    found: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labbench.interpret.probes import compute as probes

    monkeypatch.setattr(probes, "MOST_COVARIANCE", 3)
    one = probed(found, classifier="lda", layer="conv2", pool="max")
    assert one.chosen.setting.endswith(", 3 PCs")
    assert one.accuracy > 0.6
