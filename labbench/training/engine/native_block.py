"""Blocks whose whole way forward and backward is done by the project's own kernels.

What comes of a product is pooled and activated while it is in cache, and a gradient is multiplied
where it is made. Activations other than relu and leaky relu are torch's, on the pooled samples
where they keep order.

Shapes: as in block.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from labbench.nets.activations import NON_DECREASING
from labbench.training.engine.block import Block, Layers, as_rows
from labbench.training.engine.native import Above, Kernels, NativeFilters, Sizes, run
from labbench.training.engine.norm_block import NormBlock, NormLayers
from labbench.training.engine.spec import BlockSpec

RECOMPUTED_DEPTH = 64
"""Products of so few numbers are faster done again than written and read."""


def sizes_of(spec: BlockSpec) -> Sizes:
    """What the kernels want to know of a block."""
    conv, pool = spec.conv, spec.pool
    size = pool.size if pool else 1
    return Sizes(conv.length, conv.in_channels, conv.channels, conv.kernel, size, spec.out_length)


class NativeBlock(Block):
    """A block without batch norm."""

    index_dtype = torch.uint8

    def __init__(self, layers: Layers, clips: int, like: Tensor) -> None:
        super().__init__(layers, clips, like)
        assert layers.native
        self._kernels: Kernels = layers.native
        self._sizes = sizes = sizes_of(layers.spec)
        self.filters_kCO = self._kernels.weight_sums(sizes.taps * sizes.channels, sizes.out)
        self._work = self._kernels.work(sizes.channels, sizes.taps)

    def _weight_grad(self, filters_kCO: Tensor) -> Tensor:
        """The gradient of the convolution's weights, (O, C, k)."""
        depth, out = self._sizes.taps * self._sizes.channels, self._sizes.out
        return super()._weight_grad(self._kernels.weight_gradient(filters_kCO, depth, out))

    def begin(self, filters: Any, seeds: Sequence[int]) -> None:
        """Take this step's weights (of `filters()`), and the seeds of this rank's clips."""
        assert isinstance(filters, NativeFilters)
        self._packed = filters
        super().begin(filters, seeds)

    @property
    def cheap(self) -> bool:
        """Whether to run it again costs less than to keep its output."""
        depth = self._sizes.taps * self._sizes.channels
        return depth <= RECOMPUTED_DEPTH and self.activation.negative_slope is not None

    @property
    def _pools_first(self) -> bool:
        return self.activation.ordered or not self.spec.pool

    def _index(self, clips: slice) -> Tensor | None:
        return self._index_NWO[clips] if self.spec.pool else None

    def _product(self, clips: slice) -> dict[str, Any]:
        packed = self._packed
        return {"x": self.inputs(clips), "weights": packed.forward, "bias": packed.bias}

    def _forward(
        self, clips: slice, sizes: Sizes, slope: float | None = None, **arrays: Any
    ) -> None:
        run(self._kernels.forward, sizes, clips.stop - clips.start, slope, **arrays)

    def forward(self, clips: slice) -> None:
        """Input of these clips -> their output, for later the places of the maxima."""
        source = self._product(clips)
        if self._pools_first:
            self._activated(clips, self._sizes, index=self._index(clips), **source)
            return
        y_NTO = self.x_NLC.new_empty(self._rows_shape(clips))
        self._forward(clips, self._sizes.rows(y_NTO.shape[1]), out=y_NTO, **source)
        self._activate_then_pool(y_NTO, clips)

    def _rows_shape(self, clips: slice) -> tuple[int, int, int]:
        return clips.stop - clips.start, self.spec.conv.length, self.spec.conv.channels

    def _activated(self, clips: slice, sizes: Sizes, **arrays: Any) -> None:
        """Rows of a kernel through the activation into the output."""
        act, out_NWO = self.activation, self.outputs(clips)
        if act.negative_slope is not None:
            self._forward(clips, sizes, act.negative_slope, out=out_NWO, **arrays)
            return
        z_NWO = torch.empty_like(out_NWO, memory_format=torch.contiguous_format)
        self._forward(clips, sizes, out=z_NWO, **arrays)
        self._keep(self._activate_rows(z_NWO, out_NWO, clips), clips)

    def _activate_rows(self, z_NWO: Tensor, out_NWO: Tensor, clips: slice) -> Tensor:
        """By torch, in float32; returns what the way back needs."""
        if not self._kernels.bf16:
            return self.activation.forward(z_NWO, out_NWO, clips)
        z_NWO = z_NWO.float()
        kept_NWO = self.activation.forward(z_NWO, single_NWO := torch.empty_like(z_NWO), clips)
        out_NWO.copy_(single_NWO)
        return kept_NWO

    def _activate_then_pool(self, z_NTO: Tensor, clips: slice) -> None:
        activated_NTO = torch.empty_like(z_NTO)
        kept_NTO = self._activate_rows(z_NTO, activated_NTO, clips)
        out_NWO, index_NWO = self.outputs(clips), self._index_NWO[clips]
        self._forward(clips, self._sizes, kept=activated_NTO, out=out_NWO, index=index_NWO)
        self._keep(self._pick(kept_NTO, clips), clips)

    def _pick(self, y_NTO: Tensor, clips: slice) -> Tensor:
        """The samples of another sequence at the places of the maxima."""
        index_NWO = self._index_NWO[clips].long()
        starts_W = torch.arange(index_NWO.shape[1]) * self._sizes.pool
        return y_NTO.gather(1, index_NWO.add_(starts_W[:, None]))

    def backward(
        self, grad_NWO: Tensor | Above, clips: slice, *, wanted: bool
    ) -> Tensor | Above | None:
        """Gradient of the output -> gradient of the input if `wanted`; adds to the weights'."""
        grad_NWO, slope = self._through_activation(grad_NWO, clips)
        out_NWO = self.outputs(clips)
        return self._finish_native(
            grad_NWO, clips, slope, wanted=wanted, out=out_NWO, sums=self.bias_O
        )

    def _through_activation(
        self, grad_NWO: Tensor | Above, clips: slice
    ) -> tuple[Tensor | Above, float | None]:
        """A gradient and the slope of the activation it has still to pass; None for no more."""
        slope = self.activation.negative_slope
        if slope is None:
            grad_NWO = as_rows(grad_NWO)
            kept_NWO = self.outputs(clips) if self._kept_NWO is None else self._kept_NWO[clips]
            single_NWO = grad_NWO.float()
            self.activation.backward(single_NWO, kept_NWO.float(), single_NWO)
            grad_NWO = single_NWO.to(grad_NWO.dtype)
        return grad_NWO, slope

    def _finish_native(
        self, grad_NWO: Tensor | Above, clips: slice, slope: float | None, *, wanted: bool,
        **arrays: Any,
    ) -> Above | None:  # fmt: skip
        count = clips.stop - clips.start
        place_NTO = self._place(clips) if wanted else None
        run(self._kernels.backward, self._sizes, count, slope, grad=grad_NWO, place=place_NTO,
            index=self._index(clips), weight_sums=self.filters_kCO, work=self._work,
            **{"x": self.inputs(clips), **arrays})  # fmt: skip
        return Above(self._padded[:count], self._packed) if wanted else None


