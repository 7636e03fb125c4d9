"""The three matrix products of a convolution, on channels-last rows.

Shapes: N clips of a chunk, L padded rows of a clip, T time samples, C channels in, O channels
out, k taps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.backends import mkldnn
from torch.nn import functional as F

ONEDNN = bool(mkldnn.is_available())  # type: ignore[no-untyped-call]


class Filters(ABC):
    """One step's weights in the layouts that the products want; all ranks share them.

    Rows come padded, (N, L, C), with L the same for the input and for the gradient of the output;
    T = L - k + 1.
    """

    @abstractmethod
    def convolve(self, x_NLC: Tensor) -> Tensor:
        """Padded input -> (N, T, O), bias added."""

    @abstractmethod
    def input_gradient(self, grad_NLO: Tensor) -> Tensor:
        """Padded gradient of the output -> gradient of the input, (N, T, C)."""

    @abstractmethod
    def add_weight_gradient(
        self, x_NLC: Tensor, grad_NLO: Tensor, offset: int, into_kCO: Tensor
    ) -> None:
        """Add the gradient of the weights to `into`, (k * C, O).

        Both must be contiguous, and the gradient zero between clips. `offset` is the row of the
        gradient that belongs to the first output.
        """


def as_image(x_NTC: Tensor) -> Tensor:
    """Channels-last rows as the (N, C, 1, T) image that torch's 2-D kernels take."""
    return x_NTC.transpose(1, 2).unsqueeze(2)


class DirectFilters(Filters):
    """Short filters.

    Forward and input gradient are oneDNN's direct kernels, at 0.9 of the matrix-product rate once
    the padding is already there. oneDNN's weight gradient runs at a third of it, so that is done
    by matrix products instead.
    """

    def __init__(self, weight_OCk: Tensor, bias_O: Tensor) -> None:
        last = torch.channels_last
        self._taps, self._bias_O = weight_OCk.shape[2], bias_O
        self._forward_OC1k = weight_OCk.unsqueeze(2).contiguous(memory_format=last)
        # Taps in reverse, channels exchanged: the input gradient is a convolution with these.
        turned_COk = weight_OCk.flip(2).transpose(0, 1)
        self._backward_CO1k = turned_COk.unsqueeze(2).contiguous(memory_format=last)

    def convolve(self, x_NLC: Tensor) -> Tensor:
        image, filters, bias_O = as_image(x_NLC), self._forward_OC1k, self._bias_O
        if x_NLC.shape[2] == 1 and x_NLC.dtype == torch.float32 and ONEDNN:
            # A second of one channel is so little that `conv2d` would not take oneDNN for it.
            y = torch.mkldnn_convolution(image, filters, bias_O, [0, 0], [1, 1], [1, 1], 1)
        else:
            y = F.conv2d(image, filters, bias_O)
        return y.squeeze(2).transpose(1, 2)

    def input_gradient(self, grad_NLO: Tensor) -> Tensor:
        return F.conv2d(as_image(grad_NLO), self._backward_CO1k).squeeze(2).transpose(1, 2)

    def add_weight_gradient(
        self, x_NLC: Tensor, grad_NLO: Tensor, offset: int, into_kCO: Tensor
    ) -> None:
        # The k * C numbers that meet in the output of row t lie side by side in memory, and those
        # of rows t, t + k, t + 2k... follow each other without a gap: of every phase r = t mod k
        # the im2col matrix is a plain view, and k products see all rows without a copy. The rows
        # are taken through all clips at once: between clips the gradient's padding is zero.
        clips, rows, channels = x_NLC.shape
        x, grad_RO = x_NLC.reshape(-1), grad_NLO.reshape(clips * rows, -1)
        width = self._taps * channels
        for phase in range(self._taps):
            count = (clips * rows - phase) // self._taps
            if count:
                start = phase * channels
                x_Rw = x[start : start + count * width].view(count, width)
                into_kCO.addmm_(x_Rw.t(), grad_RO[offset + phase :: self._taps][:count])
