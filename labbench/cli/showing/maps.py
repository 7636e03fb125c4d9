"""What each channel of a layer gives for a clip."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.views.export import View

ClipOption = Annotated[
    str,
    typer.Option(
        metavar="CLIP",
        help="A sound file, or a clip of the run's data set: its name or a part of it, its row, "
        "or a word (its first test clip). Default: the first test clip.",
    ),
]


ChannelSort = Literal["energy", "index"]
"""Orders of channels."""


@view
def maps(
    run: Target,
    clip: ClipOption = "",
    layer: Annotated[str, typer.Option(help="conv1, conv2, ..., or 1, 2, ...")] = "conv1",
    channel: Annotated[
        int | None, typer.Option(min=0, help="Default: the one with the highest energy.")
    ] = None,
    before: Annotated[
        bool, typer.Option("--before", help="All channels before the activation, not after.")
    ] = False,
    sort: Annotated[ChannelSort, typer.Option(help="Of the channels.")] = "energy",
    at: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, max=1, help="A time to mark.")
    ] = None,
) -> "View":
    """Feature maps: what every channel of a layer gives for a clip.

    Before and after its activation.
    """
    from labbench.cli.asking import answered
    from labbench.interpret.clip import first_test, named
    from labbench.interpret.feature_maps.answer import maps_question
    from labbench.interpret.feature_maps.picture import MapsView

    folder = run.folder
    heard = named(folder, clip) if clip else first_test(folder)
    found = answered(folder, maps_question(folder, heard, layer))
    return MapsView.of(folder, found, channel, before=before, order=sort, cursor_s=at)
