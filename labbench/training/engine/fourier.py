"""The three matrix products of a convolution with long filters, by the fast Fourier transform.

Overlap-save: rows are cut into windows of `size` that overlap by k - 1, each is transformed, and
products of all channels with all filters are done frequency by frequency (Oppenheim and Schafer,
Discrete-Time Signal Processing, 8.7). Work a sample falls from k to about 2 log2(k).

Shapes: N clips of a chunk, L padded rows of a clip, T = L - k + 1 samples, V windows of a clip,
S samples of a window, F = S / 2 + 1 frequencies, M = N * V, C channels in, O channels out, k taps.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from labbench.training.engine.convolution import Filters

LONG_TAPS = 48
"""From so many taps on the transform is faster than the direct products (docs/speed.md)."""


def window_size(taps: int, rows: int) -> int:
    """Samples of a window: some five times the taps, and no more than the rows take."""
    return 1 << (min(5 * taps, rows) - 1).bit_length()


class FourierFilters(Filters):
    """Long filters as spectra.

    Args:
        rows: L of the padded clips they are for, as a rule.
    """

    def __init__(self, weight_OCk: Tensor, bias_O: Tensor, rows: int) -> None:
        self._taps, self._bias_O = weight_OCk.shape[2], bias_O
        self._size = window_size(self._taps, rows)
        self._step = self._size - self._taps + 1
        w_kCO = weight_OCk.permute(2, 1, 0)
        self._forward_FCO = self._conjugate_spectrum(w_kCO)
        self._backward_FOC = self._conjugate_spectrum(w_kCO.flip(0).transpose(1, 2))

    def _conjugate_spectrum(self, w_kCO: Tensor) -> Tensor:
        """Nets correlate: the filter does not run backwards."""
        spectrum_FCO: Tensor = torch.fft.rfft(w_kCO, n=self._size, dim=0)
        return spectrum_FCO.conj().resolve_conj()

    def convolve(self, x_NLC: Tensor) -> Tensor:
        return self._correlate(x_NLC, self._forward_FCO).add_(self._bias_O)

    def input_gradient(self, grad_NLO: Tensor) -> Tensor:
        return self._correlate(grad_NLO, self._backward_FOC)

    def add_weight_gradient(
        self, x_NLC: Tensor, grad_NLO: Tensor, offset: int, into_kCO: Tensor
    ) -> None:
        samples = x_NLC.shape[1] - self._taps + 1
        windows = -(-samples // self._step)
        grad_NTO = grad_NLO[:, offset : offset + samples]
        grad_NTO = F.pad(grad_NTO, (0, 0, 0, windows * self._step - samples))
        grad_NVSO = grad_NTO.view(len(grad_NTO), windows, self._step, -1)
        grad_FMO = _by_frequency(torch.fft.rfft(grad_NVSO, n=self._size, dim=2))
        w_FCO = torch.bmm(self._spectrum(x_NLC).transpose(1, 2), grad_FMO.conj())
        into_kCO += torch.fft.irfft(w_FCO, n=self._size, dim=0)[: self._taps].flatten(0, 1)

    def _correlate(self, x_NLC: Tensor, filters_FCO: Tensor) -> Tensor:
        """(N, L, C) -> (N, L - k + 1, O)."""
        clips, rows, _ = x_NLC.shape
        y_FMO = torch.bmm(self._spectrum(x_NLC), filters_FCO)
        y_FNVO = y_FMO.view(len(y_FMO), clips, -1, y_FMO.shape[2])
        y_NVSO: Tensor = torch.fft.irfft(y_FNVO.permute(1, 2, 0, 3), n=self._size, dim=2)
        return y_NVSO[:, :, : self._step].flatten(1, 2)[:, : rows - self._taps + 1]

    def _spectrum(self, x_NLC: Tensor) -> Tensor:
        """Spectra (F, M, C) of windows that overlap by k - 1 rows, the last filled with zeros."""
        rows = x_NLC.shape[1]
        windows = -(-(rows - self._taps + 1) // self._step)
        missing = (windows - 1) * self._step + self._size - rows
        x_NVCS = F.pad(x_NLC, (0, 0, 0, missing)).unfold(1, self._size, self._step)
        return _by_frequency(torch.fft.rfft(x_NVCS, dim=3).transpose(2, 3))


def _by_frequency(x_NVFC: Tensor) -> Tensor:
    """(N, V, F, C) -> (F, N * V, C)."""
    return x_NVFC.permute(2, 0, 1, 3).flatten(1, 2)
