"""What can be chosen of weights."""

from __future__ import annotations

from typing import Annotated, Literal

from labbench.interpret.options import Option, Options


class WeightsOptions(Options, frozen=True, kw_only=True):
    """The weights of each layer, and how far training moved them.

    Norms, and a histogram of one layer's.
    """

    command = "weights"
    title, letter, thing, said = "weights", "W", "layer", "reading the weights"
    about = (
        "How large the weights of each layer are, and how far they moved from those that training "
        "began with, which are made anew from the preset and its seed. The norm is the root of "
        "the sum of squares; moved is the norm of the difference, and beside it in parts of the "
        "norm at the start; the cosine tells how much of the direction is left. Below, the "
        "weights of the chosen layer, now and at the start, or the differences. Biases and batch "
        "norms are left out."
    )

    layer: Annotated[str, Option("conv1, ..., dense1, ...; default: the first.", drawn=True)] = ""
    of: Annotated[
        Literal["weights", "moved"],
        Option("What the histogram counts: weights now and at the start, or the differences.",
               key="m", label="weights/moved", drawn=True,
               does="Count the weights, or how far each of them moved"),
    ] = "weights"  # fmt: skip
