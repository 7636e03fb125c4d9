"""Feature maps of a clip."""

from __future__ import annotations

import torch

from labbench.audio.progress import Progress
from labbench.interpret.context import Context, before_activation, outputs
from labbench.interpret.feature_maps.answer import Maps, MapsQuestion


def compute(context: Context, question: MapsQuestion, report: Progress) -> Maps:
    """Every channel of a convolution, before and after its activation.

    Raises:
        LabbenchError: there is no such layer, or the clip is gone.
    """
    one = context.stage(question.layer)
    report(0, 1, "feature maps")
    clip_1T = context.clip(question.clip)
    before, after = before_activation(one), one.activation.name
    with torch.inference_mode():
        logits_1K, found = outputs(context.net, clip_1T, {before, after})
    return Maps(
        clip=question.clip, layer=one.name, samples_T=clip_1T[0].numpy(),
        before_CT=found[before][0].numpy(), after_CT=found[after][0].numpy(), rate_hz=one.rate_hz,
        start_s=one.start_s, activation=one.activation.function, words=context.words,
        logits_K=logits_1K[0].numpy(),
    )  # fmt: skip
