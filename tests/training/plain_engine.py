"""The engine's interface over plain autograd: what the loop is tested with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench.nets import Net


class PlainEngine:
    """Forward and backward of the plain net."""

    precision = "fp32"

    def __init__(self, net: Net, blow_up_at: int | None = None) -> None:
        self.net = net
        self.steps = 0
        self.blow_up_at = blow_up_at

    def train_step(
        self, clips_BT: Tensor, labels_B: Tensor, *, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        self.net.train().zero_grad()
        x = clips_BT.unsqueeze(1)
        for layer in self.net:
            if isinstance(layer, nn.Dropout):
                kept = torch.rand(x.shape, generator=generator) >= layer.p
                x = x * kept / (1 - layer.p)
            else:
                x = layer(x)
        loss = F.cross_entropy(x, labels_B)
        loss.backward()
        self.steps += 1
        if self.steps == self.blow_up_at:
            loss = loss * float("nan")
        return loss.detach(), (x.argmax(1) == labels_B).sum()

    @torch.no_grad()
    def logits(self, clips_BT: Tensor) -> Tensor:
        return self.net.eval()(clips_BT)
