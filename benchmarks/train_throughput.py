"""How fast a net trains on this machine's CPU: clips a second, forward + backward + Adam.

    python benchmarks/train_throughput.py [--models custom-ch32,...] [--rounds 5] [--seconds 3]
        [--batch 64] [--products torch,avx2] [--keras-python PATH] [--json]

Contestants, all on the same plan, batch and clips:
    engine      labbench's engine, in the environment a worker is started with
    engine-torch, engine-avx2, engine-avx512    the same with other products than it would take
    plain       the nn.Conv1d loop a person would write, in this environment
    keras-jax, keras-tensorflow    the same net in Keras, where they are installed
Each is a living process of its own; they take turns, round by round, so that a busy machine
slows all of them alike. The limit is the matrix-product rate measured in the same turns over
the arithmetic of the plan's convolutions and dense layers.

The first line of a contestant's input is its task; each line after it asks for one round.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
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
KERAS = ("keras-jax", "keras-tensorflow")

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
    fast = Engine(net, torch.device("cpu"))
    adam = torch.optim.Adam(net.parameters(), fused=True)
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        loss, _ = fast.train_step(clips_BT, labels_B, generator=generator)
        adam.step()
        loss.item()

    return step, sum(p.numel() for p in net.parameters())


def plain(task: dict[str, Any]) -> tuple[Step, int]:
    """The modules of the net under autograd."""
    import torch

    net = _net(task).train()
    clips_BT, labels_B = map(torch.from_numpy, batch_of(task))
    adam = torch.optim.Adam(net.parameters())

    def step() -> None:
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(clips_BT), labels_B)
        torch.autograd.backward(loss)
        adam.step()
        loss.item()

    return step, sum(p.numel() for p in net.parameters())


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
    """One float32 matrix product of GEMM x GEMM x GEMM."""
    import torch

    a, b = torch.rand(GEMM, GEMM), torch.rand(GEMM, GEMM)
    out = torch.empty(GEMM, GEMM)
    return lambda: torch.mm(a, b, out=out), 0


def _net(task: dict[str, Any]) -> Any:
    from labbench.nets import build

    return build(_plan(task["model"]))


def _plan(name: str) -> Any:
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
        seconds, steps, start = float(line), 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds or not steps:
            step()
            steps += 1
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"rate": steps / spent, "peak_mb": peak_mb}), file=talk)


class Contestant:
    """A living process, and the steps a second of its rounds."""

    def __init__(self, name: str, python: str, env: dict[str, str], task: dict[str, Any]) -> None:
        self.name, self.peak_mb, self.parameters = name, 0.0, 0
        self.rates: list[float] = []
        self._process = subprocess.Popen(
            [python, __file__, "--contestant", name.split("-")[0]], env=env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        answer = self._ask(json.dumps(task))
        self.alive = answer is not None
        if answer:
            self.parameters = answer["parameters"]

    def round(self, seconds: float) -> None:
        """Train for so many seconds, at least one step."""
        if self.alive and (answer := self._ask(str(seconds))):
            self.rates.append(answer["rate"])
            self.peak_mb = answer["peak_mb"]

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, line: str) -> dict[str, Any] | None:
        assert self._process.stdin
        assert self._process.stdout
        try:
            print(line, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return None
        answer = self._process.stdout.readline()
        return json.loads(answer) if answer else None


def arithmetic(plan: Any) -> int:
    """Floating-point operations of one clip's forward and backward: three products a layer.

    The first layer needs no gradient of its input.
    """
    products: list[int] = [
        2 * layer.length * layer.channels * (layer.kernel * layer.in_channels)
        if layer.kind == "conv"
        else 2 * layer.in_features * layer.channels
        for layer in plan
        if layer.kind in ("conv", "dense")
    ]
    return 3 * sum(products) - products[0]


def measure(model: str, args: argparse.Namespace) -> dict[str, Any]:
    """All contestants on one model."""
    from labbench.architecture.layers import as_dict
    from labbench.worker.asking import worker_environment

    plan, env = _plan(model), dict(os.environ)
    task = {"model": model, "batch": args.batch, "plan": [as_dict(layer) for layer in plan]}
    ours = worker_environment()
    starts = [("gemm", sys.executable, env), ("engine", sys.executable, ours)]
    for products in filter(None, args.products.split(",")):
        forced = ours | {"LABBENCH_KERNELS": products}
        starts.append((f"engine-{products}", sys.executable, forced))
    starts.append(("plain", sys.executable, env))
    for name in KERAS:
        backend = {"KERAS_BACKEND": name.split("-")[1], "TF_CPP_MIN_LOG_LEVEL": "3"}
        starts.append((name, args.keras_python, env | backend))
    contestants = [Contestant(name, python, env, task) for name, python, env in starts]
    for _ in range(args.rounds):
        for each in contestants:
            each.round(min(args.seconds, 1.0) if each.name == "gemm" else args.seconds)
    for each in contestants:
        each.end()
    return result(model, plan, contestants, args.batch)


def result(model: str, plan: Any, contestants: list[Contestant], batch: int) -> dict[str, Any]:
    """Medians, ratios and shares of one model."""
    product, *others = contestants
    gflops = statistics.median(product.rates) * 2 * GEMM**3 / 1e9
    limit = gflops * 1e9 / arithmetic(plan)
    clips_s = {c.name: statistics.median(c.rates) * batch for c in others if c.rates}
    best_keras = max((clips_s[name] for name in KERAS if name in clips_s), default=None)
    rows = [
        {
            "contestant": each.name,
            "clips_s": clips_s[each.name],
            "slowest": min(each.rates) * batch,
            "fastest": max(each.rates) * batch,
            "to_plain": clips_s[each.name] / clips_s["plain"],
            "to_best_keras": clips_s[each.name] / best_keras if best_keras else None,
            "of_limit": clips_s[each.name] / limit,
            "peak_mb": each.peak_mb,
            "same_parameters": each.parameters == plan.parameters,
        }
        for each in others
        if each.name in clips_s
    ]
    missing = [each.name for each in others if each.name not in clips_s]
    return {"model": model, "parameters": plan.parameters, "products": products_here(),
            "gflops": gflops, "limit_clips_s": limit, "rows": rows, "missing": missing}  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """One model's rows as text."""
    lines = [
        f"{found['model']}: {found['parameters']:,} parameters; the engine multiplies by "
        f"{found['products']}; torch's matrix products run at "
        f"{found['gflops']:.0f} GFLOP/s, limit {found['limit_clips_s']:.0f} clips/s",
        "  contestant         clips/s  (slowest-fastest)  x plain  x Keras  of limit  peak MB",
    ]
    for row in found["rows"]:
        span = f"({row['slowest']:.1f}-{row['fastest']:.1f})"
        keras_ratio = f"{row['to_best_keras']:.2f}" if row["to_best_keras"] else "-"
        odd = "" if row["same_parameters"] else "  (other number of parameters!)"
        lines.append(
            f"  {row['contestant']:<17} {row['clips_s']:>8.1f}  {span:>17} {row['to_plain']:>8.2f}"
            f" {keras_ratio:>8} {row['of_limit']:>9.0%} {row['peak_mb']:>8.0f}{odd}"
        )
    for name in found["missing"]:
        lines.append(f"  {name:<17} left out: it is not installed, or it failed")
    return "\n".join(lines)


