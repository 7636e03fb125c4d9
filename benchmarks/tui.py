"""How fast the app is on a terminal: a real one (a pty), its bytes counted.

    python -m benchmarks.tui [--steps 1000000] [--runs 2000] [--seconds 20] [--rounds 5] [--json]

What is measured, each beside its budget:
    start       from the process' start to the first full paint
    many runs   from the key to the list of all runs
    long run    from the key to the first curve of a run with a million steps, and to all of it
    live run    processor time and bytes on the wire while a run of 20 steps/s is watched
    key         from a key to its answer meanwhile: the cursor tells other values
Rounds of a start are medians; a key is pressed 20 times.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import psutil

from labbench.presets import Library
from labbench.runs import RunFolder, create, events, status
from tests.terminal import Terminal

SIZE = (140, 45)
STEPS_PER_S = 20
KEY_PRESSES = 20
STEPS_PER_EPOCH = 800


@dataclass(frozen=True)
class Measured:
    """A figure beside its budget."""

    what: str
    figure: float
    unit: str
    budget: float | None = None

    @property
    def within(self) -> bool:
        """Whether it keeps to its budget."""
        return self.budget is None or self.figure < self.budget

    def row(self) -> str:
        """A row of the README's table."""
        budget = f"{self.budget:g} {self.unit}" if self.budget is not None else ""
        sign = "" if self.budget is None else " ✔" if self.within else " ✖"
        return f"| {self.what} | {self.figure:.3g} {self.unit}{sign} | {budget} |"


