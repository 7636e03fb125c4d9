"""The plain torch module of a plan: what the weights mean, and the reference of every engine.

Shapes: B batch, C channels, T time samples, K classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench import architecture
from labbench.architecture import Layer, Plan
from labbench.nets.activations import activation
from labbench.nets.initializers import initialize_


class Conv(nn.Conv1d):
    """A convolution zero-padded by the plan's own left and right."""

    def __init__(self, layer: architecture.Conv) -> None:
        super().__init__(layer.in_channels, layer.channels, layer.kernel)
        self.pad = (layer.left, layer.right)

    def forward(self, x_BCT: Tensor) -> Tensor:
        return super().forward(F.pad(x_BCT, self.pad) if any(self.pad) else x_BCT)


class Flatten(nn.Module):
    """(B, C, T) -> (B, T * C), time outermost, as Keras lays its features."""

    def forward(self, x_BCT: Tensor) -> Tensor:
        return x_BCT.transpose(1, 2).flatten(1)


def module(layer: Layer) -> nn.Module:
    """The torch module of one planned layer."""
    match layer:
        case architecture.Conv():
            return Conv(layer)
        case architecture.BatchNorm():
            # Keras counts what is kept, torch what is new.
            momentum = 1 - layer.momentum
            return nn.BatchNorm1d(layer.channels, eps=layer.epsilon, momentum=momentum)
        case architecture.Activation():
            return activation(layer.function, layer.channels)
        case architecture.MaxPool():
            return nn.MaxPool1d(layer.size, ceil_mode=layer.partial)
        case architecture.Flatten():
            return Flatten()
        case architecture.Dropout():
            return nn.Dropout(layer.rate)
        case architecture.Dense():
            return nn.Linear(layer.in_features, layer.channels)
    raise TypeError(f"no module for {layer!r}")


class Net(nn.Sequential):
    """Clips (B, T) of float32 in [-1, 1] -> logits (B, K). Layers have the plan's names."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        for layer in plan:
            self.add_module(layer.name, module(layer))

    def forward(self, clips_BT: Tensor) -> Tensor:
        x = clips_BT.unsqueeze(1)
        for layer in self:
            x = layer(x)
        return x


def build(plan: Plan, *, seed: int = 0) -> Net:
    """A net with fresh weights: the plan's initializer for kernels, zero biases.

    The same plan and seed give the same weights on every machine.
    """
    net = Net(plan)
    generator = torch.Generator().manual_seed(seed)
    for part in net.modules():
        if isinstance(part, nn.Conv1d | nn.Linear):
            initialize_(part.weight, plan.initializer, generator)
            assert part.bias is not None
            nn.init.zeros_(part.bias)
    return net
