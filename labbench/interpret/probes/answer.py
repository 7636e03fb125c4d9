"""Other classifiers on a net's features, beside its own head.

N test clips.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.audio.meta import SPLITS
from labbench.errors import RunError, nearest
from labbench.evaluation.paired import Paired
from labbench.interpret.features.answer import Features, Pool, features_question
from labbench.interpret.features.options import FLATTEN, LIMIT
from labbench.interpret.probes.options import ALL, CLASSIFIERS, NONE, Classifier, ProbesOptions
from labbench.interpret.question import Answer, Ask, Question, kept
from labbench.runs import RunFolder

TITLES: dict[Classifier, str] = {
    "logistic": "logistic regression",
    "linear-svm": "linear SVM",
    "rbf-svm": "RBF SVM",
    "knn": "k nearest neighbours",
    "forest": "random forest",
    "lda": "LDA",
}
"""What they are called."""

SHORT: dict[Classifier, str] = {
    "logistic": "logistic", "linear-svm": "linear SVM", "rbf-svm": "RBF SVM", "knn": "k nearest",
    "forest": "forest", "lda": "LDA",
}  # fmt: skip
"""The same where room is scarce."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One setting of a classifier, fitted on train."""

    setting: str
    """`C = 0.1`."""
    accuracy: float
    """On validation."""
    converged: bool | None
    """Whether its solver came to an end; None: it has none."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Clips of each split that were used and that there are, and features of one."""

    train_clips: int
    train_total: int
    validation_clips: int
    validation_total: int
    test_total: int
    features: int
    """Features a clip, as the classifier got them."""
    size: int
    """As the net has them; more where they were projected at random."""


@dataclass(frozen=True, slots=True)
class Probe(Answer):
    """A classifier with the setting that did best on validation, judged on test."""

    classifier: Classifier
    tried: tuple[Tried, ...]
    best: int
    """Which of them was chosen: the first of equal ones."""
    labels_N: NDArray[np.int64]
    predicted_N: NDArray[np.int64]
    own_N: NDArray[np.int64]
    """What the net's own head says of the same clips."""
    counts: Counts

    def check(self) -> None:
        if not 0 <= self.best < len(self.tried):
            raise ValueError(f"{self.best} is none of {len(self.tried)} settings")

    @property
    def chosen(self) -> Tried:
        """The setting that did best on validation."""
        return self.tried[self.best]

    @property
    def accuracy(self) -> float:
        """On the test clips."""
        return float((self.predicted_N == self.labels_N).mean())

    @property
    def own_accuracy(self) -> float:
        """Of the net's own head on the same clips."""
        return float((self.own_N == self.labels_N).mean())

    @property
    def standard_error(self) -> float:
        """Of the accuracy: a share of N independent clips."""
        return standard_error(self.accuracy, len(self.labels_N))

    @property
    def own_standard_error(self) -> float:
        """Of the own head's accuracy."""
        return standard_error(self.own_accuracy, len(self.labels_N))

    @property
    def beside_own(self) -> Paired:
        """This classifier beside the own head, clip by clip."""
        own, this = self.own_N == self.labels_N, self.predicted_N == self.labels_N
        counts = (own & this, own & ~this, ~own & this, ~own & ~this)
        return Paired(*(int(part.sum()) for part in counts))

    @property
    def seconds(self) -> float:
        """All fits together."""
        return sum(one.seconds for one in self.tried)


class ProbeQuestion(Question[Probe], frozen=True, kw_only=True, tag="probe"):
    """How well a classifier does on the features of a layer."""

    classifier: Classifier
    layer: str = FLATTEN
    pool: Pool = ""
    limit: int = LIMIT


def standard_error(share: float, count: int) -> float:
    """Of a share of so many independent trials (binomial)."""
    return math.sqrt(share * (1 - share) / count)


def classifiers_named(names: Iterable[str]) -> tuple[Classifier, ...]:
    """The classifiers of these names, in their usual order.

    Raises:
        RunError: there is none of a name.
    """
    wanted = set(names)
    for name in sorted(wanted - set(CLASSIFIERS)):
        hint = nearest(name, CLASSIFIERS) or f"There are: {', '.join(CLASSIFIERS)}."
        raise RunError(f"there is no classifier {name!r}.", where="classifiers", hint=hint)
    return tuple(one for one in CLASSIFIERS if one in wanted)


@dataclass(frozen=True, slots=True)
class Probes:
    """Classifiers on the features of a layer."""

    layer: str
    pool: Pool
    classifiers: tuple[Classifier, ...]
    """Those asked for, in the order shown."""
    probes: Mapping[Classifier, Probe]
    """Those that are done."""
    features: tuple[Features, ...] = ()
    """Train, validation and test; may be empty."""


def questions(run: RunFolder, options: ProbesOptions) -> dict[Classifier, ProbeQuestion]:
    """What is asked of each classifier.

    Raises:
        LabbenchError: there is no such layer or classifier, or the limit is too low.
    """
    names = {ALL: CLASSIFIERS, NONE: ()}.get(options.classifiers)
    if names is None:
        names = classifiers_named(one.strip() for one in options.classifiers.split(","))
    of = features_question(
        run.preset().plan, options.layer, options.pool or "", limit=options.limit
    )  # fmt: skip
    return {
        one: ProbeQuestion(classifier=one, layer=of.layer, pool=of.pool, limit=of.limit)
        for one in names
    }


def known(run: RunFolder, options: ProbesOptions, ask: Ask) -> Probes:
    """What is kept of what the options ask for; nobody is asked.

    Raises:
        LabbenchError: as `questions`, or there is no checkpoint yet.
    """
    asks = questions(run, options)
    found = {one: kept(run, ask) for one, ask in asks.items()}
    done = {one: probe for one, probe in found.items() if probe is not None}
    of = features_question(run.preset().plan, options.layer, options.pool or "")
    return Probes(of.layer, of.pool, tuple(asks), done)


def find(run: RunFolder, options: ProbesOptions, ask: Ask) -> Probes:
    """What the options ask for, and the features of all splits.

    Raises:
        LabbenchError: as `questions`, there is no checkpoint yet, or the clips are gone.
    """
    plan, asks = run.preset().plan, questions(run, options)
    layer, pool, limit = options.layer, options.pool or "", options.limit
    of = [features_question(plan, layer, pool, split=split, limit=limit) for split in SPLITS]
    features = tuple([ask(one) for one in of])
    done = {one: ask(question) for one, question in asks.items()}
    return Probes(of[0].layer, of[0].pool, tuple(asks), done, features)
