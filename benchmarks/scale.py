"""What many runs, long runs, many clips and long watching cost.

    python -m benchmarks.scale [--runs 10000] [--steps 10000000] [--clips 200000] [--watched 72000]

What is measured, each beside its budget:
    runs        `labbench runs`, its JSON, `show last`, and the app's list, of many runs
    steps       summary and curves of a run of many steps, in time and in memory
    clips       `data add` of many small files, looks at what it made, and a run on it
    watching    memory of `labbench watch` and the app while the events of an hour come, sped up
Times are the least of some rounds: other work on the machine only adds to them. Memory is what a
process had at most beyond one that prints its version. 0 leaves a part out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import psutil

from benchmarks.tui import Measured, app, finished, log, painted
from labbench.paths import runs_dir
from labbench.presets import Library
from labbench.runs import RunFolder, create, status

ROUNDS = 5
FEW_CLIPS = 2000
WORDS = 16
LOOK_EVERY_S = 0.05
IDLE_S = 5.0


def main() -> int:
    """Measure all; 1 if a budget is missed."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="labbench-scale-"))
    found: list[Measured] = []
    try:
        for part in (many_runs, many_steps, many_clips, long_watch):
            count = getattr(options, part.__name__)
            place = home / part.__name__
            os.environ["LABBENCH_HOME"] = str(place)
            found += part(place, count) if count else []
            shutil.rmtree(place, ignore_errors=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| what | measured | budget |\n|---|---|---|")
    print("\n".join(one.row() for one in found))
    return 0 if all(one.within for one in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", dest="many_runs", type=int, default=10_000)
    parser.add_argument("--steps", dest="many_steps", type=int, default=10_000_000)
    parser.add_argument("--clips", dest="many_clips", type=int, default=200_000)
    parser.add_argument("--watched", dest="long_watch", type=int, default=72_000)
    return parser.parse_args()


class Cost:
    """What one command took, in seconds and at most in megabytes: its own, and all it had."""

    def __init__(self, *command: str, fails: bool = False) -> None:
        begun, self.megabytes, self.resident = time.monotonic(), 0.0, 0.0
        process = psutil.Popen(
            [sys.executable, "-m", "labbench", *command], stdout=subprocess.DEVNULL
        )
        while process.poll() is None:
            self.megabytes = max(self.megabytes, _own(process))
            with contextlib.suppress(psutil.Error):
                self.resident = max(self.resident, process.memory_info().rss / 2**20)
            time.sleep(0.01)
        self.seconds = time.monotonic() - begun
        if process.returncode and not fails:
            raise RuntimeError(f"labbench {' '.join(command)}: exit code {process.returncode}")


def _own(process: psutil.Process) -> float:
    """Megabytes of a process that are not those of a file: what is mapped goes when it must."""
    with contextlib.suppress(psutil.Error):
        used = process.memory_info()
        return (used.rss - getattr(used, "shared", 0)) / 2**20
    return 0.0


def least(*command: str) -> Cost:
    """The quickest of some rounds."""
    return min((Cost(*command) for _ in range(ROUNDS)), key=lambda cost: cost.seconds)


def many_runs(home: Path, count: int) -> list[Measured]:
    """Runs that have ended, of as many cells and accuracies as there are."""
    first = create(Library().get("custom-ch32"))
    finished(first, 50)
    told = first.status()
    for number in range(2, count + 1):
        run = RunFolder(first.path.parent / f"{number:04d}-custom-ch32")
        shutil.copytree(first.path, run.path)
        figures = {"test_accuracy": 0.9 + number / count / 20, "created": told.created + number}
        status.write(run.status_path, msgspec.structs.replace(told, published=0.93, **figures))
    start, cold = least("--version").seconds, Cost("runs").seconds
    warm, as_json = least("runs").seconds, least("runs", "--json").seconds
    what = f"{count:,} runs"
    listed, idle = _in_app(home, count)
    return [
        Measured(f"{what}: `labbench runs`, the first time", cold, "s", 2.0),
        Measured(f"{what}: `labbench runs`", warm, "s", 1.0),
        Measured(f"{what}: the same, in starts of labbench", warm / start, "x"),
        Measured(f"{what}: `labbench runs --json`", as_json, "s", 2.0),
        Measured(f"{what}: `labbench show last`", least("show", "last").seconds, "s"),
        Measured(f"{what}: listed in the app, from the key", listed, "s", 1.0),
        Measured(f"{what}: the app, nothing new: processor", idle, "% of a core", 10.0),
    ]


def _in_app(home: Path, count: int) -> tuple[float, float]:
    """Seconds to the list, and the share of a core that the app takes while nothing happens."""
    listed, idle = [], []
    for _ in range(ROUNDS):
        with app(home) as terminal:
            painted(terminal)
            pressed = terminal.press("2")
            listed.append(terminal.seen(f"{count:,} runs", since=pressed) - pressed)
            process = psutil.Process(terminal.process.pid)
            time.sleep(2.0)
            before = sum(process.cpu_times()[:2])
            time.sleep(IDLE_S)
            idle.append(100 * (sum(process.cpu_times()[:2]) - before) / IDLE_S)
    return min(listed), min(idle)


def many_steps(home: Path, count: int) -> list[Measured]:
    """One run of many steps."""
    base = Cost("--version").megabytes
    finished(create(Library().get("custom-ch64")), 1000)
    few = Cost("show", "last", "curves").megabytes
    finished(create(Library().get("custom-ch64")), count)
    summary, curves = Cost("show", "last"), Cost("show", "last", "curves")
    what = f"a run of {count:,} steps"
    return [
        Measured(f"{what}: `labbench show`", summary.seconds, "s", 2.0),
        Measured(f"{what}: its memory", summary.megabytes - base, "MB"),
        Measured(f"{what}: `labbench show curves`", curves.seconds, "s"),
        Measured(
            f"{what}: its memory beyond that of 1,000 steps", curves.megabytes - few, "MB", 64
        ),
    ]


def many_clips(home: Path, count: int) -> list[Measured]:
    """A folder of small files, added, checked, listed and trained on."""
    few = _sounds(home / "few", FEW_CLIPS)
    added_few = Cost("data", "add", "some", str(few))
    added = Cost("data", "add", "many", str(_sounds(home / "sounds", count)))
    shutil.rmtree(home / "sounds")
    checked = Cost("data", "check", "many", fails=True)
    shown, listed, clips = (
        least("data", *arguments) for arguments in (("show", "many"), ("list",), ("clips", "many"))
    )
    what = f"{count:,} small files"
    on_screen, first_step = _set_in_app(home), _first_step()
    return [
        Measured(f"{what}: `labbench data add`", added.seconds, "s", 900),
        Measured(f"{what}: the same, files a second", count / added.seconds, "/s"),
        Measured(
            f"{what}: its memory at most beyond that of {FEW_CLIPS:,}, mapped files too",
            added.resident - added_few.resident, "MB", 64,
        ),
        Measured(f"{what}: `labbench data check`", checked.seconds, "s"),
        Measured(f"{what}: `labbench data show`", shown.seconds, "s", 2),
        Measured(f"{what}: `labbench data list`", listed.seconds, "s", 2),
        Measured(f"{what}: `labbench data clips`", clips.seconds, "s", 2),
        Measured(f"{what}: the set in the app, from the key", on_screen[0], "s", 1),
        Measured(f"{what}: its clips in the app, from the key", on_screen[1], "s", 1),
        Measured(f"{what}: `labbench run`, to the first step", first_step, "s", 10),
    ]  # fmt: skip


def _sounds(folder: Path, count: int) -> Path:
    """Different sounds of 0.1 to 0.4 s, with a spectrum like that of speech, of 16 words."""
    rng = np.random.default_rng(1)
    noise = np.convolve(rng.standard_normal(1 << 20), np.exp(-np.arange(24) / 6), "same")
    noise *= 2500 / noise.std()
    for word in range(WORDS):
        (folder / f"word{word:02d}").mkdir(parents=True)
    for number in range(count):
        length = int(rng.integers(1600, 6400))
        first, second = rng.integers(0, len(noise) - length, 2)
        sound = noise[first : first + length] + noise[second : second + length]
        sound *= np.sin(np.linspace(0, np.pi, length))
        path = folder / f"word{number % WORDS:02d}" / f"speaker{number % 997}_nohash_{number}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(sound.astype("<i2").tobytes())
    return folder


def _set_in_app(home: Path) -> tuple[float, float]:
    """Seconds until the data set is told of, and until its clips are listed."""
    told, listed = [], []
    for _ in range(ROUNDS):
        with app(home) as terminal:
            painted(terminal)
            pressed = terminal.press("5")
            told.append(terminal.seen("fingerprint", since=pressed) - pressed)
            pressed = terminal.press("enter")
            listed.append(terminal.seen("word00/speaker", since=pressed) - pressed)
    return min(told), min(listed)


def _first_step() -> float:
    """Seconds from the command to the first step of a run on the many clips."""
    words = ",".join(f"word{word:02d}" for word in range(WORDS))
    command = [sys.executable, "-m", "labbench", "run", "custom-ch32", "--data", "many",
               "--set", f"data.words={words}", "--quiet"]  # fmt: skip
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            for log in runs_dir().glob("*/events.jsonl"):
                if b'"step"' in log.read_bytes():
                    return time.monotonic() - begun
            time.sleep(0.01)
    finally:
        subprocess.run([sys.executable, "-m", "labbench", "stop", "last", "--now"], check=False)
        process.wait()
    raise RuntimeError("the run ended before its first step")


def long_watch(home: Path, count: int) -> list[Measured]:
    """So many steps come while a run is watched on the command line and in the app."""
    run = create(Library().get("vgg"))
    finished(run, 4000)
    live = msgspec.structs.replace(
        run.status(), state="running", ended=None, test_accuracy=None, epochs=1000,
        writer=status.this_process(), heartbeat=time.time(),
    )  # fmt: skip
    status.write(run.status_path, live)
    command = [sys.executable, "-m", "labbench", "watch", "1"]
    watch = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with app(home) as terminal:
        painted(terminal)
        terminal.press("2")
        terminal.seen("● running")
        terminal.press("enter")
        terminal.seen(r"accuracy.{0,3} by step")
        grown = {"watch": _grown(watch.pid), "app": _grown(terminal.process.pid)}
        first = {name: next(one) for name, one in grown.items()}
        writer = threading.Thread(target=_write, args=(run, count))
        writer.start()
        writer.join()
        time.sleep(IDLE_S)
        last = {name: next(one) for name, one in grown.items()}
    watch.terminate()
    watch.wait()
    what = f"{count:,} steps while it is watched"
    return [
        Measured(
            f"{what}: `labbench watch`, memory more", last["watch"] - first["watch"], "MB", 16
        ),
        Measured(f"{what}: the app, memory more", last["app"] - first["app"], "MB", 64),
    ]


def _grown(pid: int) -> Iterator[float]:
    """Megabytes of a process, each time the median of some looks."""
    process = psutil.Process(pid)
    while True:
        looks = []
        for _ in range(20):
            looks.append(_own(process))
            time.sleep(LOOK_EVERY_S)
        yield statistics.median(looks)


def _write(run: RunFolder, count: int) -> None:
    """The steps after the first 4,000, a hundred at a time, sixty times as fast as they are."""
    with run.events_path.open("ab", buffering=0) as file:
        for step in range(4001, 4001 + count, 100):
            file.write(b"".join(log(run.events_path, step, step + 99)))
            time.sleep(100 / 20 / 60)


if __name__ == "__main__":
    sys.exit(main())
