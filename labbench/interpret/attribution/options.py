"""What can be chosen of attribution."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from labbench.interpret.options import At, Clip, Option, Options

Method = Literal["grad-cam", "cam", "ig", "occlusion"]
METHODS: tuple[Method, ...] = get_args(Method)

Methods = Literal["grad-cam", "cam", "ig", "occlusion", "all"]
"""One, or all of them."""

WINDOW_MS, STRIDE_MS = 50.0, 12.5
"""Of occlusion, where none are asked for."""


class AttributionOptions(Options, frozen=True, kw_only=True):
    """Which moments of a clip speak for a class.

    By class activation map, Grad-CAM, integrated gradients or occlusion.
    """

    command = "cam"
    title, letter, said = "evidence", "V", "looking for evidence"
    about = (
        "Which moments of a clip speak for a class, and in another colour which against it. The "
        "score is the class' logit, what stands for nothing is silence. Grad-CAM weighs a layer's "
        "channels by the logit's mean gradient and cuts off what is below 0; the class activation "
        "map is what each moment adds to the logit, exactly, where the net has no hidden dense "
        "layer; integrated gradients add up to the logit less that of silence, and it is told "
        "whether they do; occlusion is how much the logit falls when a window is silenced."
    )

    clip: Clip = ""
    word: Annotated[
        str, Option("Default: what the net takes the clip for.", name="class", metavar="WORD")
    ] = ""
    method: Annotated[
        Methods,
        Option("cam: exact, of nets without hidden dense layers.", key="m", label="method",
               does="Go to the next method: Grad-CAM, CAM, integrated gradients, occlusion, "
               "all of them"),
    ] = "grad-cam"  # fmt: skip
    layer: Annotated[str, Option("Of grad-cam; default: the last.")] = ""
    window_ms: Annotated[float, Option("Of occlusion: silenced at a time.")] = WINDOW_MS
    stride_ms: Annotated[float, Option("From one window to the next.")] = STRIDE_MS
    at: At = None
