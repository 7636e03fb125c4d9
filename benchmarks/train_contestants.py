"""What `benchmarks/train_throughput.py` measures, each in a process of its own.

    python benchmarks/train_contestants.py engine|plain|compile|keras|gemm

The first line of the input is the task, as JSON; each line after it asks for one round of so many
seconds. It needs of labbench only what the contestant does: Keras may live in another Python.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

MODELS: dict[str, dict[str, Any]] = {
    "custom-ch32": {"family": "custom", "channels": 32, "dropout": 0.5},
    "custom-ch64": {"family": "custom", "channels": 64, "dropout": 0.5},
    "custom-ch64-bn": {"family": "custom", "channels": 64, "dropout": 0.5, "batch_norm": True},
    "vgg": {"family": "vgg", "dropout": 0.5},
    "large-ch32": {"family": "large", "channels": 32, "dropout": 0.5},
}
CLASSES, SAMPLES = 16, 16000
GEMM = 2048

Step = Callable[[], object]


def batch_of(task: dict[str, Any]) -> tuple[Any, Any]:
    """The clips and labels every contestant gets, as numpy arrays."""
    import numpy as np

    rng = np.random.default_rng(0)
    clips = rng.uniform(-1, 1, (task["batch"], SAMPLES)).astype(np.float32)
    return clips, rng.integers(0, CLASSES, task["batch"])


def engine(task: dict[str, Any]) -> tuple[Step, int]:
    """labbench's engine, as the training loop uses it."""
    import torch

    from labbench.training.engine import Engine

    net = _net(task)
    clips_BT, labels_B = map(torch.from_numpy, batch_of(task))
    fast = Engine(net, torch.device("cpu"), task["precision"])
    adam = torch.optim.Adam(net.parameters(), fused=True)
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        loss, _ = fast.train_step(clips_BT, labels_B, generator=generator)
        adam.step()
        loss.item()

    return step, sum(p.numel() for p in net.parameters())


def plain(task: dict[str, Any], *, compiled: bool = False) -> tuple[Step, int]:
    """The modules of the net under autograd."""
    import torch

    net = _net(task).train()
    forward = torch.compile(net) if compiled else net
    clips_BT, labels_B = map(torch.from_numpy, batch_of(task))
    adam = torch.optim.Adam(net.parameters())

    def step() -> None:
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(forward(clips_BT), labels_B)
        torch.autograd.backward(loss)
        adam.step()
        loss.item()

    return step, sum(p.numel() for p in net.parameters())


def compiled(task: dict[str, Any]) -> tuple[Step, int]:
    """The same by torch.compile."""
    return plain(task, compiled=True)


def keras(task: dict[str, Any]) -> tuple[Step, int]:
    """The same layers in Keras, by the backend in KERAS_BACKEND."""
    import keras  # type: ignore[import-not-found]
    from keras import layers

    net = keras.Sequential([keras.Input((SAMPLES, 1))])
    for layer in task["plan"]:
        match layer["kind"]:
            case "conv":
                padding = "same" if layer["left"] + layer["right"] else "valid"
                net.add(layers.Conv1D(layer["channels"], layer["kernel"], padding=padding))
            case "batch_norm":
                net.add(layers.BatchNormalization())
            case "activation":
                net.add(layers.Activation(layer["function"]))
            case "max_pool" if not layer["partial"]:
                net.add(layers.MaxPooling1D(layer["size"]))
            case "flatten":
                net.add(layers.Flatten())
            case "dropout":
                net.add(layers.Dropout(layer["rate"]))
            case "dense":
                net.add(layers.Dense(layer["channels"]))
            case kind:
                raise SystemExit(f"the benchmark has no Keras layer for {kind}")
    net.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    clips, labels = batch_of(task)
    clips = clips[..., None]
    parameters = sum(math.prod(weight.shape) for weight in net.trainable_weights)
    return lambda: net.train_on_batch(clips, labels), parameters


def gemm(task: dict[str, Any]) -> tuple[Step, int]:
    """Products alone, of torch or the engine's own; in place of parameters their operations."""
    import torch

    bf16 = task["precision"] == "bf16"
    if task["own"]:
        return _own_product(bf16)
    dtype = torch.bfloat16 if bf16 else torch.float32
    a, b = torch.rand(2, GEMM, GEMM).to(dtype)
    out = torch.empty(GEMM, GEMM, dtype=dtype)
    return lambda: torch.mm(a, b, out=out), 2 * GEMM**3


def _own_product(bf16: bool) -> tuple[Step, int]:
    """A convolution of 64 channels with 64 filters of 5 taps, in cache, on every thread alone."""
    import torch

    from labbench.training.engine import native
    from labbench.training.engine.team import Team

    using = native.bf16_kernels() if bf16 else native.kernels()
    if using is None:
        raise SystemExit("no kernels here")
    channels, taps, rows, clips = 64, 5, 596, 32
    filters = native.NativeFilters(
        torch.rand(channels, channels, taps), torch.rand(channels), using
    )
    like = torch.empty(0, dtype=torch.bfloat16 if bf16 else torch.float32)
    team = Team(torch.get_num_threads())
    samples = rows - taps + 1
    sizes = native.Sizes(samples, channels, channels, taps, 1, samples)
    arrays = [
        {"x": native.padded_rows(like, 1, rows, channels), "weights": filters.forward,
         "bias": filters.bias, "out": like.new_empty(1, samples, channels)}
        for _ in range(team.ranks)
    ]  # fmt: skip

    def work(rank: int) -> None:
        for _ in range(clips):
            native.run(using.forward, sizes, 1, **arrays[rank])

    operations = 2 * samples * channels * channels * taps * clips * team.ranks
    return lambda: team.run(work), operations


def _net(task: dict[str, Any]) -> Any:
    from labbench.nets import build

    return build(plan_of(task["model"]))


def plan_of(name: str) -> Any:
    from labbench import architecture

    return architecture.plan(architecture.Model(**MODELS[name]), CLASSES)


def compete(setup: Callable[[dict[str, Any]], tuple[Step, int]]) -> None:
    """A contestant's life: its task, a step to warm up, then rounds until the input ends."""
    talk = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    step, parameters = setup(json.loads(sys.stdin.readline()))
    for _ in range(2):
        step()
    print(json.dumps({"parameters": parameters}), file=talk)
    for line in sys.stdin:
        seconds, times, start = float(line), [], time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds or not times:
            before = time.process_time()
            step()
            times.append(time.process_time() - before)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = {"rate": len(times) / spent, "cpu_rate": 1 / min(times), "peak_mb": peak_mb}
        print(json.dumps(found), file=talk)


if __name__ == "__main__":
    ways = {"engine": engine, "plain": plain, "compile": compiled, "keras": keras, "gemm": gemm}
    compete(ways[sys.argv[1]])
