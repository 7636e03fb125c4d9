"""Feature maps of a clip."""

from __future__ import annotations

import torch

from labbench.audio.progress import Progress
from labbench.interpret.context import Context, before_activation, outputs
from labbench.interpret.feature_maps.answer import AskMaps
from labbench.runs.analyses import Analysis


def feature_maps(context: Context, ask: AskMaps, report: Progress) -> Analysis:
    """Every channel of a convolution, before and after its activation.

    Raises:
        LabbenchError: there is no such layer, or the clip is gone.
    """
    one = context.stage(ask.layer)
    report(0, 1, "feature maps")
    clip_1T = context.clip(ask.clip)
    before, after = before_activation(one), one.activation.name
    with torch.inference_mode():
        logits_1K, found = outputs(context.net, clip_1T, {before, after})
    return Analysis(
        {
            "samples": clip_1T[0].numpy(),
            "before": found[before][0].numpy(),
            "after": found[after][0].numpy(),
            "logits": logits_1K[0].numpy(),
        },
        {
            "rate_hz": one.rate_hz, "start_s": one.start_s,
            "activation": one.activation.function, "words": list(context.words),
        },
    )  # fmt: skip
