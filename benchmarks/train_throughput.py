"""How fast a net trains on this machine's CPU: clips a second, forward + backward + Adam.

    python benchmarks/train_throughput.py [--models custom-ch32,...] [--rounds 5] [--seconds 3]
        [--batch 64] [--products torch,avx2] [--keras-python PATH] [--json]

Contestants, all on the same plan, batch and clips:
    engine      labbench's engine, in the environment a worker is started with
    engine-torch, engine-avx2, engine-avx512    the same with other products than it would take
    engine-bf16 the same in bfloat16, where the processor has tiles of it (AMX)
    plain       the nn.Conv1d loop a person would write, in this environment
    compile     the same by torch.compile, where a C++ compiler is there
    keras-jax, keras-tensorflow    the same net in Keras, where they are installed
Each is a living process of its own; they take turns, round by round, so that a busy machine
slows all of them alike. The limit is the best rate of products measured in the same turns (torch's
and the engine's own, of float32 and of bfloat16 each for itself) over the arithmetic of the plan's
convolutions and dense layers.

With --cpu, for a machine that others use meanwhile: one thread each, and rates by the processor
time of the fastest step.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from train_contestants import MODELS, plan_of

CONTESTANTS = Path(__file__).with_name("train_contestants.py")
KERAS = ("keras-jax", "keras-tensorflow")

PRODUCTS = {"fp32": ("gemm", "gemm-own"), "bf16": ("gemm-bf16", "gemm-own-bf16")}
"""What measures the rate of products, by precision."""

INSTRUCTIONS = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_bf16": "AVX-512 BF16",
                "amx_bf16": "AMX"}  # fmt: skip


class Contestant:
    """A living process, and the steps a second of its rounds."""

    def __init__(
        self, name: str, python: str, env: dict[str, str], by_cpu: bool, task: dict[str, Any]
    ) -> None:
        self._by_cpu = by_cpu
        self.name, self.peak_mb, self.parameters = name, 0.0, 0
        self.rates: list[float] = []
        self._process = subprocess.Popen(
            [python, str(CONTESTANTS), name.split("-")[0]], env=env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        answer = self._ask(json.dumps(task))
        self.alive = answer is not None
        if answer:
            self.parameters = answer["parameters"]

    def round(self, seconds: float) -> None:
        """Train for so many seconds, at least one step."""
        if self.alive and (answer := self._ask(str(seconds))):
            self.rates.append(answer["cpu_rate" if self._by_cpu else "rate"])
            self.peak_mb = answer["peak_mb"]

    @property
    def rate(self) -> float:
        """The median of the rounds; by processor time the best, which others disturbed least."""
        return max(self.rates) if self._by_cpu else statistics.median(self.rates)

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

    plan, env = plan_of(model), dict(os.environ)
    task = {"model": model, "batch": args.batch, "plan": [as_dict(layer) for layer in plan]}
    ours = worker_environment()
    if args.cpu:
        alone = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        env, ours = env | alone, ours | alone
    starts = [(name, sys.executable, ours) for names in PRODUCTS.values() for name in names]
    starts += [(name, sys.executable, ours) for name in ("engine", "engine-bf16")]
    for products in filter(None, args.products.split(",")):
        forced = ours | {"LABBENCH_KERNELS": products}
        starts.append((f"engine-{products}", sys.executable, forced))
    starts += [(name, sys.executable, env) for name in ("plain", "compile")]
    for name in KERAS:
        backend = {"KERAS_BACKEND": name.split("-")[1], "TF_CPP_MIN_LOG_LEVEL": "3"}
        starts.append((name, args.keras_python, env | backend))
    contestants = [
        Contestant(
            name,
            python,
            env,
            args.cpu,
            task | {"precision": _precision(name), "own": "own" in name},
        )
        for name, python, env in starts
    ]
    for _ in range(args.rounds):
        for each in contestants:
            each.round(min(args.seconds, 1.0) if each.name.startswith("gemm") else args.seconds)
    for each in contestants:
        each.end()
    return result(model, plan, contestants, args.batch)


def result(model: str, plan: Any, contestants: list[Contestant], batch: int) -> dict[str, Any]:
    """Medians, ratios and shares of one model."""
    others = [each for each in contestants if not each.name.startswith("gemm")]
    rates = {each.name: each.rate * each.parameters / 1e9
             for each in contestants if each.name.startswith("gemm") and each.rates}  # fmt: skip
    gflops = {precision: max((rates[name] for name in names if name in rates), default=math.nan)
              for precision, names in PRODUCTS.items()}  # fmt: skip
    limits = {precision: rate * 1e9 / arithmetic(plan) for precision, rate in gflops.items()}
    clips_s = {c.name: c.rate * batch for c in others if c.rates}
    best_keras = max((clips_s[name] for name in KERAS if name in clips_s), default=None)
    rows = [
        {
            "contestant": each.name,
            "clips_s": clips_s[each.name],
            "slowest": min(each.rates) * batch,
            "fastest": max(each.rates) * batch,
            "to_plain": clips_s[each.name] / clips_s["plain"],
            "to_best_keras": clips_s[each.name] / best_keras if best_keras else None,
            "of_limit": clips_s[each.name] / limits[_precision(each.name)],
            "peak_mb": each.peak_mb,
            "same_parameters": each.parameters == plan.parameters,
        }
        for each in others
        if each.name in clips_s
    ]
    missing = [each.name for each in others if each.name not in clips_s]
    return {"model": model, "parameters": plan.parameters, "products": products_here(),
            "gflops": gflops, "rates": rates, "limit_clips_s": limits, "rows": rows,
            "missing": missing}  # fmt: skip


def _precision(name: str) -> str:
    """Of a contestant."""
    return "bf16" if name.endswith("bf16") else "fp32"


def table(found: dict[str, Any]) -> str:
    """One model's rows as text."""
    lines = [
        f"{found['model']}: {found['parameters']:,} parameters; the engine multiplies by "
        f"{found['products']}; the best products run at {found['gflops']['fp32']:.0f} GFLOP/s "
        f"(bf16: {found['gflops']['bf16']:.0f}), limit {found['limit_clips_s']['fp32']:.0f} "
        f"(bf16: {found['limit_clips_s']['bf16']:.0f}) clips/s",
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
    flags = {
        flag for line in text.splitlines() if line.startswith("flags") for flag in line.split()
    }
    instructions = [word for flag, word in INSTRUCTIONS.items() if flag in flags]
    parts = [names[0] if names else platform.processor(), f"{os.cpu_count()} cores", *instructions]
    return ", ".join(parts)


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
    parser.add_argument("--cpu", action="store_true", help="rates by processor time, one thread")
    args = parser.parse_args()
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
