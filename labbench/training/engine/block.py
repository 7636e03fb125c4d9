"""One rank's part of a block without batch norm, forward and backward.

Shapes: N clips of a chunk, L padded rows, T time samples, W windows of the pooling (T where there
is none), C channels in, O channels out, k taps.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from labbench.training.engine.convolution import DirectFilters, Filters
from labbench.training.engine.fourier import LONG_TAPS, FourierFilters
from labbench.training.engine.native import LONGEST_POOL, Above, Kernels, NativeFilters, padded_rows
from labbench.training.engine.pointwise import pointwise
from labbench.training.engine.pooling import pick, pool, unpool
from labbench.training.engine.spec import BlockSpec

CHUNK_BYTES = 2_500_000
"""Size of the largest array a chunk of clips may make: it is read again while still in cache."""


def chunks(clips: slice, size: int) -> Iterator[slice]:
    """Cut clips into runs of at most `size`."""
    for start in range(clips.start, clips.stop, size):
        yield slice(start, min(start + size, clips.stop))


@dataclass(frozen=True, slots=True)
class Layers:
    """The net's own modules of one block: their parameters are what is trained."""

    spec: BlockSpec
    conv: nn.Conv1d
    activation: nn.Module
    kernels: Kernels | None
    """For short filters in float32; torch does the work where there are none."""

    @property
    def bias(self) -> Tensor:
        """The convolution's bias."""
        assert self.conv.bias is not None
        return self.conv.bias

    @property
    def native(self) -> Kernels | None:
        """The kernels that do the whole block; None where torch has a part in it."""
        pool = self.spec.pool
        fits = not self.by_fourier and (pool is None or pool.size <= LONGEST_POOL)
        return self.kernels if fits and self.conv.weight.dtype == torch.float32 else None

    @property
    def by_fourier(self) -> bool:
        """Whether the products are fastest by the transform; in bfloat16 they never are."""
        if self.kernels and self.kernels.bf16:
            return False
        return self.spec.conv.kernel >= LONG_TAPS and self.spec.conv.in_channels > 1

    def inference_filters(self) -> Filters:
        """The convolution as evaluation takes it."""
        return self.lay_out(self.conv.weight, self.bias)

    def lay_out(self, weight_OCk: Tensor, bias_O: Tensor) -> Filters:
        """Weights of this convolution's shape for the products that are fastest for it."""
        if self.by_fourier:
            return FourierFilters(weight_OCk, bias_O, self.spec.rows)
        if self.kernels and weight_OCk.dtype == torch.float32:
            return NativeFilters(weight_OCk, bias_O, self.kernels)
        return DirectFilters(weight_OCk, bias_O)


