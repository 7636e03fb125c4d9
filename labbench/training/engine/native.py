"""The project's own kernels (`native/kernels.cpp`), and the products of a convolution by them.

They are compiled where the package is built and a compiler is there; elsewhere, and on processors
without AVX2, torch does the same work.

Shapes: N clips of a chunk, L padded rows of a clip, T = L - k + 1, C channels in, O channels out,
k taps, P columns of a panel of packed weights.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from labbench.errors import LabbenchError
from labbench.training.engine.convolution import Filters

LIBRARY = Path(__file__).with_name("kernels.so")
ABI = 3
"""Of `native/variants.cpp`: a library left by another version is not used."""

Variant = Literal["avx512", "avx2", "amx"]
VARIANTS: tuple[Variant, ...] = ("avx512", "avx2")
"""Instruction sets for float32, fastest first."""

BF16_VARIANTS: tuple[Variant, ...] = ("amx",)
"""Those for bfloat16: activations and gradients are stored so, sums are float32."""

LONGEST_POOL = 96
"""Samples of a pooling window: BLOCK in `native/floats.h`."""

PAIRED_ROWS, TILE = 192, 32
"""BLOCK and PAIRS in `native/tiles.h`."""

TORCH = "torch"
CHOICE = "LABBENCH_KERNELS"
"""Environment variable that forces an instruction set, or torch."""


NO_BF16 = (
    "bf16 on a CPU needs tiles of it (AMX: Intel Xeon since the fourth generation) and the kernels "
    "of labbench compiled for them; here they are not to be had."
)

ELF = struct.Struct("<40xQ10xHH2x")
"""Of a header of 64 bits: where the table of sections begins, the size of a line, the lines."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """The compiled functions of one instruction set, which let other threads run meanwhile."""

    variant: Variant
    panel: int
    forward: Any
    reduce: Any
    backward: Any

    @property
    def bf16(self) -> bool:
        """Whether rows and weights are bfloat16."""
        return self.variant in BF16_VARIANTS

    def pack(self, weight_DO: Tensor) -> Tensor:
        """(depth, O) in panels of P columns, filled up with zeros: (O / P, depth, P).

        In bfloat16 (O / P, depth / 2, P, 2), the depth in whole tiles of 32.
        """
        depth, out = weight_DO.shape
        missing = -depth % TILE if self.bf16 else 0
        weight_DO = F.pad(weight_DO.detach(), (0, -out % self.panel, 0, missing))
        if not self.bf16:
            return weight_DO.view(depth, -1, self.panel).transpose(0, 1).contiguous()
        pairs_D2OP = weight_DO.to(torch.bfloat16).view(-1, 2, weight_DO.shape[1] // TILE, TILE)
        return pairs_D2OP.permute(2, 0, 3, 1).contiguous()

    def weight_sums(self, depth: int, out: int) -> Tensor:
        """Zeros for the sums of a weight's gradient, laid as the kernel wants them."""
        if self.bf16:
            return torch.zeros(out + -out % TILE, depth + -depth % TILE)
        return torch.zeros(depth, out)

    def weight_gradient(self, sums: Tensor, depth: int, out: int) -> Tensor:
        """What such sums say, (depth, O)."""
        return sums[:out, :depth].t() if self.bf16 else sums

    def work(self, channels: int, taps: int) -> Tensor | None:
        """Memory that `backward` needs beside its arrays, for the pairs of a block's rows."""
        numbers = (PAIRED_ROWS + taps) * channels + 4 * TILE
        return torch.empty(numbers, dtype=torch.int32) if self.bf16 else None