def main() -> int:
    """Measure all; 1 if a budget is missed."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="labbench-bench-"))
    found: list[Measured] = []
    try:
        os.environ["LABBENCH_HOME"] = str(home / "few")
        for preset in ("custom-ch32", "demo", "vgg"):
            finished(create(Library().get(preset)), 50)
        found += start(home / "few", options.rounds)
        found += long_run(home / "few", options.steps, options.rounds)
        found += live_run(home / "few", options.seconds)
        found += many_runs(home / "many", options.runs, options.rounds)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print("| what | measured | budget |\n|---|---|---|")
        print("\n".join(one.row() for one in found))
    return 0 if all(one.within for one in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def app(home: Path) -> Terminal:
    """The app as a new user starts it."""
    kept = ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV", "LANG")
    env = {key: os.environ[key] for key in kept if key in os.environ}
    env |= {"TERM": "xterm-256color", "LABBENCH_HOME": str(home), "LANG": "C.UTF-8"}
    return Terminal([sys.executable, "-m", "labbench"], env=env, size=SIZE)


def painted(terminal: Terminal) -> float:
    """When the first full paint was there: top line, presets, key line."""
    return terminal.seen(r"labbench.*custom-ch32.*leave")


# Runs as workers leave them


def log(path: Path, first: int, last: int) -> Iterator[bytes]:
    """Lines of the steps from the first to the last, with an epoch after every so many."""
    for step in range(first, last + 1):
        loss = 2.7 / (1 + step / 3000) + 0.05 * ((step * 7919) % 100) / 100
        yield events.encode(_step(step, loss))
        if step % STEPS_PER_EPOCH == 0:
            yield events.encode(_epoch(step, loss))


def _step(step: int, loss: float) -> events.Step:
    return events.Step(
        step=step, epoch=1 + (step - 1) // STEPS_PER_EPOCH, elapsed_s=step * 0.05, loss=loss,
        accuracy=1 - loss / 3, learning_rate=1e-3, clips_per_s=1280.0, memory_bytes=700_000_000,
    )  # fmt: skip


def _epoch(step: int, loss: float) -> events.Epoch:
    return events.Epoch(
        epoch=step // STEPS_PER_EPOCH, step=step, elapsed_s=step * 0.05, duration_s=40.0,
        train_loss=loss, train_accuracy=1 - loss / 3, val_loss=loss * 1.1,
        val_accuracy=1 - loss / 2.8, learning_rate=1e-3, clips_per_s=1280.0,
        memory_bytes=700_000_000, best=True,
    )  # fmt: skip


def finished(run: RunFolder, steps: int) -> None:
    """Have a run end after so many steps."""
    with run.events_path.open("wb", buffering=1 << 20) as file:
        started = events.Started(
            time=time.time(), attempt=1, epoch=0, step=0, device="cpu", precision="fp32", threads=2
        )
        file.write(events.encode(started))
        file.writelines(log(run.events_path, 1, steps))
    epochs = steps // STEPS_PER_EPOCH
    now = msgspec.structs.replace(
        run.status(), state="finished", epoch=epochs, epochs=max(epochs, 1), step=steps,
        steps_per_epoch=STEPS_PER_EPOCH, ended=time.time(), device="cpu", clips="speech_commands",
        best_val_accuracy=0.93, best_epoch=epochs, test_accuracy=0.93, elapsed_s=steps * 0.05,
    )  # fmt: skip
    status.write(run.status_path, now)


@contextmanager
def training(run: RunFolder) -> Iterator[None]:
    """A run that takes 20 steps a second, written as a worker writes it."""
    finished(run, 4000)
    over = threading.Event()
    state = msgspec.structs.replace(
        run.status(), state="running", ended=None, test_accuracy=None, epochs=60,
        writer=status.this_process(), heartbeat=time.time(),
    )  # fmt: skip

    def write() -> None:
        step = 4000
        with run.events_path.open("ab", buffering=0) as file:
            while not over.wait(1 / STEPS_PER_S):
                step += 1
                file.write(b"".join(log(run.events_path, step, step)))
                if step % STEPS_PER_S == 0:
                    left_s = (48_000 - step) / STEPS_PER_S
                    beat = msgspec.structs.replace(
                        state, step=step, epoch=step // STEPS_PER_EPOCH, left_s=left_s,
                        heartbeat=time.time(), elapsed_s=step * 0.05,
                    )  # fmt: skip
                    status.write(run.status_path, beat)

    status.write(run.status_path, state)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


# What is measured


def start(home: Path, rounds: int) -> list[Measured]:
    """Process start to first full paint."""
    took = []
    for _ in range(rounds + 1):
        with app(home) as terminal:
            took.append(painted(terminal) - terminal.begun)
    # The first start reads files from the disk that the others find in memory.
    return [Measured("start to first full paint", statistics.median(took[1:]), "s", 0.7)]


def long_run(home: Path, steps: int, rounds: int) -> list[Measured]:
    """A run with many steps, from the key that opens it."""
    finished(create(Library().get("custom-ch64")), steps)
    first, whole = [], []
    for _ in range(max(rounds - 2, 1)):
        with app(home) as terminal:
            painted(terminal)
            _settled(terminal)
            terminal.press("2")
            terminal.seen(r"custom-ch64")
            _settled(terminal)
            pressed = terminal.press("enter")
            first.append(terminal.seen(r"accuracy.{0,3} by step", since=pressed) - pressed)
            whole.append(max(_complete(terminal, pressed) - pressed, first[-1]))
    begun = time.monotonic()
    command = [sys.executable, "-m", "labbench", "show", "last"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shown = time.monotonic() - begun
    what = f"a run of {steps:,} steps"
    return [
        Measured(f"{what}: first curve", statistics.median(first), "s", 1.0),
        Measured(f"{what}: all of it read", statistics.median(whole), "s"),
        Measured(f"{what}: `labbench show`", shown, "s"),
    ]


def _complete(terminal: Terminal, pressed: float) -> float:
    """When the paint came that no longer tells how much of the log was read."""
    _settled(terminal, 2.5)
    return terminal.after_last("reading the log", since=pressed)


def live_run(home: Path, seconds: float) -> list[Measured]:
    """Watching a run, and keys meanwhile."""
    run = create(Library().get("vgg"))
    with training(run), app(home) as terminal:
        painted(terminal)
        terminal.press("2")
        terminal.seen("● running")
        _settled(terminal)
        terminal.press("enter")
        terminal.seen(r"accuracy.{0,3} by step")
        time.sleep(5.0)
        process = psutil.Process(terminal.process.pid)
        used, written, begun = _cpu_s(process), terminal.written, time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begun
        share = 100 * (_cpu_s(process) - used) / took
        rate = (terminal.written - written) / took / 1000
        answers = [_answer(terminal) for _ in range(KEY_PRESSES)]
    return [
        Measured("watching 20 steps/s: processor", share, "% of a core", 10.0),
        Measured("watching 20 steps/s: on the wire", rate, "kB/s", 20.0),
        Measured("a key meanwhile, median", statistics.median(answers), "ms", 50.0),
        Measured("a key meanwhile, slowest of 20", max(answers), "ms"),
    ]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _answer(terminal: Terminal) -> float:
    """Milliseconds from the key that opens the help to the help; the help is left again."""
    time.sleep(0.37)
    pressed = terminal.press("?")
    answered = terminal.seen("Everywhere", since=pressed)
    terminal.press("escape")
    time.sleep(0.6)
    return 1000 * (answered - pressed)


def many_runs(home: Path, count: int, rounds: int) -> list[Measured]:
    """A list of many runs, from the key that opens it as soon as all is painted."""
    os.environ["LABBENCH_HOME"] = str(home)
    first = create(Library().get("custom-ch32"))
    finished(first, 50)
    for number in range(2, count + 1):
        shutil.copytree(first.path, first.path.parent / f"{number:04d}-custom-ch32")
    listed, idle = [], []
    for _ in range(max(rounds - 2, 1)):
        with app(home) as terminal:
            painted(terminal)
            pressed = terminal.press("2")
            listed.append(terminal.seen(f"{count:,} runs", since=pressed) - pressed)
            process = psutil.Process(terminal.process.pid)
            time.sleep(2.0)
            used = _cpu_s(process)
            time.sleep(5.0)
            idle.append(100 * (_cpu_s(process) - used) / 5.0)
    return [
        Measured(f"{count:,} runs listed", statistics.median(listed), "s", 1.0),
        Measured(f"{count:,} runs, nothing new: processor", statistics.median(idle),
                 "% of a core"),
    ]  # fmt: skip


def _settled(terminal: Terminal, pause_s: float = 0.7) -> None:
    """Wait until nothing was painted for so long."""
    before = -1
    while terminal.written != before:
        before = terminal.written
        time.sleep(pause_s)


if __name__ == "__main__":
    sys.exit(main())
