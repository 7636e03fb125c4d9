"""Max pooling of channels-last rows, remembering where the maximum was.

Shapes: N clips of a chunk, T time samples, W windows, C channels. Of equal samples the first
one is the maximum, as everywhere in torch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from labbench.architecture import MaxPool
from labbench.training.engine.convolution import as_image

aten = torch.ops.aten


def pool(y_NTC: Tensor, layer: MaxPool, out_NWC: Tensor, index_NWC: Tensor) -> None:
    """Write the maxima into `out` and the sample each came from into `index` (int64)."""
    window = [1, layer.size]
    aten.max_pool2d_with_indices.out(
        as_image(y_NTC), window, window, [0, 0], [1, 1], layer.partial,
        out=as_image(out_NWC), indices=as_image(index_NWC),
    )  # fmt: skip


def unpool(grad_NWC: Tensor, layer: MaxPool, index_NWC: Tensor, out_NTC: Tensor) -> None:
    """Write the gradient of the maxima to the samples they came from; zero elsewhere."""
    window = [1, layer.size]
    aten.max_pool2d_with_indices_backward.grad_input(
        as_image(grad_NWC), as_image(out_NTC), window, window, [0, 0], [1, 1], layer.partial,
        as_image(index_NWC), grad_input=as_image(out_NTC),
    )  # fmt: skip


def pick(y_NTC: Tensor, index_NWC: Tensor) -> Tensor:
    """The samples of another sequence at the places of the maxima."""
    return y_NTC.gather(1, index_NWC)
