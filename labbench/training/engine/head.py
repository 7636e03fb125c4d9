"""The head of a net: dropout, dense layers, loss. Small, so autograd does it, on each rank's clips.

Shapes: N clips of a rank, F flattened features, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench.architecture import Activation, Dropout, Layer
from labbench.training.engine.noise import Noise
from labbench.training.engine.pointwise import random_slopes


@dataclass(frozen=True, slots=True)
class HeadResult:
    """What the head of one rank found."""

    loss: Tensor
    """Sum over the rank's clips / clips of the whole batch."""
    correct: Tensor
    features_grad_NF: Tensor
    gradients: tuple[Tensor, ...]
    """In the order of `Head.parameters`."""


class Head:
    """The layers behind the last block."""

    def __init__(self, net: nn.Sequential, layers: Sequence[Layer]) -> None:
        modules = dict(net.named_children())
        self._layers = [(layer, modules[layer.name]) for layer in layers]
        self.parameters = [p for _, module in self._layers for p in module.parameters()]

    def logits(self, features_NF: Tensor, noise: Noise | None, clips: slice) -> Tensor:
        """Features -> logits; without noise, as in evaluation."""
        x = features_NF
        for layer, module in self._layers:
            if isinstance(layer, Dropout):
                if noise and noise.mask_BF is not None:
                    x = x * noise.mask_BF[clips]
            elif isinstance(module, nn.RReLU):
                x = _rrelu(x, module, noise.seeds[layer.name][clips] if noise else None)
            elif isinstance(layer, Activation) or isinstance(module, nn.Linear):
                x = module(x)
        return x

    def step(
        self, features_NF: Tensor, labels_N: Tensor, noise: Noise, clips: slice, batch: int
    ) -> HeadResult:
        """Loss of these clips of a batch, and all gradients."""
        with torch.enable_grad():
            features_NF = features_NF.detach().requires_grad_()
            logits_NK = self.logits(features_NF, noise, clips)
            loss = F.cross_entropy(logits_NK, labels_N, reduction="sum") / batch
            grads = torch.autograd.grad(loss, [features_NF, *self.parameters])
        correct = (logits_NK.argmax(1) == labels_N).sum()
        return HeadResult(loss.detach(), correct, grads[0], grads[1:])


def _rrelu(x_NF: Tensor, module: nn.RReLU, seeds: Sequence[int] | None) -> Tensor:
    if seeds is None:
        return F.leaky_relu(x_NF, (module.lower + module.upper) / 2)
    slopes = [random_slopes(x_NF[:1].detach(), seed, module.lower, module.upper) for seed in seeds]
    return torch.where(x_NF > 0, x_NF, x_NF * torch.cat([x_NF.detach()[:0], *slopes]))
