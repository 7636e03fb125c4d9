"""Files of a run folder to which anything happened: each reader names the file, none falls over."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from labbench import paths
from labbench.errors import LabbenchError, RunError
from labbench.presets import Preset
from labbench.runs import (
    Predictions,
    RunFolder,
    create,
    find,
    list_runs,
    notes,
    predictions,
    tickets,
    trust,
    weights,
)
from tests.unprivileged import unprivileged

DAMAGE: dict[str, bytes | Callable[[Path], None]] = {
    "empty": b"",
    "torn": b'{"state": "fin',
    "binary": bytes(range(256)),
    "no UTF-8": b'{"a": "\xe9", "preset": "\xe9", "host": "\xe9", "note": "\xe9", "file": "\xe9"}',
    "null": b"null",
    "a list": b"[]",
    "no keys": b"{}",
    "nested deep": b'{"clips": ' + b"[" * 100_000,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
}

READERS: dict[str, Callable[[RunFolder], object]] = {
    "status.json": RunFolder.status,
    "run.json": RunFolder.about,
    "events.jsonl": RunFolder.history,
    "preset.toml": RunFolder.preset,
    "notes.json": lambda run: notes.read(run.path),
    "launch.json": lambda run: tickets.read(run.path, "here"),
    "checkpoints/best.json": lambda run: weights.read(run.path),
    "predictions/test.safetensors": RunFolder.predictions,
}


def complaint(read: Callable[[], object], otherwise: str) -> str:
    """What a reader complains of; `otherwise` where it does without the file."""
    try:
        read()
    except LabbenchError as error:
        return str(error)
    return otherwise


@contextlib.contextmanager
def in_time(seconds: int = 20) -> Iterator[None]:
    """Fail instead of waiting for ever for what a pipe will never give."""

    def over(number: int, frame: object) -> None:
        pytest.fail("it hangs")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(("name", "damage"), list(itertools.product(READERS, DAMAGE)))
def test_a_damaged_file_is_named_or_done_without(tmp_path: Path, name: str, damage: str) -> None:
    run = create(Preset(), tmp_path)
    path, content = run.path / name, DAMAGE[damage]
    path.unlink(missing_ok=True)
    path.write_bytes(content) if isinstance(content, bytes) else content(path)
    with in_time():
        assert str(path) in complaint(lambda: READERS[name](run), str(path))


@pytest.mark.parametrize(
    "line", [b'{"type":"note","time":1,"text":"\xe9"}', b'{"type":"note","x":' + b"[" * 100_000]
)  # fmt: skip
def test_an_odd_line_of_the_log_is_skipped(tmp_path: Path, line: bytes) -> None:
    run = create(Preset(), tmp_path)
    run.events_path.write_bytes(line + b"\n")
    assert run.history().epochs == ()


@pytest.mark.parametrize(
    "content",
    [
        '{"host": 1}', '{"threads": "two"}', '{"clips": null}', '{"clips": {"counts": 3}}',
        '{"clips": {"folder": 7}}',
    ],
)  # fmt: skip
def test_what_a_worker_never_writes_into_run_json(tmp_path: Path, content: str) -> None:
    run = create(Preset(), tmp_path)
    (run.path / "run.json").write_text(content)
    with pytest.raises(RunError, match=r"run\.json: is damaged"):
        run.about()


def test_keys_of_another_version_in_run_json_are_kept(tmp_path: Path) -> None:
    run = create(Preset(), tmp_path)
    (run.path / "run.json").write_text('{"host": "vm", "gpu": {"watts": 300}}')
    assert run.about() == {"host": "vm", "gpu": {"watts": 300}}


SOUND = Predictions(
    split="test", epoch=1, words=("yes", "no"), clips=np.arange(3), names=("a", "b", "c"),
    actual=np.array([0, 1, 1]), logits=np.zeros((3, 2), np.float32),
)  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"logits": np.zeros(3, np.float32)},
        {"logits": np.zeros((2, 2), np.float32)},
        {"logits": np.zeros((3, 5), np.float32)},
        {"actual": np.array([0, 1, 2])},
        {"actual": np.array([0, 1, -1])},
        {"actual": np.array([0.0, 1.0, 1.0])},
        {"clips": np.arange(2)},
        {"clips": np.array([0, 1, -9])},
        {"names": ("a",)},
        {"names": (1, 2, 3)},
        {"words": ()},
        {"words": (0, 1)},
    ],
    ids=lambda wrong: "-".join(f"{key}-{np.shape(value)}" for key, value in wrong.items()),
)
def test_predictions_that_do_not_fit_together(tmp_path: Path, wrong: dict[str, object]) -> None:
    path = tmp_path / "test.safetensors"
    predictions.write(path, SOUND)
    assert predictions.read(path).names == SOUND.names
    predictions.write(path, dataclasses.replace(SOUND, **wrong))
    with pytest.raises(RunError, match="cannot be read"):
        predictions.read(path)


def test_a_runs_folder_that_is_a_file_or_cannot_be_read(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.write_text("no folder")
    with pytest.raises(RunError, match="cannot be read"):
        list_runs(root)


@pytest.mark.parametrize("name", ["events.jsonl", "console.log"])
def test_a_pipe_in_place_of_a_log_is_not_written(tmp_path: Path, name: str) -> None:
    run = create(Preset(), tmp_path)
    os.mkfifo(run.path / name)
    with in_time(), pytest.raises(OSError, match="No"):
        trust.appending(run.path / name)
    os.mkfifo(run.path / "read")
    reader = os.open(run.path / "read", os.O_RDONLY | os.O_NONBLOCK)
    with in_time(), pytest.raises(OSError, match="No plain file"):
        trust.appending(run.path / "read")
    os.close(reader)


LIST = """
from labbench.runs.reader import listing
for run, _ in listing()[0]:
    print(run.id, "good")
for run, why in listing()[1]:
    print(run.id, why)
"""


def test_runs_that_cannot_be_read_are_listed_as_such() -> None:
    good, closed, pipe, no_status = (create(Preset()) for _ in range(4))
    for run in (pipe, no_status):
        run.status_path.unlink()
    os.mkfifo(pipe.status_path)
    no_status.status_path.mkdir()
    other = paths.runs_dir() / "lost+found"
    other.mkdir(0)
    closed.path.chmod(0)
    command = unprivileged(sys.executable, "-c", LIST)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    closed.path.chmod(0o755)
    assert done.stdout.splitlines() == [
        f"{good.id} good",
        f"{closed.id} {closed.status_path}: cannot be read: Permission denied.",
        f"{pipe.id} {pipe.status_path}: cannot be read: No plain file.",
        f"{no_status.id} {no_status.status_path}: cannot be read: Is a directory.",
    ]


@pytest.mark.parametrize("name", ["~nobody_of_this_name/x", "x" * 5000, "9" * 5000, "..", "-1"])
def test_odd_names_of_runs_are_not_found(tmp_path: Path, name: str) -> None:
    create(Preset(), tmp_path)
    with pytest.raises(RunError, match="there is no run"):
        find(name, tmp_path)


def test_a_removed_run_is_no_run(tmp_path: Path) -> None:
    run = create(Preset(), tmp_path)
    shutil.rmtree(run.path)
    with pytest.raises(RunError):
        run.status()