class Block:
    """A convolution, an activation, a pooling or none, with memory for so many clips.

    All memory is taken once and used by every step: `x` is the padded input, whose padding stays
    zero; `out` is where the result goes (the next block's `x` without its padding). A block that
    `remakes_out` has room for one chunk there, and is run forward again before it goes backward.
    """

    index_dtype = torch.int64

    def __init__(self, layers: Layers, clips: int, like: Tensor) -> None:
        self.layers = layers
        self.spec = spec = layers.spec
        self.clips = clips
        conv, rows, wide = spec.conv, spec.rows, max(spec.conv.channels, spec.conv.in_channels)
        self.chunk = min(max(1, CHUNK_BYTES // (rows * wide * 4)), max(1, clips))
        self.x_NLC = padded_rows(like, clips, rows, conv.in_channels)
        self.out_NWO = like.new_zeros(0)
        self.remakes_out = self._input_remade = False
        index_shape = self._out_shape() if spec.pool else (0,)
        self._index_NWO = like.new_empty(index_shape, dtype=self.index_dtype)
        self.activation = pointwise(spec.activation.function, layers.activation, training=True)
        keeps = not self.activation.from_output
        self._kept_NWO = like.new_empty(self._out_shape()) if keeps else None
        self.filters_kCO = layers.bias.new_zeros(conv.kernel * conv.in_channels, conv.channels)
        self.bias_O = layers.bias.new_zeros(conv.channels)

    @functools.cached_property
    def _padded(self) -> Tensor:
        """The gradient of the convolution's output, inside a padding that stays zero: (N, L, O)."""
        return padded_rows(self.x_NLC, self.chunk, self.spec.rows, self.spec.conv.channels)

    def _out_shape(self) -> tuple[int, int, int]:
        return self.clips, self.spec.out_length, self.spec.conv.channels

    @property
    def interior(self) -> Tensor:
        """The input without its padding: the block before writes here."""
        left = self.spec.conv.left
        return self.x_NLC[:, left : left + self.spec.in_length]

    def inputs(self, clips: slice) -> Tensor:
        """The padded input of these clips, (N, L, C)."""
        return self.x_NLC[: clips.stop - clips.start] if self._input_remade else self.x_NLC[clips]

    def outputs(self, clips: slice) -> Tensor:
        """Where the output of these clips is, (N, W, O)."""
        return self.out_NWO[: clips.stop - clips.start] if self.remakes_out else self.out_NWO[clips]

    @property
    def cheap(self) -> bool:
        """Whether to run it again costs less than to keep its output."""
        return False

    def remake_output_for(self, following: Block) -> None:
        """Keep the output of one chunk alone: the input of the next block."""
        self.remakes_out = following._input_remade = True
        self.chunk = following.chunk
        _, rows, channels = following.x_NLC.shape
        following.x_NLC = padded_rows(following.x_NLC, self.chunk, rows, channels)

    def filters(self) -> Any:
        """This step's weights, laid out once for the blocks of all ranks."""
        return self.layers.lay_out(self.layers.conv.weight, self.layers.bias)

    def begin(self, filters: Any, seeds: Sequence[int]) -> None:
        """Take this step's weights (of `filters()`), and the seeds of this rank's clips."""
        self._filters = filters
        self.activation.begin(seeds)
        self.filters_kCO.zero_()
        self.bias_O.zero_()

    def forward(self, clips: slice) -> None:
        """Input of these clips -> their output, for later the places of the maxima."""
        self._activate(self._convolve(clips), clips)

    def _convolve(self, clips: slice) -> Tensor:
        conv = self.spec.conv
        rows = self.spec.in_length + conv.left + conv.right
        y_NTO: Tensor = self._filters.convolve(self.inputs(clips)[:, :rows])
        return y_NTO

    def _activate(self, y_NTO: Tensor, clips: slice) -> None:
        act, layer = self.activation, self.spec.pool
        out_NWO, index_NWO = self.outputs(clips), self._index_NWO[clips]
        if layer and act.ordered:
            y_NTO = self._pooled(y_NTO, clips)
        if not layer or act.ordered:
            self._keep(act.forward(y_NTO, out_NWO, clips), clips)
            return
        z_NTO = torch.empty_like(y_NTO)
        kept_NTO = act.forward(y_NTO, z_NTO, clips)
        pool(z_NTO, layer, out_NWO, index_NWO)
        self._keep(pick(kept_NTO, index_NWO), clips)

    def _pooled(self, y_NTO: Tensor, clips: slice) -> Tensor:
        assert self.spec.pool
        index_NWO = self._index_NWO[clips]
        y_NWO = y_NTO.new_empty(index_NWO.shape)
        pool(y_NTO, self.spec.pool, y_NWO, index_NWO)
        return y_NWO

    def _keep(self, kept_NWO: Tensor, clips: slice) -> None:
        if self._kept_NWO is not None:
            self._kept_NWO[clips] = kept_NWO

    def _derive(self, grad_NWO: Tensor, clips: slice, into_NWO: Tensor) -> None:
        kept_NWO = self.outputs(clips) if self._kept_NWO is None else self._kept_NWO[clips]
        self.activation.backward(grad_NWO, kept_NWO, into_NWO)

    def backward(
        self, grad_NWO: Tensor | Above, clips: slice, *, wanted: bool
    ) -> Tensor | Above | None:
        """Gradient of the output -> gradient of the input if `wanted`; adds to the weights'."""
        grad_NWO = as_rows(grad_NWO)
        place_NTO = self._place(clips)
        if self.spec.pool:
            self._derive(grad_NWO, clips, grad_NWO)
            unpool(grad_NWO, self.spec.pool, self._index_NWO[clips], place_NTO)
            self.bias_O += grad_NWO.sum((0, 1))
        else:
            self._derive(grad_NWO, clips, place_NTO)
            self.bias_O += place_NTO.sum((0, 1))
        return self._finish(clips, wanted=wanted)

    def _place(self, clips: slice) -> Tensor:
        """Where the gradient of the convolution's output goes, inside its zero padding."""
        offset = self.spec.grad_offset
        count = clips.stop - clips.start
        return self._padded[:count, offset : offset + self.spec.conv.length]

    def _finish(self, clips: slice, *, wanted: bool) -> Tensor | None:
        grad_NLO, offset = self._padded[: clips.stop - clips.start], self.spec.grad_offset
        filters = self._filters
        filters.add_weight_gradient(self.inputs(clips), grad_NLO, offset, self.filters_kCO)
        return filters.input_gradient(grad_NLO) if wanted else None

    def write_grads(self, ranks: Sequence[Block]) -> None:
        """Sum what the blocks of all ranks found, in their order, into `param.grad`."""
        layers = self.layers
        filters_kCO = total(block.filters_kCO for block in ranks)
        write_grad(layers.conv.weight, self._weight_grad(filters_kCO))
        write_grad(layers.bias, total(block.bias_O for block in ranks))
        if isinstance(layers.activation, nn.PReLU):
            slopes = [block.activation.slope_gradient() for block in ranks]
            write_grad(layers.activation.weight, total(s for s in slopes if s is not None))

    def _weight_grad(self, filters_kCO: Tensor) -> Tensor:
        """The gradient of the convolution's weight, (O, C, k)."""
        conv = self.spec.conv
        return filters_kCO.view(conv.kernel, conv.in_channels, -1).permute(2, 1, 0)


def as_rows(grad_NWO: Tensor | Above) -> Tensor:
    """A gradient as an array."""
    return grad_NWO.rows() if isinstance(grad_NWO, Above) else grad_NWO


def total(parts: Iterable[Tensor]) -> Tensor:
    """The sum of what the ranks found, always in the same order."""
    return torch.stack(list(parts)).sum(0)


def write_grad(parameter: Tensor, gradient: Tensor) -> None:
    """Put a gradient into `param.grad`, over what was there."""
    if parameter.grad is None:
        parameter.grad = torch.empty_like(parameter)
    parameter.grad.copy_(gradient)