def products_here() -> str:
    """What the engine multiplies by in this process' environment."""
    from labbench.training.engine import native

    return native.name_of(native.kernels())


def machine() -> str:
    """The machine in words."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", default=",".join(MODELS), help="names, by commas")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of a round, at least one step")
    parser.add_argument("--products", default="torch",
                        help="other products to try: torch, avx2, avx512")  # fmt: skip
    parser.add_argument("--keras-python", default=sys.executable, help="the Python that has Keras")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--contestant", choices=["engine", "plain", "keras", "gemm"],
                        help=argparse.SUPPRESS)  # fmt: skip
    args = parser.parse_args()
    if args.contestant:
        compete({"engine": engine, "plain": plain, "keras": keras, "gemm": gemm}[args.contestant])
        return
    names = args.models.split(",")
    if unknown := set(names) - set(MODELS):
        parser.error(f"no model {', '.join(sorted(unknown))}; there are {', '.join(MODELS)}")
    if not shutil.which(args.keras_python):
        parser.error(f"--keras-python: there is no {args.keras_python}")
    print(f"{machine()}; batch {args.batch}", file=sys.stderr)
    results = []
    for name in names:
        results.append(measure(name, args))
        print(table(results[-1]), file=sys.stderr if args.json else sys.stdout, flush=True)
    if args.json:
        print(json.dumps({"machine": machine(), "batch": args.batch, "models": results}, indent=2))


if __name__ == "__main__":
    main()
