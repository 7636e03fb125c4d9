"""What there is to train on, as the driver tells it and as torch sees it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

from labbench import units
from labbench.distribution import install_command
from labbench.doctor.found import Found, finding
from labbench.doctor.install import version
from labbench.errors import LabbenchError
from labbench.scheduler.devices import Device, probe, slots_text
from labbench.worker.asking import ask

AREA = "device"
_found = partial(finding, AREA)
TORCH_S = 120.0
"""Seconds torch may take to load from a slow disk."""


def findings() -> Iterator[Found]:
    """Devices, torch's view of them, slots."""
    here = probe()
    for device in here:
        yield _found("ok", _in_words(device))
    try:
        yield from _torch(ask("labbench.worker.torch_facts", timeout_s=TORCH_S), here)
    except LabbenchError as error:
        yield _found("broken", f"torch cannot be used: {error.what}", "Install torch again.")
    try:
        slots = slots_text()
    except LabbenchError as error:
        yield _found("broken", str(error))
    else:
        yield _found("ok", f"runs at once on a device: {slots or 1}")
    if shutil.which("sbatch") and not version("submitit"):
        yield _found("note", f"Slurm is here. Runs as its jobs: {install_command('slurm')}")


def _in_words(device: Device) -> str:
    memory = ""
    if device.memory_bytes and device.free_bytes is not None:
        free, whole = units.size(device.free_bytes), units.size(device.memory_bytes)
        memory = f", {free} of {whole} free"
    return f"{device.name}: {device.model}{memory}"


def _torch(facts: dict[str, Any], here: list[Device]) -> Iterator[Found]:
    gpus = sum(device.kind == "cuda" for device in here)
    said = f"torch {facts['torch']} trains on {facts['name']} in {facts['precision']}"
    if facts["trouble"]:
        hint = "See the driver's and torch's versions; --set training.device=cpu works meanwhile."
        yield _found("broken", f"torch cannot compute there: {facts['trouble']}", hint)
    else:
        yield _found("ok", said)
    yield _products(facts)
    if gpus and not facts["cuda_devices"]:
        built = facts["built_for_cuda"]
        why = f"it is built for CUDA {built}" if built else "it is built without CUDA"
        hint = "Install a torch that fits the driver: https://pytorch.org/get-started/locally/"
        yield _found("warning", f"{units.plural(gpus, 'GPU')} here that torch cannot use: {why}.",
                     hint)  # fmt: skip


def _products(facts: dict[str, Any]) -> Found:
    """What does the matrix products on the CPU."""
    if trouble := facts["products_trouble"]:
        return _found("broken", f"no run can train on the CPU: {trouble}")
    products, forced = facts["products"], facts["forced"]
    whose = "torch's kernels" if products == "torch" else f"labbench's own kernels ({products})"
    said = f"{whose} compute on the CPU"
    if forced:
        return _found("ok", f"{said}, as LABBENCH_KERNELS={forced} asks")
    if products != "torch":
        return _found("ok", said)
    hint = "Install labbench again where g++ or clang++ is there: training is faster then."
    return _found("note", f"{said}: labbench's own are not compiled here.", hint)
