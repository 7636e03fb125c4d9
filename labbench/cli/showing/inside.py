"""What a net learned, from its weights and from what analysts found out."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.draw.export import View

NORM = "norm"


FilterSort = Literal["centre", "bandwidth", "gain", "index"]
"""Orders of filters."""


def _input(text: str) -> int | None:
    """An input channel, or None for the norm over all.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text == NORM:
        return None
    if not (text.isdecimal() and len(text) < 10):
        raise typer.BadParameter(f"{text!r} is neither a number nor {NORM}", param_hint="--input")
    return int(text)


@view
def filters(
    run: Target,
    layer: Annotated[str, typer.Option(help="conv1, conv2, ..., or 1, 2, ...")] = "conv1",
    sort: Annotated[FilterSort, typer.Option(help="Order of the filters.")] = "centre",
    input_channel: Annotated[
        str, typer.Option("--input", metavar="N|norm", help="Responses to one input channel.")
    ] = NORM,
    channel: Annotated[
        int | None, typer.Option(min=0, help="The filter to show; default: the first in order.")
    ] = None,
    folded: Annotated[
        bool, typer.Option("--folded", help="Fold the batch norm behind the layer in.")
    ] = False,
    against: Annotated[
        str | None, typer.Option(metavar="RUN", help="The same layer of another run beside it.")
    ] = None,
) -> "View":
    """The kernels of a convolution as filters.

    Centre frequency, bandwidth, gain, magnitude response.
    """
    from labbench.interpret.filters.picture import FiltersView

    other = Target(against).folder if against else None
    return FiltersView.of(
        run.folder, layer, sort=sort, input_channel=_input(input_channel), channel=channel,
        folded=folded, against=other,
    )  # fmt: skip