def kernels(kept: str = "") -> Kernels | None:
    """The kernels a run in float32 is to use; None where torch is to be taken.

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
    return choose(kept if kept in _usable(library, VARIANTS) else "", library)


def bf16_kernels() -> Kernels | None:
    """The kernels for bfloat16; None where this processor, or the compiled library, has none."""
    library = load(LIBRARY)
    if library is None or os.environ.get(CHOICE, "") == TORCH:
        return None
    usable = _usable(library, BF16_VARIANTS)
    variant = next(iter(usable), None)
    return _kernels(library, variant, usable[variant]) if variant else None


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
    usable = _usable(library, VARIANTS) if library is not None else {}
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


def _usable(library: ctypes.CDLL, among: Iterable[Variant]) -> dict[Variant, int]:
    """Columns of a panel by instruction set this processor has, fastest first."""
    panels = ((variant, library.labbench_panel(variant.encode())) for variant in among)
    return {variant: panel for variant, panel in panels if panel}


def _kernels(library: ctypes.CDLL, variant: Variant, panel: int) -> Kernels:
    functions = [
        getattr(library, f"{variant}_{name}") for name in ("forward", "reduce", "backward")
    ]
    for function in functions:
        function.argtypes, function.restype = [ctypes.c_void_p], None
    return Kernels(variant, panel, *functions)


INTEGERS = ("N", "T", "C", "O", "k", "pool", "W", "activation", "above_O", "above_k")
ARRAYS = {
    "x": True, "weights": False, "bias": False, "kept": True, "scale": False, "shift": False,
    "moments": False, "out": True, "index": False, "grad": True, "above": False, "mean": False,
    "rstd": False, "level": False, "tilt": False, "place": True, "sums": False,
    "weight_sums": False, "work": False,
}  # fmt: skip
"""The arrays of a task, and whether their clips may lie apart."""


def _fields() -> list[tuple[str, type]]:
    fields: list[tuple[str, type]] = [(name, ctypes.c_int32) for name in INTEGERS]
    fields.append(("slope", ctypes.c_float))
    for name, apart in ARRAYS.items():
        fields.append((name, ctypes.c_void_p))
        if apart:
            fields.append((f"{name}_stride", ctypes.c_long))
    return fields


class Task(ctypes.Structure):
    """What one call of a kernel is to do; `native/kernels.cpp` says what its fields mean."""

    _fields_ = _fields()


@dataclass(frozen=True, slots=True)
class Sizes:
    """A convolution and its pooling; without one `pool` is 1 and `windows` are `samples`."""

    samples: int
    channels: int
    out: int
    taps: int
    pool: int
    windows: int

    def rows(self, samples: int) -> Sizes:
        """So many rows of the same channels, without pooling."""
        return replace(self, samples=samples, pool=1, windows=samples)


@dataclass(frozen=True, slots=True)
class Above:
    """The gradient of a block's output as the block above can tell it.

    Its rows are the product of the padded gradient of that block's convolution (`padded_NLO`) with
    its weights: made where they are used, they need not be written.
    """

    padded_NLO: Tensor
    filters: NativeFilters

    def __len__(self) -> int:
        return len(self.padded_NLO)

    def __getitem__(self, clips: slice) -> Above:
        return Above(self.padded_NLO[clips], self.filters)

    def rows(self) -> Tensor:
        """Made after all, (N, W, O)."""
        return self.filters.input_gradient(self.padded_NLO)


def run(
    function: Any, sizes: Sizes, clips: int, negative_slope: float | None = None, *,
    grad: Tensor | Above | None = None, **arrays: Tensor | None,
) -> None:  # fmt: skip
    """Call a kernel.

    Args:
        negative_slope: of the activation that is fused: 0 is relu; None is no activation.
        arrays: by the names of a task's fields; those left out are not read or not wanted. Rows
            of channels must lie behind each other without a gap.
    """
    activation = 0 if negative_slope is None else 1 if negative_slope == 0 else 2
    above = (0, 0)
    if isinstance(grad, Above):
        above = grad.filters.out_and_taps
        arrays["above"] = grad.filters.backward
        grad = grad.padded_NLO
    elif grad is not None and grad.stride()[1:] != (grad.shape[2], 1):
        grad = grad.contiguous()
    arrays["grad"] = grad
    task = Task(clips, sizes.samples, sizes.channels, sizes.out, sizes.taps, sizes.pool,
                sizes.windows, activation, *above, negative_slope or 0.0)  # fmt: skip
    for name, array in arrays.items():
        if array is not None:
            setattr(task, name, array.data_ptr())
            if ARRAYS[name]:
                setattr(task, f"{name}_stride", array.stride(0))
    function(ctypes.byref(task))


SLACK = 64
"""Numbers behind padded rows that may be read, though nothing depends on them."""


def padded_rows(like: Tensor, clips: int, rows: int, channels: int) -> Tensor:
    """Zeros (N, L, C) for the kernels to read, with SLACK behind them."""
    numbers = clips * rows * channels
    return like.new_zeros(numbers + SLACK)[:numbers].view(clips, rows, channels)


class NativeFilters(Filters):
    """Filters packed for the kernels."""

    def __init__(self, weight_OCk: Tensor, bias_O: Tensor, using: Kernels) -> None:
        self.using, self._shape = using, weight_OCk.shape
        self.forward = using.pack(weight_OCk.permute(2, 1, 0).flatten(0, 1))
        # Taps in reverse, channels exchanged: the input gradient is a convolution with these.
        self.backward = using.pack(weight_OCk.flip(2).permute(2, 0, 1).flatten(0, 1))
        self.bias = bias_O.detach().contiguous()

    @property
    def out_and_taps(self) -> tuple[int, int]:
        """O and k."""
        return self._shape[0], self._shape[2]

    def convolve(self, x_NLC: Tensor) -> Tensor:
        return self._convolve(x_NLC, self.forward, self.bias, self._shape[0])

    def input_gradient(self, grad_NLO: Tensor) -> Tensor:
        return self._convolve(grad_NLO, self.backward, None, self._shape[1])

    def _convolve(self, x_NLC: Tensor, packed: Tensor, bias: Tensor | None, out: int) -> Tensor:
        clips, rows, channels = x_NLC.shape
        if x_NLC.stride()[1:] != (channels, 1) or self.using.bf16:
            x_NLC = padded_rows(x_NLC, clips, rows, channels).copy_(x_NLC)
        sizes = _unpooled(rows, channels, out, self._shape[2])
        y_NTO = x_NLC.new_empty(clips, sizes.samples, out)
        run(self.using.forward, sizes, clips, x=x_NLC, weights=packed, bias=bias, out=y_NTO)
        return y_NTO

    def add_weight_gradient(
        self, x_NLC: Tensor, grad_NLO: Tensor, offset: int, into_kCO: Tensor
    ) -> None:
        clips, rows, channels = x_NLC.shape
        sizes = _unpooled(rows, channels, self._shape[0], self._shape[2])
        using = self.using
        sums = using.weight_sums(*into_kCO.shape)
        run(using.backward, sizes, clips, x=x_NLC, grad=grad_NLO[:, offset:],
            weight_sums=sums, work=using.work(channels, sizes.taps))  # fmt: skip
        into_kCO += using.weight_gradient(sums, *into_kCO.shape)


def _unpooled(rows: int, channels: int, out: int, taps: int) -> Sizes:
    samples = rows - taps + 1
    return Sizes(samples, channels, out, taps, 1, samples)
