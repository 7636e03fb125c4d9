"""The three matrix products of a convolution by the project's own kernels (`native/kernels.cpp`).

They are compiled where the package is built and a compiler is there; elsewhere, and on processors
without AVX2, torch does the same products.

Shapes: N clips of a chunk, L padded rows of a clip, T = L - k + 1, C channels in, O channels out,
k taps, P columns of a panel of packed weights.
"""

from __future__ import annotations

import ctypes
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from torch import Tensor
from torch.nn import functional as F

from labbench.errors import LabbenchError
from labbench.training.engine.convolution import Filters

LIBRARY = Path(__file__).with_name("kernels.so")
ABI = 1
"""Of `native/variants.cpp`: a library left by another version is not used."""

Variant = Literal["avx512", "avx2"]
VARIANTS: tuple[Variant, ...] = ("avx512", "avx2")
"""Instruction sets, fastest first."""

TORCH = "torch"
CHOICE = "LABBENCH_KERNELS"
"""Environment variable that forces an instruction set, or torch."""


ELF = struct.Struct("<40xQ10xHH2x")
"""Of a header of 64 bits: where the table of sections begins, the size of a line, the lines."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """The compiled functions of one instruction set, which let other threads run meanwhile."""

    variant: Variant
    panel: int
    convolve: Any
    weight_gradient: Any


def kernels(kept: str = "") -> Kernels | None:
    """The kernels a run is to use; None where torch is to be taken.

    Args:
        kept: what the run began with (`name_of`), so that it goes on to the bit; "" for the
            fastest. Where it is not to be had here, that is the fastest, too.

    Raises:
        LabbenchError: LABBENCH_KERNELS asks for what is not to be had.
    """
    library = load(LIBRARY)
    if forced := os.environ.get(CHOICE, ""):
        return choose(forced, library)
    if kept == TORCH or library is None:
        return None
    return choose(kept if kept in _usable(library) else "", library)


def name_of(using: Kernels | None) -> str:
    """What run.json calls them."""
    return using.variant if using else TORCH


def load(path: Path) -> ctypes.CDLL | None:
    """The library at a path; None where there is none of this version, or half of one."""
    try:
        if _torn(path):
            return None
        library = ctypes.CDLL(str(path))
        return library if library.labbench_abi() == ABI else None
    except (OSError, AttributeError):
        return None


def _torn(path: Path) -> bool:
    """Whether an ELF file ends before its table of sections does, the last thing in it.

    Loading what a full disk or a kill left of a library would end the process (SIGBUS).
    """
    with path.open("rb") as file:
        head = file.read(ELF.size)
    if len(head) < ELF.size or not head.startswith(b"\x7fELF"):
        return False
    sections_from, size, number = ELF.unpack(head)
    return path.stat().st_size < int(sections_from) + int(size) * int(number)


def choose(wanted: str, library: ctypes.CDLL | None) -> Kernels | None:
    """The kernels that are wanted ("" for the fastest), or None for torch.

    Raises:
        LabbenchError: they are not to be had here.
    """
    usable = _usable(library) if library is not None else {}
    if wanted == TORCH or not (wanted or usable):
        return None
    variant = next((each for each in usable if wanted in ("", each)), None)
    if library is None or variant is None:
        known = f"{', '.join(VARIANTS)} or {TORCH}"
        why = "No kernels are compiled here." if library is None else f"Here: {', '.join(usable)}."
        raise LabbenchError(
            f"{CHOICE} is {wanted!r}, which is not to be had. {why}", hint=f"It can be {known}."
        )
    return _kernels(library, variant, usable[variant])


def _usable(library: ctypes.CDLL) -> dict[Variant, int]:
    """Columns of a panel by instruction set this processor has, fastest first."""
    panels = ((variant, library.labbench_panel(variant.encode())) for variant in VARIANTS)
    return {variant: panel for variant, panel in panels if panel}


def _kernels(library: ctypes.CDLL, variant: Variant, panel: int) -> Kernels:
    pointer, integer, stride = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
    convolve = getattr(library, f"{variant}_convolve")
    convolve.argtypes = [pointer, stride, pointer, pointer, pointer, stride, *[integer] * 5]
    convolve.restype = None
    weight_gradient = getattr(library, f"{variant}_weight_gradient")
    weight_gradient.argtypes = [pointer, pointer, stride, *[integer] * 3, pointer]
    weight_gradient.restype = None
    return Kernels(variant, panel, convolve, weight_gradient)


class NativeFilters(Filters):
    """Filters packed for the kernels, float32."""

    def __init__(self, weight_OCk: Tensor, bias_O: Tensor, using: Kernels) -> None:
        self._using, self._sizes = using, weight_OCk.shape
        out, channels, _ = weight_OCk.shape
        self._forward = self._packed(weight_OCk.permute(2, 1, 0).flatten(0, 1))
        # Taps in reverse, channels exchanged: the input gradient is a convolution with these.
        self._backward = self._packed(weight_OCk.flip(2).permute(2, 0, 1).flatten(0, 1))
        self._bias = F.pad(bias_O.detach(), (0, -out % using.panel))
        self._nothing = bias_O.new_zeros(channels + -channels % using.panel)

    def _packed(self, weight_DO: Tensor) -> Tensor:
        """(depth, O) in panels of P columns, the last filled with zeros: (O / P, depth, P)."""
        panel = self._using.panel
        weight_DO = F.pad(weight_DO.detach(), (0, -weight_DO.shape[1] % panel))
        return weight_DO.view(len(weight_DO), -1, panel).transpose(0, 1).contiguous()

    def convolve(self, x_NLC: Tensor) -> Tensor:
        return self._convolve(x_NLC, self._forward, self._bias, self._sizes[0])

    def input_gradient(self, grad_NLO: Tensor) -> Tensor:
        return self._convolve(grad_NLO, self._backward, self._nothing, self._sizes[1])

    def _convolve(self, x_NLC: Tensor, packed: Tensor, bias: Tensor, out: int) -> Tensor:
        clips, rows, channels = x_NLC.shape
        if x_NLC.stride()[1:] != (channels, 1):
            x_NLC = x_NLC.contiguous()
        taps = self._sizes[2]
        y_NTO = x_NLC.new_empty(clips, rows - taps + 1, out)
        self._using.convolve(
            x_NLC.data_ptr(), x_NLC.stride(0), packed.data_ptr(), bias.data_ptr(),
            y_NTO.data_ptr(), y_NTO.stride(0), clips, y_NTO.shape[1], channels, out, taps,
        )  # fmt: skip
        return y_NTO

    def add_weight_gradient(
        self, x_NLC: Tensor, grad_NLO: Tensor, offset: int, into_kCO: Tensor
    ) -> None:
        clips, rows, channels = x_NLC.shape
        out, _, taps = self._sizes
        # Through all clips at once: between them the gradient's padding is zero.
        self._using.weight_gradient(
            x_NLC.data_ptr(), grad_NLO[0, offset].data_ptr(), clips * rows - taps + 1,
            channels, out, taps, into_kCO.data_ptr(),
        )  # fmt: skip
