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
