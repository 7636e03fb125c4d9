"""Failures of torch and of the system, in words with the way out."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
import torch

from labbench.errors import RunError, TrainingError
from labbench.runs import create, events, launch
from labbench.worker import recorder
from labbench.worker.child import explained, work
from tests import tiny


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 61.00 GiB."),
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 GB"),
    ],
)
def test_out_of_memory_names_the_batch_and_a_smaller_one(error: Exception) -> None:
    run = create(tiny.preset(batch=64))
    told = explained(error, run)
    assert isinstance(told, TrainingError)
    assert "out of memory" in told.what
    assert "--set training.batch=32 (it is 64)" in told.hint


def test_a_real_allocation_that_cannot_be_met() -> None:
    run = create(tiny.preset())
    with pytest.raises(RuntimeError) as failure:
        torch.empty(1 << 55)
    assert "out of memory" in explained(failure.value, run).what


WORK = """
import sys, time
from pathlib import Path
from labbench.runs import RunFolder, events
from labbench.worker.child import work
ended = events.Ended(time=time.time(), state="stopped", epoch=0, step=0)
sys.exit(work(RunFolder(Path(sys.argv[1])), train=lambda *_: ended))
"""
LEFT = (
    ".status.json.0123abcd.tmp", "checkpoints/.last-00000007.safetensors.0123abcd.tmp",
    "checkpoints/.tmpDKcxS9", "predictions/.test.safetensors.0123abcd.tmp",
)  # fmt: skip
SHARED = ("analysis/.maps-1.safetensors.0123abcd.tmp", ".notes.json.0123abcd.tmp")


def test_no_room_for_last_words_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, labbench_home: object
) -> None:
    def full(path: Path, within: Path | None = None) -> BinaryIO:
        path.write_bytes(b"\0" * 100)
        raise OSError(errno.ENOSPC, "No space left on device")

    def train(*_: object) -> events.Ended:
        raise AssertionError("it is not to begin")

    run = create(tiny.preset())
    monkeypatch.setattr(recorder, "made", full)
    assert work(run, train=train) == RunError.exit_code
    now = run.status()
    assert now.state == "failed"
    assert "the disk is full" in now.message
    assert "then resume the run" in now.hint
    assert not (run.path / recorder.RESERVE).exists()


def test_temporary_files_of_a_killed_worker_are_swept_by_the_next(tmp_path: Path) -> None:
    run = create(tiny.preset())
    (run.path / "analysis").mkdir()
    (tmp_path / "elsewhere").mkdir()
    others = tmp_path / "elsewhere" / ".x.json.0123abcd.tmp"
    for path in (*(run.path / name for name in (*LEFT, *SHARED)), others):
        path.touch()
    command = [sys.executable, "-c", WORK, str(run.path)]
    with run.writing():
        assert subprocess.run(command, capture_output=True).returncode != 0
    assert all((run.path / name).exists() for name in LEFT), "their writer lives"
    assert subprocess.run(command).returncode == 130
    assert not any((run.path / name).exists() for name in LEFT)
    assert all((run.path / name).exists() for name in SHARED), "an analyst and a screen live"
    for name in SHARED:
        os.utime(run.path / name, (1.0, 1.0))
    (run.path / "predictions").rmdir()
    (run.path / "predictions").symlink_to(others.parent)
    assert subprocess.run(command).returncode == 130
    assert not any((run.path / name).exists() for name in SHARED)
    assert others.exists(), "no link is followed"


MADE = """
import os, sys, pathlib
import numpy as np, torch
from labbench import paths
from labbench.runs import EventLog, analyses, status
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Best, Progress
from tests import tiny
from tests.opened import opened
for mask in (0o002, 0o022, 0o077):
    os.umask(mask)
    os.environ["LABBENCH_HOME"] = home = f"{sys.argv[1]}/{mask}"
    run = opened()
    EventLog(run.events_path).close()
    analyses.save(run.path, "a", analyses.Analysis({"a": np.zeros(2)}, {}))
    for path in pathlib.Path(home).rglob("*"):
        folder = path.is_dir()
        if oct(path.stat().st_mode & 0o777) != oct((0o777 if folder else 0o666) & ~mask):
            print(path, oct(path.stat().st_mode))
    print(*sorted({path.suffix for path in pathlib.Path(home).rglob("*") if path.is_file()}))
"""


def test_what_a_run_and_a_data_set_are_made_of_follows_the_umask(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MADE, str(tmp_path)]
    environment = launch.of_this_process().whole_environment(os.environ)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    kinds = done.stdout.splitlines()
    assert len(kinds) == 3, kinds
    assert all({".json", ".jsonl", ".npy", ".safetensors"} <= set(kind.split()) for kind in kinds)


def test_a_full_disk_and_other_trouble() -> None:
    run = create(tiny.preset())
    full = explained(OSError(errno.ENOSPC, "No space left on device"), run)
    assert isinstance(full, RunError)
    assert "disk is full" in full.what
    assert isinstance(explained(PermissionError(errno.EACCES, "denied"), run), RunError)
    other = explained(ValueError("what"), run)
    assert other.what == "ValueError: what"
    assert "console.log" in other.hint
