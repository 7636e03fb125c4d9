"""What a sweep costs beside training: seconds a cell from queue, worker start and end.

    python benchmarks/sweep.py [--cells 6] [--epochs 2] [--json]

A sweep of small nets on synthetic speech is queued in a folder of its own, one at a time, and
timed by what the runs say themselves. Of each cell: its turn (from the end of the cell before to
the start of its worker), its start (torch is loaded, clips are opened, the net is built), its
training, and its end (the rest). The overhead is all but the training.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PRESET = """
base = "demo"
[model]
convs = 5
channels = 8
[data]
name = "bench"
words = ["one", "two", "three", "four"]
[training]
device = "cpu"
epochs = {epochs}
[rows.a]
[columns.{columns}]
"""


def labbench(*words: str) -> None:
    """Run a command of labbench, silently."""
    subprocess.run(
        [sys.executable, "-m", "labbench", *words], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def prepare(cells: int, epochs: int) -> None:
    """Clips and a table of so many cells, alike but for their seeds."""
    labbench("data", "synth", "--name", "bench", "--clips", "400", "--words", "one,two,three,four")
    presets = Path(os.environ["LABBENCH_HOME"]) / "presets"
    presets.mkdir()
    columns = "\n".join(f"[columns.c{i}]\ntraining.seed = {i}" for i in range(cells))
    text = PRESET.format(epochs=epochs, columns="x").replace("[columns.x]\n", columns + "\n")
    (presets / "bench.toml").write_text(text)


def measured() -> list[dict[str, float]]:
    """Of each cell, in the order they ran: seconds of its turn, start, training and end."""
    from labbench.runs import events, log
    from labbench.runs.reader import listing

    rows, _ = listing()
    rows.sort(key=lambda row: row[1].started or 0.0)
    before = min(status.created for _, status in rows)
    found = []
    for run, status in rows:
        assert status.state == "finished", f"{run.id} is {status.state}: {status.message}"
        assert status.started is not None
        assert status.ended is not None
        begun = next(
            event.time for event in log.read_all(run.events_path)
            if isinstance(event, events.Started)
        )  # fmt: skip
        found.append({
            "turn_s": status.started - before, "start_s": begun - status.started,
            "training_s": status.elapsed_s, "end_s": status.ended - begun - status.elapsed_s,
        })  # fmt: skip
        before = status.ended
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cells", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"LABBENCH_HOME": home, "PYTHONPATH": str(ROOT)}
        prepare(asked.cells, asked.epochs)
        began = time.perf_counter()
        labbench("sweep", "bench", "--no-estimate", "--per-device", "1")
        queued_s = time.perf_counter() - began
        labbench("sweep", "bench", "--wait", "--no-estimate")
        cells = measured()
    means = {key: statistics.fmean(cell[key] for cell in cells) for key in cells[0]}
    overhead = [cell["turn_s"] + cell["start_s"] + cell["end_s"] for cell in cells]
    told: dict[str, Any] = {
        "cells": len(cells), "command_s": queued_s, **means,
        "overhead_s": statistics.fmean(overhead), "overhead_median_s": statistics.median(overhead),
        "load": os.getloadavg()[0],
    }  # fmt: skip
    if asked.json:
        print(json.dumps(told, indent=2))
        return 0
    for key, value in told.items():
        print(f"{key:>18}  {value:.3f}" if isinstance(value, float) else f"{key:>18}  {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
