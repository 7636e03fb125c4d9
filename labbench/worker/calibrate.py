"""The child that times a few training steps: `python -m labbench.worker.calibrate PRESETS`.

PRESETS is a JSON list of presets, the answer seconds of training a clip, one for each. The clips
are noise: how long a step takes does not depend on them.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import msgspec
import numpy as np
import torch

from labbench import nets
from labbench.presets import Preset, from_tree, memory
from labbench.training import optimizing
from labbench.training.device import choose_device, choose_precision, free_bytes
from labbench.training.engine import Engine
from labbench.units import CLIP_SAMPLES
from labbench.worker.asking import answer

CPU_BATCHES = (4, 16)
"""Clips of timed steps on the CPU: two sizes tell what a step costs beside its clips."""

TIMED_S = 0.7
"""Steps of one size are timed for so long, one at least."""


def seconds_per_clip(preset: Preset) -> float:
    """Seconds of training one clip in the preset's batches: forward, backward, optimizer.

    Raises:
        DeviceError: the preset's device or precision is not to be had here, or has not the memory.
    """
    device = choose_device(preset.training.device)
    precision = choose_precision(preset.training.precision, device)
    classes, batch = len(preset.data.words), preset.training.batch
    most = max(CPU_BATCHES) if device.type == "cpu" else batch
    memory.check(preset, most, free_bytes(device), str(device), device.type)
    net = nets.build(preset.plan, seed=0).to(device)
    engine = Engine(net, device, precision)
    optimizer = optimizing.make_optimizer(net, preset.optimizer)
    if device.type != "cpu":
        return _seconds_a_step(engine, optimizer, device, batch, classes) / batch
    few, more = CPU_BATCHES
    fast = _seconds_a_step(engine, optimizer, device, few, classes)
    slow = _seconds_a_step(engine, optimizer, device, more, classes)
    each = max(slow - fast, 0.0) / (more - few)
    return each + max(fast - few * each, 0.0) / batch


def _seconds_a_step(
    engine: Engine,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
    batch: int,
    classes: int,
) -> float:
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, (batch, CLIP_SAMPLES)).astype(np.float32)
    clips_BT = torch.from_numpy(noise).to(device)
    labels_B = torch.from_numpy(rng.integers(0, classes, batch)).to(device)

    def step() -> None:
        draw = torch.Generator(device).manual_seed(0)
        loss, _ = engine.train_step(clips_BT, labels_B, generator=draw)
        optimizing.take_step(optimizer)
        # Reading the loss waits for the device.
        loss.item()

    step()
    began, steps = time.perf_counter(), 0
    while not steps or time.perf_counter() - began < TIMED_S:
        step()
        steps += 1
    return (time.perf_counter() - began) / steps


def times(arguments: list[str]) -> dict[str, Any]:
    """`seconds` of training a clip of each preset.

    Raises:
        DeviceError: a preset's device or precision is not to be had here.
    """
    asked: list[dict[str, Any]] = msgspec.json.decode(arguments[0])
    return {"seconds": [seconds_per_clip(from_tree(tree, "preset")) for tree in asked]}


if __name__ == "__main__":
    sys.exit(answer(times))
