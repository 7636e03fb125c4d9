"""The engine on cuda and mps: the plain net under autograd, with dropout and rrelu drawn by hand.

Shapes: B batch, T samples of a clip, F features, K classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench.nets import Net
from labbench.training.engine.noise import keep_mask


class PlainEngine:
    """The net's own forward, under bf16 autocast where asked for."""

    def __init__(self, net: Net, device: torch.device, *, bf16: bool) -> None:
        self._net = net
        self._device = device
        self._bf16 = bf16

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16)

    def train_step(
        self, clips_BT: Tensor, labels_B: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """See `Engine.train_step`."""
        self._net.train()
        self._net.zero_grad(set_to_none=True)
        with self._autocast():
            logits_BK = self._forward(clips_BT, generator)
        loss = F.cross_entropy(logits_BK.float(), labels_B)
        torch.autograd.backward(loss)
        return loss.detach(), (logits_BK.detach().argmax(1) == labels_B).sum()

    def _forward(self, clips_BT: Tensor, generator: torch.Generator) -> Tensor:
        x = clips_BT.unsqueeze(1)
        for module in self._net:
            if isinstance(module, nn.Dropout):
                mask_BF = keep_mask(len(x), x.shape[1], module.p, generator, x.dtype)
                x = x * mask_BF.to(x.device)
            elif isinstance(module, nn.RReLU):
                slopes = torch.empty(x.shape, device=generator.device)
                slopes.uniform_(module.lower, module.upper, generator=generator)
                x = torch.where(x > 0, x, x * slopes.to(x))
            else:
                x = module(x)
        return x

    @torch.no_grad()
    def logits(self, clips_BT: Tensor) -> Tensor:
        """See `Engine.logits`."""
        self._net.eval()
        with self._autocast():
            logits_BK: Tensor = self._net(clips_BT)
        return logits_BK.float()
