"""One rank's way through a training step: its clips through all blocks, forward and backward.

Without batch norm no rank needs another one, and a step goes depth first: a few clips through as
many blocks as possible, while what they made is still in cache. With batch norm every block is
done for all clips before the next.

Shapes: N clips of this rank, T samples, O channels of the last block.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import Tensor

from labbench.training.engine.block import Block, chunks
from labbench.training.engine.native import Above
from labbench.training.engine.norm_block import NormBlock
from labbench.training.engine.team import Team


class Chain:
    """Blocks in a row, each writing into the next one's input."""

    def __init__(self, blocks: Sequence[Block], clips: int, like: Tensor) -> None:
        self.blocks = blocks
        last = blocks[-1].spec
        self.features_NWO = like.new_zeros(clips, last.out_length, last.conv.channels)
        if blocks[0].cheap and len(blocks) > 1:
            blocks[0].remake_output_for(blocks[1])
        for block, following in itertools.pairwise(blocks):
            block.out_NWO = following.interior
        blocks[-1].out_NWO = self.features_NWO

    def load(self, clips_NT: Tensor) -> None:
        """Take this rank's clips."""
        self.blocks[0].interior[: len(clips_NT), :, 0] = clips_NT

    def forward(self, clips: int) -> None:
        """From the loaded clips to the features."""
        self._forward(len(self.blocks) - 1, slice(0, clips))

    def backward(self, grad_NWO: Tensor) -> None:
        """From the gradient of the features to the gradients of all weights."""
        self._backward(len(self.blocks) - 1, slice(0, len(grad_NWO)), grad_NWO)

    def _forward(self, depth: int, clips: slice) -> None:
        block = self.blocks[depth]
        for part in chunks(clips, block.chunk):
            if depth:
                self._forward(depth - 1, part)
            block.forward(part)

    def _backward(self, depth: int, clips: slice, grad_NWO: Tensor | Above) -> None:
        block = self.blocks[depth]
        for part in chunks(clips, block.chunk):
            if depth and self.blocks[depth - 1].remakes_out:
                self.blocks[depth - 1].forward(part)
            mine = grad_NWO[part.start - clips.start : part.stop - clips.start]
            grad_NTC = block.backward(mine, part, wanted=depth > 0)
            if grad_NTC is not None:
                self._backward(depth - 1, part, grad_NTC)


class NormChain(Chain):
    """Blocks with batch norm; every rank has to go through both ways, even without clips."""

    blocks: Sequence[NormBlock]

    def __init__(
        self, blocks: Sequence[NormBlock], clips: int, like: Tensor, team: Team, rank: int
    ) -> None:
        super().__init__(blocks, clips, like)
        self._team, self._rank = team, rank

    def forward(self, clips: int) -> None:
        everything = slice(0, clips)
        for part in chunks(everything, self.blocks[0].chunk):
            self.blocks[0].convolve(part)
        for block, following in itertools.zip_longest(self.blocks, self.blocks[1:]):
            block.meet_forward(self._team, self._rank)
            for part in chunks(everything, block.chunk):
                block.normalise(part)
                # While its input is in cache.
                if following:
                    for smaller in chunks(part, following.chunk):
                        following.convolve(smaller)

    def backward(self, grad_NWO: Tensor) -> None:
        everything = slice(0, len(grad_NWO))
        self.blocks[-1].reduce(grad_NWO, everything)
        for depth in reversed(range(len(self.blocks))):
            block = self.blocks[depth]
            block.meet_backward(self._team, self._rank)
            for part in chunks(everything, block.chunk):
                grad_NTC = block.spread(part, wanted=depth > 0)
                if grad_NTC is not None:
                    self.blocks[depth - 1].reduce(grad_NTC, part)
