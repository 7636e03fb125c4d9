"""What can be chosen of filters."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from labbench.interpret.options import Option, Options

Sort = Literal["centre", "bandwidth", "gain", "index"]
"""Orders of filters."""
SORTS: tuple[Sort, ...] = get_args(Sort)

NORM = "norm"


def check_input(text: str) -> None:
    """Raises ValueError: it names neither an input channel nor the norm over all."""
    if text != NORM and not (text.isdecimal() and len(text) < 10):
        raise ValueError(f"{text!r} is neither a number nor {NORM}")


class FiltersOptions(Options, frozen=True, kw_only=True):
    """The kernels of a convolution as filters.

    Centre frequency, bandwidth, gain, magnitude response.
    """

    command = "filters"
    title, letter, thing, said = "filters", "F", "filter", "reading the weights"
    about = (
        "The kernels of a convolution as filters: where each lets most through (centre), how wide "
        "it is there (within 3 dB), and how much comes through (gain). Below, all filters of the "
        "layer from left to right, frequency upwards. Frequencies are those of the layer's own "
        "rate, 16 kHz divided by the pooling before it: deeper than the first layer they tell how "
        "fast a feature comes and goes. There the response is the norm over all input channels, "
        "or that to one of them. Once dead channels were looked for, it is told which share of the "
        "test clips wakes each filter."
    )

    layer: Annotated[str, Option("conv1, conv2, ..., or 1, 2, ...")] = "conv1"
    sort: Annotated[
        Sort,
        Option("Order of the filters.", key="s", label="sort", drawn=True,
               does="Order filters by centre frequency, bandwidth, gain, or index"),
    ] = "centre"  # fmt: skip
    input: Annotated[
        str,
        Option("Responses to one input channel.", metavar="N|norm", check=check_input, drawn=True),
    ] = NORM
    channel: Annotated[
        int | None, Option("The filter to show; default: the first in order.", least=0, drawn=True)
    ] = None
    folded: Annotated[
        bool,
        Option("Fold the batch norm behind the layer in.", key="b", label="batch norm", drawn=True,
               does="Fold the batch norm behind the layer into its kernels, or not"),
    ] = False  # fmt: skip
    against: Annotated[
        str | None, Option("The same layer of another run beside it.", metavar="RUN")
    ] = None
