"""Which moments of a clip speak for a class."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.showing.command import Target, view
from labbench.cli.showing.maps import ClipOption

if TYPE_CHECKING:
    from labbench.views.export import View


EvidenceMethod = Literal["grad-cam", "cam", "ig", "occlusion", "all"]
"""Ways to tell evidence."""


@view
def cam(
    run: Target,
    clip: ClipOption = "",
    word: Annotated[
        str,
        typer.Option("--class", metavar="WORD", help="Default: what the net takes the clip for."),
    ] = "",
    method: Annotated[
        EvidenceMethod, typer.Option(help="cam: exact, of nets without hidden dense layers.")
    ] = "grad-cam",
    layer: Annotated[str, typer.Option(help="Of grad-cam; default: the last.")] = "",
    window_ms: Annotated[float, typer.Option(help="Of occlusion: silenced at a time.")] = 50.0,
    stride_ms: Annotated[float, typer.Option(help="From one window to the next.")] = 12.5,
    at: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, max=1, help="A time to mark.")
    ] = None,
) -> "View":
    """Which moments of a clip speak for a class.

    By class activation map, Grad-CAM, integrated gradients or occlusion.
    """
    from labbench.cli.asking import answered_all
    from labbench.errors import RunError
    from labbench.interpret.attribution.answer import METHODS, evidence_question
    from labbench.interpret.attribution.picture import EvidenceView
    from labbench.interpret.clip import first_test, named

    folder = run.folder
    heard = named(folder, clip) if clip else first_test(folder)
    asks, cannot = [], []
    chosen = METHODS if method == "all" else (method,)
    for one in chosen:
        try:
            asks.append(
                evidence_question(folder, heard, one, word=word, layer=layer, window_ms=window_ms,
                             stride_ms=stride_ms)
            )  # fmt: skip
        except RunError as error:
            if method != "all" or one != "cam":
                raise
            cannot.append(error.what)
    return EvidenceView.of(folder, answered_all(folder, asks), cannot=cannot, cursor_s=at)
