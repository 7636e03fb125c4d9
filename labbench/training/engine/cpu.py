"""The engine on CPU: hand-written steps of channels-last blocks, one share of clips a core.

Shapes: B batch, T samples of a clip, K classes, F features, C and O channels in and out, k taps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from labbench.nets import Net
from labbench.training.engine.block import Block, Layers, total, write_grad
from labbench.training.engine.head import Head, HeadResult
from labbench.training.engine.inference import CHUNK, Inference
from labbench.training.engine.native import Kernels
from labbench.training.engine.native_block import NativeBlock, NativeNormBlock
from labbench.training.engine.noise import Noise, draw
from labbench.training.engine.norm_block import NormBlock, NormLayers
from labbench.training.engine.rank import Chain, NormChain
from labbench.training.engine.spec import BlockSpec, split
from labbench.training.engine.team import Team, share


class CpuEngine:
    """Trains and evaluates a net on CPU with as many ranks as torch has threads."""

    def __init__(self, net: Net, kernels: Kernels | None) -> None:
        self._plan = net.plan
        modules = dict(net.named_children())
        specs, head = split(net.plan)
        self._bf16 = kernels is not None and kernels.bf16
        self._layers = [_layers(spec, modules, kernels) for spec in specs]
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
        self._match_threads()
        self._make_room(batch)
        noise = draw(self._plan, batch, generator, self._like.dtype)
        self._begin(noise, batch)

        def work(rank: int) -> HeadResult:
            mine, chain = share(batch, self._team.ranks, rank), self._chains[rank]
            chain.load(clips_BT[mine])
            count = mine.stop - mine.start
            chain.forward(count)
            features_NF = chain.features_NWO[:count].flatten(1).to(self._like.dtype)
            result = self._head.step(features_NF, labels_B[mine], noise, mine, batch)
            grad_NF = result.features_grad_NF.to(chain.features_NWO.dtype).contiguous()
            chain.backward(grad_NF.view(chain.features_NWO[:count].shape))
            return result

        results = self._team.run(work)
        self._write_grads(results)
        return sum(r.loss for r in results), sum(r.correct for r in results)  # type: ignore[return-value]

    @property
    def _like(self) -> Tensor:
        return self._layers[0].conv.weight.detach()

    @property
    def _rows_like(self) -> Tensor:
        """Of the type of activations and their gradients."""
        return self._like.to(torch.bfloat16) if self._bf16 else self._like

    def _match_threads(self) -> None:
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
        clips, like = mine.stop - mine.start, self._rows_like
        blocks = [_block(each, clips, like) for each in self._layers]
        # A net has batch norm in all of its blocks, or in none.
        norm_blocks = [block for block in blocks if isinstance(block, NormBlock)]
        if norm_blocks:
            return NormChain(norm_blocks, clips, like, self._team, rank)
        return Chain(blocks, clips, like)

    def _depths(self) -> Iterator[list[Block]]:
        """From the first depth to the last, the blocks of all ranks."""
        for depth in range(len(self._layers)):
            yield [chain.blocks[depth] for chain in self._chains]

    def _begin(self, noise: Noise, batch: int) -> None:
        for blocks in self._depths():
            filters = blocks[0].filters()
            seeds = noise.seeds.get(blocks[0].spec.activation.name, ())
            for rank, block in enumerate(blocks):
                block.begin(filters, seeds[share(batch, self._team.ranks, rank)])

    def _write_grads(self, results: Sequence[HeadResult]) -> None:
        """Sum what the ranks found, always in the same order, into `param.grad`."""
        for blocks in self._depths():
            blocks[0].write_grads(blocks)
        for number, parameter in enumerate(self._head.parameters):
            write_grad(parameter, total(result.gradients[number] for result in results))

    @torch.no_grad()
    def logits(self, clips_BT: Tensor) -> Tensor:
        """See `Engine.logits`."""
        self._match_threads()
        filters = [each.inference_filters() for each in self._layers]

        def work(rank: int) -> Tensor:
            mine = clips_BT[share(len(clips_BT), self._team.ranks, rank)]
            inference, parts = Inference(self._layers, filters, self._rows_like), []
            for part_NT in torch.split(mine, CHUNK):
                features_NF = inference.features(part_NT).to(self._like.dtype)
                parts.append(self._head.logits(features_NF, None, slice(0, len(part_NT))))
            return torch.cat(parts)

        return torch.cat(self._team.run(work))


def _layers(spec: BlockSpec, modules: dict[str, nn.Module], kernels: Kernels | None) -> Layers:
    conv, activation = modules[spec.conv.name], modules[spec.activation.name]
    assert isinstance(conv, nn.Conv1d)
    if spec.norm is None:
        return Layers(spec, conv, activation, kernels)
    norm = modules[spec.norm.name]
    assert isinstance(norm, nn.BatchNorm1d)
    return NormLayers(spec, conv, activation, kernels, norm)


def _block(layers: Layers, clips: int, like: Tensor) -> Block:
    """One rank's block for at most so many clips."""
    if isinstance(layers, NormLayers):
        return (NativeNormBlock if layers.native else NormBlock)(layers, clips, like)
    return (NativeBlock if layers.native else Block)(layers, clips, like)
