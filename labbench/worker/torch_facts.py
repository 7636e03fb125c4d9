"""The child that tries torch: `python -m labbench.worker.torch_facts`."""

from __future__ import annotations

import os
import sys
from typing import Any

import torch

from labbench.errors import LabbenchError
from labbench.training.device import choose_device, choose_precision, device_name
from labbench.training.engine import native
from labbench.worker.asking import answer


def facts(arguments: list[str]) -> dict[str, Any]:
    """What torch sees, and whether it can compute on each device it would choose."""
    found: dict[str, Any] = {
        "torch": str(torch.__version__), "built_for_cuda": torch.version.cuda,
        "cuda_devices": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "products": "", "products_trouble": "", "forced": os.environ.get(native.CHOICE, ""),
    }  # fmt: skip
    try:
        found["products"] = native.name_of(native.kernels())
    except LabbenchError as error:
        found["products_trouble"] = str(error)
    device = choose_device("auto")
    found["device"], found["name"] = str(device), device_name(device)
    found["precision"] = choose_precision("auto", device)
    found["trouble"] = _trouble(device)
    return found


def _trouble(device: torch.device) -> str:
    """Why a convolution and its gradient cannot be computed there; "" if they can."""
    try:
        net = torch.nn.Conv1d(1, 2, 5).to(device)
        loss = net(torch.ones(2, 1, 64, device=device)).square().mean()
        loss.backward()
        return "" if torch.isfinite(loss).item() else "its results are not finite numbers"
    except RuntimeError as error:
        return str(error).strip().splitlines()[0]


if __name__ == "__main__":
    sys.exit(answer(facts))
