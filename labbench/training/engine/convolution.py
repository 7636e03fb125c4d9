"""The three matrix products of a convolution, on channels-last rows.

Shapes: N clips of a chunk, L padded rows of a clip, T time samples, C channels in, O channels
out, k taps.

Forward and input gradient are oneDNN's direct kernels, at 0.9 of the matrix-product rate once
the padding is already there. oneDNN's weight gradient runs at a third of it, so that is done by
`accumulate_filters` instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Filters:
    """One step's weights in the layouts the products want; all ranks share them."""

    forward_OC1k: Tensor
    backward_CO1k: Tensor
    """Taps in reverse, channels exchanged: the input gradient is a convolution with these."""
    bias_O: Tensor

    @classmethod
    def of(cls, weight_OCk: Tensor, bias_O: Tensor) -> Filters:
        """Lay out the weights of an `nn.Conv1d`."""
        last = torch.channels_last
        return cls(
            weight_OCk.unsqueeze(2).contiguous(memory_format=last),
            weight_OCk.flip(2).transpose(0, 1).unsqueeze(2).contiguous(memory_format=last),
            bias_O,
        )


def as_image(x_NTC: Tensor) -> Tensor:
    """Channels-last rows as the (N, C, 1, T) image that torch's 2-D kernels take."""
    return x_NTC.transpose(1, 2).unsqueeze(2)


def convolve(x_NLC: Tensor, filters: Filters) -> Tensor:
    """(N, L, C) padded -> (N, L - k + 1, O), bias added."""
    y = F.conv2d(as_image(x_NLC), filters.forward_OC1k, filters.bias_O)
    return y.squeeze(2).transpose(1, 2)


def input_gradient(grad_NLO: Tensor, filters: Filters) -> Tensor:
    """Padded gradient of the output (N, L, O) -> gradient of the input (N, L - k + 1, C)."""
    return F.conv2d(as_image(grad_NLO), filters.backward_CO1k).squeeze(2).transpose(1, 2)


def accumulate_filters(
    x_NLC: Tensor, grad_NLO: Tensor, offset: int, taps: int, into_kCO: Tensor
) -> None:
    """Add the gradient of the weights to `into`, (k * C, O).

    The k * C numbers that meet in the output of row t lie side by side in memory, and those of
    rows t, t + k, t + 2k... follow each other without a gap: of every phase r = t mod k the
    im2col matrix is a plain view, and k products see all rows without a copy. The rows are taken
    through all clips at once: between clips the gradient's padding is zero. All of both must be
    contiguous. `offset` is the row of the gradient that belongs to the first output.
    """
    clips, rows, channels = x_NLC.shape
    x, grad_RO = x_NLC.reshape(-1), grad_NLO.reshape(clips * rows, -1)
    width = taps * channels
    for phase in range(taps):
        count = (clips * rows - phase) // taps
        if count:
            start = phase * channels
            x_Rw = x[start : start + count * width].view(count, width)
            into_kCO.addmm_(x_Rw.t(), grad_RO[offset + phase :: taps][:count])
