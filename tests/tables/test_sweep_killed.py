"""A real sweep, its dispatcher and a worker killed: gone on with, no cell is lost or run twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import tomli_w

from labbench import paths
from labbench.presets import Library, to_tree
from labbench.runs import RunFolder, identity, list_runs
from labbench.runs.reader import listing
from labbench.tables.grid import Axis, keep, table_of
from labbench.tables.layout import TableLayout
from labbench.tables.progress import Cells
from tests import tiny
from tests.scheduler.queueing import cleaned_up, environment, starts, until

SWEEP = ("sweep", "tiny", "--seeds", "2", "--per-device", "2", "--no-estimate")


@pytest.fixture(autouse=True)
def table(labbench_home: Path) -> Iterator[None]:
    """A table of 2 x 2 cells of a small net on the tones."""
    tiny.make_clips()
    tree = to_tree(tiny.preset(epochs=3, checkpoint_every_s=0.0))
    del tree["name"]
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    (folder / "small.toml").write_text(tomli_w.dumps(tree))
    axes = (Axis("model.activation", ("relu", "tanh")), Axis("model.dropout", ("0", "0.5")))
    keep("tiny", table_of(Library(), "small", axes))
    with cleaned_up():
        yield


def labbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labbench", *arguments],
        capture_output=True, text=True, timeout=240, env=environment(),
    )  # fmt: skip


def dispatchers() -> list[psutil.Process]:
    """The dispatchers of this test's runs folder."""
    root, found = str(paths.runs_dir()), []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "labbench.scheduler.dispatch" in line and root in line:
            found.append(process)
    return found


def training(runs: list[RunFolder]) -> list[RunFolder]:
    return [run for run in runs if run.status().state == "running" and run.status().step > 1]


def kill_a_worker(runs: list[RunFolder]) -> RunFolder:
    """Kill a worker that trains; one that came to its end first is followed by another."""
    while True:
        until(lambda: training(runs), within_s=120)
        for run in training(runs):
            writer = run.status().writer
            assert writer is not None
            with contextlib.suppress(ProcessLookupError):
                os.kill(writer.pid, signal.SIGKILL)
            until(lambda run=run: run.status().state in ("lost", "finished"))  # type: ignore[misc]
            if run.status().state == "lost":
                return run


def test_no_cell_is_lost_or_run_twice() -> None:
    begun = labbench(*SWEEP)
    assert begun.returncode == 0, begun.stderr
    runs = list_runs()
    assert begun.stdout.split() == [run.id for run in runs]
    assert len(runs) == 8
    killed = kill_a_worker(runs)
    for process in dispatchers():
        process.kill()
        process.wait(10)
    again = labbench(*SWEEP, "--wait")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0].startswith("tiny  small by model.activation")
    assert "1 to queue (1 gone on with)" in again.stderr
    assert "8 of 8 finished" in again.stderr
    assert [run.id for run in list_runs()] == [run.id for run in runs]
    assert {run.status().state for run in runs} == {"finished"}
    assert len({identity(run, run.status()) for run in runs}) == 8
    assert {run.id: run.status().attempt for run in runs if run.status().attempt != 1} == {
        killed.id: 2
    }
    assert [len(starts(run)) for run in runs if run.id != killed.id] == [1] * 7
    # Killed after a checkpoint it goes on from there: its log begins with the first attempt.
    assert starts(killed)[-1].attempt == 2
    progress = Cells(listing()[0]).progress(TableLayout.of(Library(), "tiny"))
    assert [len(cell.accuracies) for cell in progress] == [2, 2, 2, 2]
    assert labbench(*SWEEP).stdout == "", "nothing is missing any more"
