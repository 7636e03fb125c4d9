"""What can be chosen of dead channels."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from labbench.interpret.options import Option, Options

Order = Literal["awake", "channel", "label", "state"]
Figure = Literal["awake", "strength"]
"""What the map of labels and channels shows."""
Part = Literal["map", "list", "layers"]
PARTS: tuple[Part, ...] = get_args(Part)


class DeadOptions(Options, frozen=True, kw_only=True):
    """Dead channels: which labels wake which channels of a layer."""

    command = "dead"
    title, letter, thing, said = "dead", "D", "channel", "listening to the clips"
    about = (
        "Which labels wake which channels of a layer. A clip wakes a channel when what goes into "
        "its activation rises above 0 at some time; between two limits, as with tanh, when the "
        "output moves by more than 1% of the range. A channel that no clip wakes is dead. It is "
        "selective when one label drives it at least three times as hard as the others do on "
        "average, saturated when more than half of its outputs are at a limit. In the map a dot "
        "is a label that never wakes the channel."
    )

    layer: Annotated[
        str, Option("conv1, conv2, ...; default: all, and the map of the last.", drawn=True)
    ] = ""
    split: Annotated[
        Literal["validation", "test"],
        Option("Whose clips.", key="t", label="other clips",
               does="Listen to the validation clips, or to the test clips again"),
    ] = "test"  # fmt: skip
    limit: Annotated[
        int, Option("So many clips, the same share of each label; 0: all.", least=0)
    ] = 0
    order: Annotated[
        Order,
        Option("Of the channels.", key="s", label="sort", drawn=True,
               does="Order channels by clips that wake them, number, strongest label, or state"),
    ] = "awake"  # fmt: skip
    figure: Annotated[
        Figure | None,
        Option("In the map; default: awake, for tanh and its kin strength.", drawn=True),
    ] = None
    show: Annotated[
        Part | None,
        Option("The map, the list of channels, or all layers; default: all of them.", key="v",
               label="map, list, layers", drawn=True,
               does="Show the map, the list of channels, or all layers"),
    ] = None  # fmt: skip
    channel: Annotated[
        int | None, Option("The one that is marked and explained.", least=0, drawn=True)
    ] = None
