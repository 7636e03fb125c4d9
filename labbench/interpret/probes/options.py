"""What can be chosen of classifiers on a net's features."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from labbench.interpret.features.options import FLATTEN, LIMIT, MOST, Layer, Pool
from labbench.interpret.options import Option, Options

Classifier = Literal["logistic", "linear-svm", "rbf-svm", "knn", "forest", "lda"]
CLASSIFIERS: tuple[Classifier, ...] = get_args(Classifier)

ALL, NONE = "all", "none"


class ProbesOptions(Options, frozen=True, kw_only=True):
    """Other classifiers on the net's features beside its own head.

    With --format npz the features too.
    """

    command = "features"
    title, letter, said = "features", "E", "looking for what is kept"
    about = (
        "Is the net's own last layer the best judge of what the layers before it found? Other "
        "classifiers get the same features - what goes into the first dense layer, or a "
        "convolution pooled over time - of some train clips, choose their setting on validation, "
        "and are judged on test beside the own head. [ and ] go through the layers, the flattened "
        "features last."
    )

    layer: Layer = FLATTEN
    pool: Pool = None
    classifiers: Annotated[
        str,
        Option("logistic, linear-svm, rbf-svm, knn, forest, lda; all; or none, for the features "
               "alone (--format npz).", metavar="NAME,..."),
    ] = ALL  # fmt: skip
    limit: Annotated[
        int,
        Option(MOST, least=0, key="n", label="clips", through=(1_000, LIMIT, 16_000, 0),
               does="Take more clips of each split: 1,000, 4,000, 16,000, all that fit, and "
               "around"),
    ] = LIMIT  # fmt: skip
