"""Two words that a net confuses."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.options import SplitOption
from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.draw.export import View


@view
def pair(
    run: Target,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD WORD]", help="Default: those confused most.",
                       show_default=False),
    ] = None,
    split: SplitOption = None,
    layer: Annotated[str, typer.Option(help="Of Grad-CAM; default: the last.")] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="At most so many clips averaged for each cell.")
    ] = 24,
) -> "View":  # fmt: skip
    """Two confused words: clips of both directions.

    Mean spectrograms and mean Grad-CAM beside.
    """
    from labbench.cli.asking import answered
    from labbench.errors import RunError
    from labbench.interpret.confusion_pair.answer import Pair, pair_question, worst_pairs
    from labbench.interpret.confusion_pair.picture import PairView
    from labbench.views.source import chosen_predictions

    folder = run.folder
    found = chosen_predictions(folder, folder.status(), split)
    if words and len(words) != 2:
        raise typer.BadParameter("name two words, or none.", param_hint="WORD WORD")
    if not words:
        pairs = worst_pairs(found)
        if not pairs:
            raise RunError("no clip was taken for another word: there is no confusion.",
                           where=folder.id)  # fmt: skip
        words = list(pairs[0])
    chosen = Pair.of(found, words[0], words[1])
    means = answered(folder, pair_question(folder, chosen, layer, limit))
    return PairView.of(folder, chosen, means)
