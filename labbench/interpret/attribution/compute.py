"""Evidence for a class in a clip: CAM, Grad-CAM, integrated gradients, occlusion.

B batch, C channels, T samples of the clip, M moments, K classes. All by captum, but the class
activation map. The score is always the logit, the baseline silence.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion
from torch import Tensor, nn

from labbench.architecture.stages import features_clock
from labbench.audio.progress import Progress, silent
from labbench.errors import RunError
from labbench.interpret.attribution.answer import Evidence, EvidenceQuestion, why_no_cam
from labbench.interpret.context import Context, outputs
from labbench.interpret.spread import spread
from labbench.nets import Net
from labbench.units import SAMPLE_RATE_HZ

STEPS, MOST_STEPS = 64, 256
"""On the way from silence to the clip: doubled while completeness is not reached."""

COMPLETE = 0.01
"""Integrated gradients are complete when they add up to the difference of the scores up to this
share of it."""

BATCH = 8
"""Clips that go through the net at a time."""

FEW_THREADS = 4
"""So many of torch's own threads are no faster than one on clips of a second."""

Scores = Callable[[Tensor], Tensor]


def class_activation_map(net: Net, clip_1T: Tensor, label: int) -> Tensor:
    """(M,) what the dense layer adds to a class' logit from the features of each moment.

    The head is flatten and one dense layer, so that the logit is the sum over moments and channels
    of weight times feature, plus the bias (Zhou et al. 2016, Learning Deep Features for
    Discriminative Localization, whose head averages over time first; this one has a weight for
    each moment).
    """
    with torch.inference_mode():
        _, found = outputs(net, clip_1T, {"flatten"})
    head = next(part for part in net.modules() if isinstance(part, nn.Linear))
    last = net.plan.convs[-1].channels
    # Feature t * C + c is channel c at moment t.
    return (head.weight[label] * found["flatten"][0]).view(-1, last).sum(1)


def grad_cam(net: Net, clip_1T: Tensor, label: int, layer: str) -> Tensor:
    """(M,) the channels of a layer, each weighted by the mean over time of the logit's gradient.

    Selvaraju et al. 2017, Grad-CAM; below 0 cut off as there.
    """
    method = LayerGradCam(net, net.get_submodule(layer))
    found: Tensor = method.attribute(
        clip_1T.clone().requires_grad_(), target=label, relu_attributions=True
    )
    return found.detach()[0, 0]


def integrated_gradients(
    scores: Scores, clip_1T: Tensor, label: int, steps: int
) -> Tensor:  # fmt: skip
    """(T,) the gradient of the logit on the way from silence to the clip, times each sample.

    Sundararajan et al. 2017, Axiomatic Attribution for Deep Networks; Gauss-Legendre steps.
    """
    found: Tensor = IntegratedGradients(scores).attribute(
        clip_1T, baselines=0.0, target=label, n_steps=steps, internal_batch_size=BATCH
    )
    return found.detach()[0]


def occlusion(
    scores: Scores, clip_1T: Tensor, label: int, window: int, stride: int
) -> Tensor:  # fmt: skip
    """(T,) how much the logit falls when a window is silenced, averaged over those that hold it.

    Zeiler and Fergus 2014, Visualizing and Understanding Convolutional Networks.
    """
    found: Tensor = Occlusion(scores).attribute(
        clip_1T, sliding_window_shapes=(window,), strides=(stride,), baselines=0.0, target=label,
        perturbations_per_eval=BATCH,
    )  # fmt: skip
    return found.detach()[0]


def compute(context: Context, question: EvidenceQuestion, report: Progress) -> Evidence:
    """What speaks for a class in a clip.

    Raises:
        LabbenchError: the clip is gone, there is no such layer, or the head allows no map.
    """
    if question.method in ("ig", "occlusion") and torch.get_num_threads() > FEW_THREADS:
        return _found(context, question, report)
    # One thread is done before several that meet after every operation and wait for each other.
    [found] = spread(lambda _: _found(context, question, report), [None])
    return found


def _found(context: Context, question: EvidenceQuestion, report: Progress) -> Evidence:
    report(0, 0, "loading the clip")
    clip_1T = context.clip(question.clip)
    with torch.inference_mode():
        logits_K = context.net(clip_1T)[0]
        silence_K = context.net(torch.zeros_like(clip_1T))[0]
    label = context.words.index(question.word) if question.word else int(logits_K.argmax())
    due = float(logits_K[label] - silence_K[label])
    values_M, steps = _values(context, question, clip_1T, label, due, report)
    rate_hz, start_s = _clock(context, question)
    from_silence = question.method in ("ig", "occlusion")
    return Evidence(
        clip=question.clip, method=question.method, word=context.words[label],
        layer=question.layer, samples_T=clip_1T[0].numpy(), values_M=values_M.double().numpy(),
        rate_hz=rate_hz, start_s=start_s, words=context.words, logits_K=logits_K.numpy(),
        baseline=float(silence_K[label]) if from_silence else None,
        offset=_bias(context.net, label) if question.method == "cam" else 0.0,
        steps=steps, window_ms=question.window_ms, stride_ms=question.stride_ms,
    )  # fmt: skip


def _values(
    context: Context,
    question: EvidenceQuestion,
    clip_1T: Tensor,
    label: int,
    due: float,
    report: Progress,
) -> tuple[Tensor, int]:
    """The values of a method, and the steps it took."""
    net = context.net
    if question.method == "cam":
        if why := why_no_cam(context.plan):
            raise RunError(why, where=context.run.id)
        return class_activation_map(net, clip_1T, label), 0
    if question.method == "grad-cam":
        one = context.stage(question.layer)
        return grad_cam(net, clip_1T, label, one.activation.name), 0
    if question.method == "ig":
        return complete(net, clip_1T, label, due, report)
    window, stride = (
        max(round(ms * SAMPLE_RATE_HZ / 1000), 1) for ms in (question.window_ms, question.stride_ms)
    )
    places = -(-(clip_1T.shape[1] - window) // stride) + 1
    scores = _told(net, places + 1, "silencing windows", report)
    return occlusion(scores, clip_1T, label, window, stride), 0


def complete(
    net: Scores, clip_1T: Tensor, label: int, due: float, report: Progress = silent
) -> tuple[Tensor, int]:
    """Integrated gradients with as many steps as completeness takes, and how many those are.

    Args:
        due: the logit less that of silence.
    """
    steps = STEPS
    while True:
        scores = _told(net, steps, "integrating gradients", report)
        found_T = integrated_gradients(scores, clip_1T, label, steps)
        error = abs(float(found_T.sum(dtype=torch.float64)) - due)
        if error <= COMPLETE * abs(due) or steps >= MOST_STEPS:
            return found_T, steps
        steps *= 2


def _told(net: Scores, total: int, what: str, report: Progress) -> Scores:
    """The net's scores, telling how many clips went through it."""
    done = 0

    def scores(clips_BT: Tensor) -> Tensor:
        nonlocal done
        report(min(done, total), total, what)
        done += len(clips_BT)
        return net(clips_BT)

    return scores


def _clock(context: Context, question: EvidenceQuestion) -> tuple[float, float]:
    """Rate and start of the values."""
    if question.method == "cam":
        return features_clock(context.plan)
    if question.method == "grad-cam":
        one = context.stage(question.layer)
        return one.rate_hz, one.start_s
    return float(SAMPLE_RATE_HZ), 0.0


def _bias(net: Net, label: int) -> float:
    head = [part for part in net.modules() if isinstance(part, nn.Linear)][-1]
    return float(head.bias[label])
