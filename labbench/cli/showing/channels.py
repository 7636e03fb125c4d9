"""Which clips wake which channels of a net."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.options import Split
from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.views.export import View


ChannelOrder = Literal["awake", "channel", "label", "state"]
"""Orders of channels."""


ChannelFigure = Literal["awake", "strength"]
"""What the map of labels and channels shows."""


@view
def dead(
    run: Target,
    layer: Annotated[
        str, typer.Option(help="conv1, conv2, ...; default: all, and the map of the last.")
    ] = "",
    split: Annotated[Split, typer.Option(help="Whose clips.")] = "test",
    limit: Annotated[
        int, typer.Option(min=0, help="So many clips, the same share of each label; 0: all.")
    ] = 0,
    order: Annotated[ChannelOrder, typer.Option(help="Of the channels.")] = "awake",
    figure: Annotated[
        ChannelFigure | None,
        typer.Option(help="In the map; default: awake, for tanh and its kin strength."),
    ] = None,
) -> "View":
    """Dead channels: which labels wake which channels of a layer."""
    from labbench.cli.asking import answered
    from labbench.interpret.channels.answer import dead_question
    from labbench.interpret.channels.picture import DeadView

    found = answered(run.folder, dead_question(run.folder, split, limit))
    return DeadView.of(run.folder, found, layer, order=order, figure=figure)
