"""The environment a worker is started with."""

from __future__ import annotations

import os

from labbench.runs.launch import Launch


def worker_environment(launch: Launch) -> dict[str, str]:
    """This process' environment with what the run was queued with."""
    environment = launch.whole_environment(os.environ)
    environment["PYTHONUNBUFFERED"] = "1"
    # torch then counts GPUs as the driver does, by which they were chosen.
    environment.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    return environment
