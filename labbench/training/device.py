"""Which device and precision a run uses, and what they hold."""

from __future__ import annotations

import resource
import sys
from typing import Literal

import torch

from labbench.errors import DeviceError
from labbench.training.engine.native import NO_BF16, bf16_kernels

Precision = Literal["fp32", "bf16"]


def choose_device(name: str) -> torch.device:
    """The device of a preset's name; auto takes the CUDA device with most free memory, or mps.

    Raises:
        DeviceError: it is not to be had here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return _roomiest()
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(name)
    hint = "Use --set training.device=cpu, or auto."
    if device.type == "cuda":
        count = torch.cuda.device_count()
        if not torch.cuda.is_available() or (device.index or 0) >= count:
            raise DeviceError(
                f"{name} is not here: torch {torch.__version__} sees {count} CUDA devices.",
                where="training.device", hint=hint,
            )  # fmt: skip
        return torch.device("cuda", device.index or 0)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("mps is not here.", where="training.device", hint=hint)
    return device


def _roomiest() -> torch.device:
    free = [torch.cuda.mem_get_info(index)[0] for index in range(torch.cuda.device_count())]
    return torch.device("cuda", free.index(max(free)))


def choose_precision(name: str, device: torch.device) -> Precision:
    """fp32 or bf16; auto is bf16 on a CUDA device that has it.

    Raises:
        DeviceError: bf16 was asked for where it is not to be had.
    """
    has_bf16 = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    on_tiles = name == "bf16" and device.type == "cpu" and bf16_kernels() is not None
    if name == "bf16" and not (has_bf16 or on_tiles):
        why = NO_BF16 if device.type == "cpu" else f"bf16 needs CUDA that has it, this is {device}."
        hint = "Use --set training.precision=fp32, or auto."
        raise DeviceError(why, where="training.precision", hint=hint)
    return "bf16" if name == "bf16" or (name == "auto" and has_bf16) else "fp32"


def device_name(device: torch.device) -> str:
    """The device in words: `cuda:0 NVIDIA H100`, `cpu (2 threads)`."""
    if device.type == "cuda":
        return f"{device} {torch.cuda.get_device_name(device)}"
    if device.type == "cpu":
        return f"cpu ({torch.get_num_threads()} threads)"
    return str(device)


def memory_bytes(device: torch.device) -> int:
    """The most device memory in use so far (on the CPU: the process' peak resident size)."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def free_bytes(device: torch.device) -> int:
    """Memory that can still be had on the device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    import psutil

    return int(psutil.virtual_memory().available)