class NativeNormBlock(NativeBlock, NormBlock):
    """A block with batch norm. Products of few numbers are done anew wherever they are wanted."""

    layers: NormLayers
    cheap = False

    def __init__(self, layers: NormLayers, clips: int, like: Tensor) -> None:
        conv, pool = layers.spec.conv, layers.spec.pool
        keeps_order = layers.spec.activation.function in NON_DECREASING
        self.keeps_rows = conv.kernel * conv.in_channels > RECOMPUTED_DEPTH or (
            pool is not None and not keeps_order
        )
        super().__init__(layers, clips, like)

    def _rows(self, clips: slice) -> dict[str, Any]:
        """Where the product's rows come from once they have been made."""
        return {"kept": self._y_NTO[clips]} if self.keeps_rows else self._product(clips)

    def _chosen(self, clips: slice) -> dict[str, Any]:
        """Where the samples come from that the pooling chose, before the norm."""
        return {"kept": self._chosen_NWO[clips]} if self.spec.pool else self._rows(clips)

    def convolve(self, clips: slice) -> None:
        """First pass forward: convolution, statistics, pooling where it may go first."""
        length, channels = self.spec.conv.length, self.spec.conv.channels
        part_2O = self._gamma_O.new_zeros(2, channels)
        arrays = self._product(clips) | {"moments": part_2O}
        sizes = self._sizes.rows(length)
        if self.keeps_rows:
            arrays["kept"] = self._y_NTO[clips]
        if self.spec.pool and self.activation.ordered:
            sizes = self._sizes
            arrays |= {"out": self._chosen_NWO[clips], "index": self._index_NWO[clips]}
        self._forward(clips, sizes, **arrays)
        self._counts.append((clips.stop - clips.start) * length)
        self._parts.append(part_2O[None])

    def normalise(self, clips: slice) -> None:
        """Second pass forward: norm, activation, pooling where it has not been."""
        norm: dict[str, Any] = {"scale": self._scale_O, "shift": self._shift_O}
        if self._pools_first:
            sizes = self._sizes.rows(self.spec.out_length)
            self._activated(clips, sizes, **norm, **self._chosen(clips))
            return
        y_NTO = self._y_NTO[clips]
        z_NTO = torch.empty_like(y_NTO)
        self._forward(clips, self._sizes.rows(y_NTO.shape[1]), kept=y_NTO, out=z_NTO, **norm)
        self._activate_then_pool(z_NTO, clips)
        self._chosen_NWO[clips] = self._pick(y_NTO, clips)

    def reduce(self, grad_NWO: Tensor | Above, clips: slice) -> None:
        """First pass backward: through the activation, and the sums the norm needs.

        The gradient of the norm's output takes the place of the block's output, which nobody
        reads any more.
        """
        grad_NWO, slope = self._through_activation(grad_NWO, clips)
        sizes = self._sizes.rows(self.spec.out_length)
        run(self._kernels.reduce, sizes, clips.stop - clips.start, slope, grad=grad_NWO,
            out=self.outputs(clips), mean=self.moments.mean_O, rstd=self._rstd_O,
            sums=self._sums_2O, **self._chosen(clips))  # fmt: skip

    def spread(self, clips: slice, *, wanted: bool) -> Above | None:
        """Second pass backward: gradient of the input if `wanted`; adds to the weights'."""
        return self._finish_native(
            self.outputs(clips), clips, None, wanted=wanted, scale=self._scale_O,
            level=self._level_O, tilt=self._slope_O, **self._rows(clips),
        )  # fmt: skip
