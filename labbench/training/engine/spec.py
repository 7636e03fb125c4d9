"""A plan cut into what the engine works in: blocks of one convolution each, and the head.

All four families are a row of blocks (convolution, batch norm or none, activation, max pooling
or none), then a flatten, a dropout or none, and dense layers.
"""

from __future__ import annotations

from dataclasses import dataclass

from labbench.architecture import (
    Activation,
    BatchNorm,
    Conv,
    Flatten,
    Layer,
    MaxPool,
    Plan,
)


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """One convolution with all that follows it up to the next one. Lengths in samples."""

    conv: Conv
    activation: Activation
    in_length: int
    norm: BatchNorm | None = None
    pool: MaxPool | None = None

    @property
    def rows(self) -> int:
        """Samples of a padded clip, wide enough for the input and for the gradient alike.

        Both have the same rows, so one matrix product can run over all clips of a chunk.
        """
        return self.in_length + self.conv.kernel - 1

    @property
    def grad_offset(self) -> int:
        """Where the gradient of the convolution's output begins in its padded rows."""
        return self.conv.kernel - 1 - self.conv.left

    @property
    def out_length(self) -> int:
        """Samples after the pooling."""
        return self.pool.length if self.pool else self.conv.length


def split(plan: Plan) -> tuple[tuple[BlockSpec, ...], tuple[Layer, ...]]:
    """The blocks of a plan, and the layers of its head (from the flatten on).

    Raises:
        ValueError: a layer stands where no family puts one.
    """
    layers = list(plan)
    head = next(i for i, layer in enumerate(layers) if isinstance(layer, Flatten))
    blocks: list[BlockSpec] = []
    length, at = plan.input_length, 0
    while at < head:
        conv, norm, act, pool = layers[at], None, layers[at + 1], None
        at += 2
        if isinstance(act, BatchNorm):
            norm, act = act, layers[at]
            at += 1
        if isinstance(following := layers[at], MaxPool):
            pool = following
            at += 1
        if not (isinstance(conv, Conv) and isinstance(act, Activation)):
            raise ValueError(f"the engine has no block of {conv!r} and {act!r}")
        blocks.append(BlockSpec(conv, act, length, norm, pool))
        length = blocks[-1].out_length
    return tuple(blocks), tuple(layers[head:])
