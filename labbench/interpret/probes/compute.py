"""Classifiers of scikit-learn on a net's features.

N clips, D features.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbench.audio.meta import SPLITS
from labbench.audio.progress import Progress
from labbench.interpret.context import Context
from labbench.interpret.features.answer import features_question
from labbench.interpret.probes.answer import TITLES, Counts, Probe, ProbeQuestion, Tried
from labbench.interpret.probes.options import Classifier

SEED = 0

MOST_COVARIANCE = 500
"""Features between which LDA estimates covariances."""

Fit = tuple[str, Any]
"""A setting in words, and the estimator that has it."""


def compute(context: Context, question: ProbeQuestion, report: Progress) -> Probe:
    """A classifier fitted on train, its setting chosen on validation, judged on test.

    Features are scaled to zero mean and unit variance, as they are on train.

    Raises:
        LabbenchError: there are no features, and why.
    """
    from sklearn.preprocessing import StandardScaler

    train, validation, test = (
        context.ask(
            features_question(
                context.plan, question.layer, question.pool, split=split, limit=question.limit
            ),
            report,
        )
        for split in SPLITS
    )
    scaler = StandardScaler().fit(train.features_ND)
    scaled = {one.split: scaler.transform(one.features_ND) for one in (train, validation, test)}
    fits = _fits(question.classifier, *train.features_ND.shape)
    tried: list[Tried] = []
    best: Any = None
    for index, (setting, estimator) in enumerate(fits):
        report(index, len(fits) + 1, TITLES[question.classifier])
        found = _fitted(setting, estimator, scaled, train.labels_N, validation.labels_N)
        if best is None or found.accuracy > max(one.accuracy for one in tried):
            best = estimator
        tried.append(found)
    report(len(fits), len(fits) + 1, TITLES[question.classifier])
    predicted_N: NDArray[np.int64] = best.predict(scaled["test"]).astype(np.int64)
    return Probe(
        classifier=question.classifier, tried=tuple(tried),
        best=int(np.argmax([one.accuracy for one in tried])), labels_N=test.labels_N,
        predicted_N=predicted_N, own_N=test.logits_NK.argmax(axis=1).astype(np.int64),
        counts=Counts(
            train_clips=len(train.rows_N), train_total=train.total,
            validation_clips=len(validation.rows_N), validation_total=validation.total,
            test_total=test.total, features=train.features_ND.shape[1], size=train.size,
        ),
    )  # fmt: skip


def _fitted(
    setting: str, estimator: Any, scaled: dict[str, NDArray[np.float32]],
    labels_N: NDArray[np.int64], validation_N: NDArray[np.int64],
) -> Tried:  # fmt: skip
    from sklearn.exceptions import ConvergenceWarning

    start = time.monotonic()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        estimator.fit(scaled["train"], labels_N)
    seconds = time.monotonic() - start
    iterates = hasattr(estimator, "max_iter")
    ended = not any(issubclass(one.category, ConvergenceWarning) for one in said)
    accuracy = float((estimator.predict(scaled["validation"]) == validation_N).mean())
    return Tried(setting, accuracy, ended if iterates else None, seconds)


def _fits(classifier: Classifier, clips: int, features: int) -> list[Fit]:
    """The settings to choose from, the simplest first."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC, LinearSVC

    match classifier:
        case "logistic":
            return [
                (f"C = {c:g}", LogisticRegression(C=c, max_iter=1000))
                for c in (0.001, 0.01, 0.1, 1.0)
            ]
        case "linear-svm":
            return [
                (f"C = {c:g}", LinearSVC(C=c, max_iter=2000, random_state=SEED))
                for c in (0.0001, 0.001, 0.01, 0.1)
            ]
        case "rbf-svm":
            return [
                (f"C = {c:g}, γ = {part:g}/D", SVC(C=c, gamma=part / features, cache_size=500))
                for c in (1.0, 10.0)
                for part in (0.25, 1.0, 4.0)
            ]
        case "knn":
            return [
                (f"k = {k}", KNeighborsClassifier(k)) for k in (31, 15, 5, 1) if k <= clips
            ]  # fmt: skip
        case "forest":
            return [
                (f"leaves of {least}",
                 RandomForestClassifier(300, min_samples_leaf=least, random_state=SEED, n_jobs=-1))
                for least in (5, 1)
            ]  # fmt: skip
        case "lda":
            return [_lda(how, clips, features) for how in (0.5, 0.1, 0.01, "auto")]


def _lda(shrinkage: Any, clips: int, features: int) -> Fit:
    """LDA with a shrunken covariance; of many features, on their principal components (as P.
    Belhumeur et al., "Eigenfaces vs. Fisherfaces", TPAMI 19 (1997))."""
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.pipeline import make_pipeline

    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
    if features <= MOST_COVARIANCE:
        return f"shrinkage {shrinkage}", lda
    kept = min(MOST_COVARIANCE, clips - 1)
    pca = PCA(kept, svd_solver="randomized", random_state=SEED)
    return f"shrinkage {shrinkage}, {kept} PCs", make_pipeline(pca, lda)
