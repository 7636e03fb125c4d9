"""One rank's part of a block without batch norm, forward and backward.

Shapes: N clips of a chunk, L padded rows, T time samples, W windows of the pooling (T where there
is none), C channels in, O channels out, k taps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from labbench.training.engine.convolution import DirectFilters, Filters
from labbench.training.engine.fourier import LONG_TAPS, FourierFilters
from labbench.training.engine.native import Kernels, NativeFilters
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
    """For the products of short filters in float32; torch's where there are none."""

    @property
    def bias(self) -> Tensor:
        """The convolution's bias."""
        assert self.conv.bias is not None
        return self.conv.bias

    def block(self, clips: int, like: Tensor) -> Block:
        """One rank's block for at most so many clips."""
        return Block(self, clips, like)

    def inference_filters(self) -> Filters:
        """The convolution as evaluation takes it."""
        return self.lay_out(self.conv.weight, self.bias)

    def lay_out(self, weight_OCk: Tensor, bias_O: Tensor) -> Filters:
        """Weights of this convolution's shape for the products that are fastest for it."""
        conv = self.spec.conv
        if conv.kernel >= LONG_TAPS and conv.in_channels > 1:
            return FourierFilters(weight_OCk, bias_O, self.spec.rows)
        if self.kernels and weight_OCk.dtype == torch.float32:
            return NativeFilters(weight_OCk, bias_O, self.kernels)
        return DirectFilters(weight_OCk, bias_O)


class Block:
    """A convolution, an activation, a pooling or none, with memory for so many clips.

    All memory is taken once and used by every step: `x` is the padded input, whose padding stays
    zero; `out` is where the result goes (the next block's `x` without its padding).
    """

    def __init__(self, layers: Layers, clips: int, like: Tensor) -> None:
        self.layers = layers
        self.spec = spec = layers.spec
        self.clips = clips
        conv, rows, wide = spec.conv, spec.rows, max(spec.conv.channels, spec.conv.in_channels)
        self.chunk = min(max(1, CHUNK_BYTES // (rows * wide * 4)), max(1, clips))
        self.x_NLC = like.new_zeros(clips, rows, conv.in_channels)
        self.out_NWO = like.new_zeros(0)
        self._index_NWO = like.new_empty(self._out_shape(), dtype=torch.int64)
        self._grad_NLO = like.new_zeros(self.chunk, rows, conv.channels)
        self.activation = pointwise(spec.activation.function, layers.activation, training=True)
        keeps = not self.activation.from_output
        self._kept_NWO = like.new_empty(self._out_shape()) if keeps else None
        self.filters_kCO = like.new_zeros(conv.kernel * conv.in_channels, conv.channels)
        self.bias_O = like.new_zeros(conv.channels)

    def _out_shape(self) -> tuple[int, int, int]:
        return self.clips, self.spec.out_length, self.spec.conv.channels

    @property
    def interior(self) -> Tensor:
        """The input without its padding: the block before writes here."""
        left = self.spec.conv.left
        return self.x_NLC[:, left : left + self.spec.in_length]

    def filters(self) -> Filters:
        """This step's weights, laid out once for the blocks of all ranks."""
        return self.layers.lay_out(self.layers.conv.weight, self.layers.bias)

    def begin(self, filters: Filters, seeds: Sequence[int]) -> None:
        """Take this step's weights, and the seeds of this rank's clips."""
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
        return self._filters.convolve(self.x_NLC[clips, :rows])

    def _activate(self, y_NTO: Tensor, clips: slice) -> None:
        act, layer = self.activation, self.spec.pool
        out_NWO, index_NWO = self.out_NWO[clips], self._index_NWO[clips]
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
        kept_NWO = self.out_NWO if self._kept_NWO is None else self._kept_NWO
        self.activation.backward(grad_NWO, kept_NWO[clips], into_NWO)

    def backward(self, grad_NWO: Tensor, clips: slice, *, wanted: bool) -> Tensor | None:
        """Gradient of the output -> gradient of the input if `wanted`; adds to the weights'."""
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
        return self._grad_NLO[:count, offset : offset + self.spec.conv.length]

    def _finish(self, clips: slice, *, wanted: bool) -> Tensor | None:
        grad_NLO, offset = self._grad_NLO[: clips.stop - clips.start], self.spec.grad_offset
        filters = self._filters
        filters.add_weight_gradient(self.x_NLC[clips], grad_NLO, offset, self.filters_kCO)
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


def total(parts: Iterable[Tensor]) -> Tensor:
    """The sum of what the ranks found, always in the same order."""
    return torch.stack(list(parts)).sum(0)


def write_grad(parameter: Tensor, gradient: Tensor) -> None:
    """Put a gradient into `param.grad`, over what was there."""
    if parameter.grad is None:
        parameter.grad = torch.empty_like(parameter)
    parameter.grad.copy_(gradient)
