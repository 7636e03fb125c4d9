"""A net's weights beside those that its training began with."""

from __future__ import annotations

from torch import nn

from labbench import nets
from labbench.audio.progress import Progress
from labbench.errors import RunError
from labbench.interpret.context import Context
from labbench.interpret.weights.answer import LayerWeights, Weights, WeightsQuestion, figures


def compute(context: Context, question: WeightsQuestion, report: Progress) -> Weights:
    """The figures of each convolution's kernels and each dense layer's matrix.

    Raises:
        RunError: the weights are not finite.
    """
    report(0, 0, "building the net anew")
    start = dict(nets.build(context.plan, seed=question.seed).named_modules())
    found: list[LayerWeights] = []
    for name, part in context.net.named_modules():
        if isinstance(part, nn.Conv1d | nn.Linear):
            if not part.weight.isfinite().all():
                raise RunError(f"{name} has weights that are not finite.", where=context.run.id)
            first = start[name].get_parameter("weight").detach()
            found.append(figures(name, part.weight.numpy(), first.numpy()))
    return Weights(context.epoch, tuple(found))
