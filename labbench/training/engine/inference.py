"""A net in evaluation: a few clips at a time through all blocks, each writing the next one's input.

Shapes: N clips at a time, T samples, L padded rows, W windows of the pooling, C channels in, O out.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from labbench.training.engine.block import Layers
from labbench.training.engine.convolution import Filters
from labbench.training.engine.native import NativeFilters, padded_rows, run
from labbench.training.engine.native_block import sizes_of
from labbench.training.engine.pointwise import Pointwise, pointwise

CHUNK = 2
"""Clips at a time: what they make is read again while still in cache."""


class Inference:
    """The blocks of a net without noise, by running statistics, for one rank.

    Args:
        filters: of `Layers.inference_filters`, one a block.
    """

    def __init__(self, layers: Sequence[Layers], filters: Sequence[Filters], like: Tensor) -> None:
        self._blocks = list(zip(layers, filters, strict=True))
        specs = [each.spec for each in layers]
        self._inputs = [
            padded_rows(like, CHUNK, spec.in_length + spec.conv.left + spec.conv.right,
                        spec.conv.in_channels)
            for spec in specs
        ]  # fmt: skip
        self._features_NWO = like.new_empty(CHUNK, specs[-1].out_length, specs[-1].conv.channels)
        inside = [
            x_NLC[:, spec.conv.left : spec.conv.left + spec.in_length]
            for x_NLC, spec in zip(self._inputs, specs, strict=True)
        ]
        self._first_NT1, self._outputs = inside[0], [*inside[1:], self._features_NWO]

    def features(self, clips_NT: Tensor) -> Tensor:
        """At most CHUNK clips -> what the head takes, (N, F)."""
        clips = len(clips_NT)
        self._first_NT1[:clips, :, 0] = clips_NT
        for (layers, filters), x_NLC, out_NWO in zip(
            self._blocks, self._inputs, self._outputs, strict=True
        ):
            _infer(layers, filters, x_NLC[:clips], out_NWO[:clips])
        return self._features_NWO[:clips].flatten(1)


def _infer(layers: Layers, filters: Filters, x_NLC: Tensor, out_NWO: Tensor) -> None:
    act = pointwise(layers.spec.activation.function, layers.activation, training=False)
    act.begin(())
    pool = layers.spec.pool
    if layers.native and isinstance(filters, NativeFilters) and (act.ordered or not pool):
        product = {"x": x_NLC, "weights": filters.forward, "bias": filters.bias}
        fused = act.negative_slope is not None
        y_NWO = out_NWO if fused else torch.empty_like(out_NWO)
        run(layers.native.forward, sizes_of(layers.spec), len(x_NLC), act.negative_slope,
            out=y_NWO, **product)  # fmt: skip
        if not fused:
            _activate(act, y_NWO, out_NWO)
        return
    y_NTO = filters.convolve(x_NLC)
    if pool and act.ordered:
        y_NTO = _pooled(y_NTO, pool.size, pool.partial)
    if not pool or act.ordered:
        _activate(act, y_NTO, out_NWO)
        return
    _activate(act, y_NTO, z_NTO := torch.empty_like(y_NTO))
    out_NWO.copy_(_pooled(z_NTO, pool.size, pool.partial))


def _activate(act: Pointwise, x_NTO: Tensor, out_NTO: Tensor) -> None:
    if x_NTO.dtype != torch.bfloat16:
        act.forward(x_NTO, out_NTO, slice(0, len(x_NTO)))
        return
    act.forward(x_NTO.float(), single_NTO := torch.empty(x_NTO.shape), slice(0, len(x_NTO)))
    out_NTO.copy_(single_NTO)


def _pooled(x_NTC: Tensor, size: int, partial: bool) -> Tensor:
    image = x_NTC.transpose(1, 2).unsqueeze(2)
    pooled = F.max_pool2d(image, (1, size), ceil_mode=partial)
    return pooled.squeeze(2).transpose(1, 2)
