"""What can be chosen of feature maps."""

from __future__ import annotations

from typing import Annotated, Literal

from labbench.interpret.options import At, Clip, Option, Options

Sort = Literal["energy", "index"]
"""Orders of channels."""


class MapsOptions(Options, frozen=True, kw_only=True):
    """Feature maps: what every channel of a layer gives for a clip.

    Before and after its activation.
    """

    command = "maps"
    title, letter, thing, said = "maps", "M", "channel", "computing feature maps"
    about = (
        "What every channel of a layer gives for a clip, on the clip's own time axis: at the left "
        "the channels with the most energy first, in the middle strips all of them (bright is far "
        "from zero), then the chosen one before and after its activation - what is below zero in "
        "another colour - and its spectrogram, whose windows last as long in every layer. The "
        "cursor tells its values."
    )

    clip: Clip = ""
    layer: Annotated[str, Option("conv1, conv2, ..., or 1, 2, ...")] = "conv1"
    channel: Annotated[
        int | None, Option("Default: the one with the highest energy.", least=0, drawn=True)
    ] = None
    before: Annotated[
        bool,
        Option("All channels before the activation, not after.", key="b", label="before/after",
               does="All channels before the activation, or after it", drawn=True),
    ] = False  # fmt: skip
    sort: Annotated[
        Sort,
        Option("Of the channels.", key="s", label="sort", drawn=True,
               does="Order channels by energy, or by index"),
    ] = "energy"  # fmt: skip
    at: At = None
