"""A training step by the net's own modules and autograd: what every engine is held against.

Shapes: B batch, T samples of a clip.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench.architecture import Model, plan
from labbench.nets import Net, build
from labbench.training.engine.noise import draw
from labbench.training.engine.pointwise import random_slopes


@dataclass(frozen=True)
class Step:
    """What one reference step found; `net` holds the gradients and running statistics."""

    net: Net
    loss: Tensor
    correct: int


def make_net(model: Model, length: int, *, classes: int = 5, seed: int = 1) -> Net:
    """A float64 net off its start: biases, slopes, norms all moved, one norm scale negative."""
    net = build(plan(model, classes, length=length), seed=seed).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
            parameter += 0.1 * noise
            if name.startswith("bn") and name.endswith("weight"):
                parameter[0] = -parameter[0]
    return net


def make_clips(clips: int, length: int, seed: int = 2) -> tuple[Tensor, Tensor]:
    """Clips and labels (of 5); where there are three or more, one is silent and one constant."""
    generator = torch.Generator().manual_seed(seed)
    clips_BT = torch.rand(clips, length, generator=generator, dtype=torch.float64) * 2 - 1
    if clips > 2:
        clips_BT[0], clips_BT[1] = 0, 0.5
    return clips_BT, torch.randint(5, (clips,), generator=generator)


def reference_step(net: Net, clips_BT: Tensor, labels_B: Tensor, seed: int) -> Step:
    """Forward and backward of a copy of the net, with the noise an engine draws from `seed`."""
    threads = torch.get_num_threads()
    # Nets this small leave several threads nothing to do but wait for each other.
    torch.set_num_threads(1)
    try:
        return _step(net, clips_BT, labels_B, seed)
    finally:
        torch.set_num_threads(threads)


def _step(net: Net, clips_BT: Tensor, labels_B: Tensor, seed: int) -> Step:
    net = copy.deepcopy(net).train()
    net.zero_grad()
    noise = draw(net.plan, len(clips_BT), torch.Generator().manual_seed(seed), clips_BT.dtype)
    x = clips_BT.unsqueeze(1)
    for name, layer in net.named_children():
        if isinstance(layer, nn.Dropout):
            assert noise.mask_BF is not None
            x = x * noise.mask_BF
        elif isinstance(layer, nn.RReLU):
            # The engines lay samples before channels; features have no channels.
            rows = x.detach()[:1].transpose(1, 2) if x.ndim == 3 else x.detach()[:1]
            slopes = [random_slopes(rows, s, layer.lower, layer.upper) for s in noise.seeds[name]]
            each = torch.cat(slopes)
            x = torch.where(x > 0, x, x * (each.transpose(1, 2) if x.ndim == 3 else each))
        else:
            x = layer(x)
    loss = F.cross_entropy(x, labels_B)
    loss.backward()
    return Step(net, loss.detach(), int((x.argmax(1) == labels_B).sum()))


def distance(found: Tensor, expected: Tensor) -> float:
    """Largest difference, relative to the largest expected number."""
    scale = expected.abs().max().clamp_min(1e-300)
    return float((found - expected).abs().max() / scale)
