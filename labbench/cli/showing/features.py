"""What other classifiers make of the features a net gives."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.interpret.probes.answer import Classifier

LAYER = typer.Option(help="flatten (what the first dense layer gets), conv1, conv2, ...")
LIMIT = typer.Option(
    min=0, help="At most so many clips of a split, each class by its share; 0: all that fit."
)
DEFAULT_LIMIT = 4_000


Pooling = Literal["mean", "max"]
"""How a convolution's output is pooled over time."""


PoolOption = Annotated[
    Pooling | None, typer.Option(help="A convolution's output over time; default: mean.")
]


@view
def features(
    run: Target,
    layer: Annotated[str, LAYER] = "flatten",
    pool: PoolOption = None,
    classifiers: Annotated[
        str, typer.Option(metavar="NAME,...", help="logistic, linear-svm, rbf-svm, knn, forest, "
                          "lda; all; or none, for the features alone (--format npz).")
    ] = "all",
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
) -> "View":  # fmt: skip
    """Other classifiers on the net's features beside its own head.

    With --format npz the features too.
    """
    from labbench.audio.meta import SPLITS
    from labbench.cli.asking import asking
    from labbench.interpret.features.answer import features_question
    from labbench.interpret.probes.answer import ProbeQuestion
    from labbench.interpret.probes.picture import FeaturesView

    wanted, plan = _classifiers(classifiers), run.folder.preset().plan
    named = pool or ""
    asks = [features_question(plan, layer, named, split=split, limit=limit) for split in SPLITS]
    layer, how = asks[0].layer, asks[0].pool
    with asking(run.folder) as (analyst, progress):
        parts = [analyst.ask(one, report=progress) for one in asks]
        probes = {}
        for one in wanted:
            probe = ProbeQuestion(classifier=one, layer=layer, pool=how, limit=limit)
            probes[one] = analyst.ask(probe, report=progress)
    return FeaturesView(run.folder.id, layer, how, wanted, probes, tuple(parts))


Method = Literal["pca", "tsne"]
"""How a map is laid out."""


@view
def map_(
    run: Target,
    method: Annotated[
        Method, typer.Option(help="pca keeps distances as far as two axes can, tsne neighbours.")
    ] = "pca",
    layer: Annotated[str, LAYER] = "flatten",
    pool: PoolOption = None,
    word: Annotated[str | None, typer.Option(help="A word that stands out.")] = None,
    limit: Annotated[int, LIMIT] = 2_000,
) -> "View":
    """The test clips in two dimensions, a letter a word.

    Near one another where the net finds them alike.
    """
    from labbench.cli.asking import answered
    from labbench.interpret.embedding.answer import EmbeddingQuestion
    from labbench.interpret.embedding.picture import ScatterView
    from labbench.interpret.features.answer import features_question
    from labbench.interpret.words import place_of

    preset = run.folder.preset()
    marked = None if word is None else place_of(preset.data.words, word)
    of = features_question(preset.plan, layer, pool or "", limit=limit)
    ask = EmbeddingQuestion(layer=of.layer, pool=of.pool, method=method, limit=limit)
    return ScatterView(run.folder.id, answered(run.folder, ask), word=marked)


def _classifiers(text: str) -> "tuple[Classifier, ...]":
    """Those named, or all, or none.

    Raises:
        RunError: there is none of a name.
    """
    from labbench.interpret.probes.answer import CLASSIFIERS, classifiers_named

    if text == "all":
        return CLASSIFIERS
    return classifiers_named([] if text == "none" else [one.strip() for one in text.split(",")])
