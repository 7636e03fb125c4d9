"""The engine on CPU: hand-written steps of channels-last blocks, one share of clips a core.

Shapes: B batch, T samples of a clip, K classes, F features, C and O channels in and out, k taps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from labbench.nets import Net
from labbench.training.engine.block import Block
from labbench.training.engine.convolution import Filters, convolve
from labbench.training.engine.head import Head, HeadResult
from labbench.training.engine.noise import Noise, draw
from labbench.training.engine.norm_block import NormBlock, turned, upright
from labbench.training.engine.pointwise import pointwise
from labbench.training.engine.rank import Chain, NormChain
from labbench.training.engine.spec import BlockSpec, split
from labbench.training.engine.team import Team, share

INFERENCE_CHUNK = 4
"""Clips that go through the whole net at a time in evaluation."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The net's own modules of one block: their parameters are what is trained."""

    spec: BlockSpec
    conv: nn.Conv1d
    activation: nn.Module
    norm: nn.BatchNorm1d | None

    @property
    def bias(self) -> Tensor:
        assert self.conv.bias is not None
        return self.conv.bias


class CpuEngine:
    """Trains and evaluates a net on CPU with as many ranks as torch has threads."""

    def __init__(self, net: Net) -> None:
        self._plan = net.plan
        modules = dict(net.named_children())
        specs, head = split(net.plan)
        self._layers = [_layers(spec, modules) for spec in specs]
        self._head = Head(net, head)
        self._team = Team(torch.get_num_threads())
        self._chains: list[Chain] = []
        self._capacity = 0

    @torch.no_grad()
    def train_step(
        self, clips_BT: Tensor, labels_B: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """See `Engine.train_step`."""
        batch = len(clips_BT)
        self._muster()
        self._make_room(batch)
        noise = draw(self._plan, batch, generator, self._like.dtype)
        self._begin(noise, batch)

        def work(rank: int) -> HeadResult:
            mine, chain = share(batch, self._team.ranks, rank), self._chains[rank]
            chain.load(clips_BT[mine])
            count = mine.stop - mine.start
            chain.forward(count)
            features_NF = chain.features_NWO[:count].flatten(1)
            result = self._head.step(features_NF, labels_B[mine], noise, mine, batch)
            chain.backward(result.features_grad_NF.view(chain.features_NWO[:count].shape))
            return result

        results = self._team.run(work)
        self._leave_gradients(results)
        return sum(r.loss for r in results), sum(r.correct for r in results)  # type: ignore[return-value]

    @property
    def _like(self) -> Tensor:
        return self._layers[0].conv.weight.detach()

    def _muster(self) -> None:
        """As many ranks as torch has threads now: a resumed run may have set its own number."""
        if torch.get_num_threads() != self._team.ranks:
            self._team.dismiss()
            self._team = Team(torch.get_num_threads())
            self._chains, self._capacity = [], 0

    def _make_room(self, batch: int) -> None:
        """Memory for a batch: taken at the first step, and again only for a larger one."""
        if batch <= self._capacity:
            return
        self._capacity = batch
        ranks = range(self._team.ranks)
        self._chains = [self._chain(share(batch, self._team.ranks, rank), rank) for rank in ranks]

    def _chain(self, mine: slice, rank: int) -> Chain:
        clips, like = mine.stop - mine.start, self._like
        if self._layers[0].norm is None:
            blocks = [Block(each.spec, each.activation, clips, like) for each in self._layers]
            return Chain(blocks, clips, like)
        norm_blocks = [
            NormBlock(each.spec, each.activation, clips, like, each.norm.eps)
            for each in self._layers
            if each.norm
        ]
        return NormChain(norm_blocks, clips, like, self._team, rank)

    def _begin(self, noise: Noise, batch: int) -> None:
        for depth, each in enumerate(self._layers):
            sign_O = upright(each.norm.weight) if each.norm else None
            if sign_O is None:
                filters = Filters.of(each.conv.weight, each.bias)
            else:
                filters = turned(each.conv.weight, each.bias, sign_O)
            seeds = noise.seeds.get(each.spec.activation.name, ())
            for rank, chain in enumerate(self._chains):
                block = chain.blocks[depth]
                block.begin(filters, seeds[share(batch, self._team.ranks, rank)])
                if isinstance(block, NormBlock):
                    assert each.norm
                    block.begin_norm(each.norm.weight.abs(), each.norm.bias)

    def _leave_gradients(self, results: Sequence[HeadResult]) -> None:
        """Sum what the ranks found, always in the same order, into `param.grad`."""
        for depth, each in enumerate(self._layers):
            blocks = [chain.blocks[depth] for chain in self._chains]
            filters_kCO = _sum(block.filters_kCO for block in blocks)
            conv = each.spec.conv
            weight_OCk = filters_kCO.view(conv.kernel, conv.in_channels, -1).permute(2, 1, 0)
            if each.norm:
                sign_O = upright(each.norm.weight)
                weight_OCk = weight_OCk * sign_O[:, None, None]
                _leave_norm(each.norm, sign_O, blocks[0])
            _leave(each.conv.weight, weight_OCk)
            _leave(each.bias, _sum(block.bias_O for block in blocks))
            if isinstance(each.activation, nn.PReLU):
                slopes = [block.activation.slope_gradient() for block in blocks]
                _leave(each.activation.weight, _sum(s for s in slopes if s is not None))
        for number, parameter in enumerate(self._head.parameters):
            _leave(parameter, _sum(result.gradients[number] for result in results))

    @torch.no_grad()
    def logits(self, clips_BT: Tensor) -> Tensor:
        """See `Engine.logits`."""
        self._muster()
        filters = [_inference_filters(each) for each in self._layers]

        def work(rank: int) -> Tensor:
            mine = clips_BT[share(len(clips_BT), self._team.ranks, rank)]
            parts = [self._infer(part, filters) for part in torch.split(mine, INFERENCE_CHUNK)]
            return torch.cat(parts)

        return torch.cat(self._team.run(work))

    def _infer(self, clips_NT: Tensor, filters: Sequence[Filters]) -> Tensor:
        x_NTC = clips_NT.unsqueeze(2)
        for each, laid_out in zip(self._layers, filters, strict=True):
            conv, pool = each.spec.conv, each.spec.pool
            x_NTC = convolve(F.pad(x_NTC, (0, 0, conv.left, conv.right)), laid_out)
            act = pointwise(each.spec.activation.function, each.activation, training=False)
            act.begin(())
            if pool and act.ordered:
                x_NTC = _pooled(x_NTC, pool.size, pool.partial)
            act.forward(x_NTC, out_NTC := torch.empty_like(x_NTC), slice(0, len(x_NTC)))
            x_NTC = out_NTC
            if pool and not act.ordered:
                x_NTC = _pooled(x_NTC, pool.size, pool.partial)
        return self._head.logits(x_NTC.flatten(1), None, slice(0, len(x_NTC)))


def _layers(spec: BlockSpec, modules: dict[str, nn.Module]) -> Layers:
    conv, activation = modules[spec.conv.name], modules[spec.activation.name]
    norm = modules[spec.norm.name] if spec.norm else None
    assert isinstance(conv, nn.Conv1d)
    assert norm is None or isinstance(norm, nn.BatchNorm1d)
    return Layers(spec, conv, activation, norm)


def _inference_filters(each: Layers) -> Filters:
    """The convolution with the norm's running statistics worked into it."""
    weight_OCk, bias_O = each.conv.weight, each.bias
    if each.norm:
        mean_O, variance_O = each.norm.running_mean, each.norm.running_var
        assert mean_O is not None
        assert variance_O is not None
        scale_O = each.norm.weight * (variance_O + each.norm.eps).rsqrt()
        weight_OCk = weight_OCk * scale_O[:, None, None]
        bias_O = (bias_O - mean_O) * scale_O + each.norm.bias
    return Filters.of(weight_OCk, bias_O)


def _pooled(x_NTC: Tensor, size: int, partial: bool) -> Tensor:
    image = x_NTC.transpose(1, 2).unsqueeze(2)
    pooled = F.max_pool2d(image, (1, size), ceil_mode=partial)
    return pooled.squeeze(2).transpose(1, 2)


def _leave_norm(norm: nn.BatchNorm1d, sign_O: Tensor, block: Block) -> None:
    """Gradients and running statistics, by torch's rule: the unbiased variance is kept."""
    assert isinstance(block, NormBlock)
    _leave(norm.weight, block.gamma_grad_O * sign_O)
    _leave(norm.bias, block.beta_grad_O)
    moments = block.moments
    assert norm.momentum is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    unbiased_O = moments.variance_O * (moments.count / max(1, moments.count - 1))
    norm.running_mean.lerp_(moments.mean_O * sign_O, norm.momentum)
    norm.running_var.lerp_(unbiased_O, norm.momentum)
    norm.num_batches_tracked += 1


def _sum(parts: Iterator[Tensor]) -> Tensor:
    return torch.stack(list(parts)).sum(0)


def _leave(parameter: Tensor, gradient: Tensor) -> None:
    if parameter.grad is None:
        parameter.grad = torch.empty_like(parameter)
    parameter.grad.copy_(gradient)
