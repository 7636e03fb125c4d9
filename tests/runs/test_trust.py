"""Folders that others may write: no link there is followed, and what could be exchanged is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from labbench.errors import LabbenchError
from labbench.presets import Preset
from labbench.runs import (
    EventLog,
    Predictions,
    RunFolder,
    analyses,
    control,
    create,
    notes,
    predictions,
    status,
    trust,
)
from labbench.runs.launch import of_this_process
from labbench.scheduler.placing import Place
from labbench.scheduler.spawn import spawn
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Progress
from labbench.worker.recorder import Recorder
from tests.runs.test_analyses import ANY


def saved(run: RunFolder) -> None:
    Checkpoints(run.checkpoints_path).save_last({"net.a": torch.zeros(1)}, Progress(), 0)


def predicted(run: RunFolder) -> None:
    found = Predictions(
        split="test", epoch=1, words=("yes", "no"), clips=np.arange(1), names=("a",),
        actual=np.array([0]), logits=np.zeros((1, 2), np.float32),
    )  # fmt: skip
    predictions.write(run.predictions_path("test"), found)


def recorded(run: RunFolder) -> None:
    with Recorder(run):
        pass


def spawned(run: RunFolder) -> None:
    spawn(
        run, Place("cpu"), of_this_process(), states=("queued",), command=lambda *_: ["true"]
    ).wait()


WRITERS: dict[str, Callable[[RunFolder], object]] = {
    "console.log": spawned,
    "events.jsonl": lambda run: EventLog(run.events_path),
    "control/stop": lambda run: run.ask("stop"),
    "lock": lambda run: run.writing().__enter__(),
    "control": lambda run: run.ask("stop"),
    "checkpoints": saved,
    "predictions": predicted,
}
REFUSED = "is a link or no plain file"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A runs folder that anybody may write."""
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(0o777)
    return root


@pytest.fixture
def run(shared: Path) -> RunFolder:
    made = create(Preset(), shared)
    for folder in (made.path, made.control_path):
        folder.chmod(0o777)
    return made


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """What a link leads to and nobody may touch: a folder with files of all names."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("stop", "net.safetensors", "last.json", "best.json", "lock", "events.jsonl"):
        (folder / name).write_text("mine")
    return folder


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("name", list(WRITERS))
def test_nothing_is_written_through_a_link_that_somebody_laid(
    run: RunFolder, mine: Path, name: str
) -> None:
    path, before = run.path / name, content(mine)
    if path.is_dir():
        path.rmdir()
    path.symlink_to(mine if name in ("control", "checkpoints", "predictions")
                    else mine / "stop")  # fmt: skip
    with pytest.raises(LabbenchError, match=REFUSED):
        WRITERS[name](run)
    assert content(mine) == before


@pytest.mark.parametrize("name", ["control", "checkpoints", "predictions", "lock"])
def test_nor_where_the_run_itself_became_a_link(run: RunFolder, mine: Path, name: str) -> None:
    """Its parts are real folders, of a run that lies elsewhere."""
    elsewhere = mine / run.id
    run.path.rename(elsewhere)
    run.path.symlink_to(elsewhere)
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")}
    with pytest.raises(LabbenchError):
        WRITERS[name](run)
    assert {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")} == before


def test_an_answer_is_kept_in_the_cache_where_a_link_is_in_the_way(
    run: RunFolder, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(analyses, "MOST_BYTES", 0)
    before = content(mine)
    (run.path / "analysis").symlink_to(mine)
    analyses.save(run.path, "kept-0", analyses.Analysis({"a": np.zeros(8)}, {}))
    assert content(mine) == before
    assert analyses.load(run.path, "kept-0", ANY) is not None


def test_the_reserve_replaces_a_link_instead_of_filling_what_it_leads_to(
    run: RunFolder, mine: Path
) -> None:
    (run.path / ".reserve").symlink_to(mine / "stop")
    recorded(run)
    assert content(mine)["stop"] == "mine"
    assert not (run.path / ".reserve").is_symlink()


def test_whole_files_replace_a_link(run: RunFolder, mine: Path) -> None:
    for name in ("status.json", "notes.json"):
        (run.path / name).unlink(missing_ok=True)
        (run.path / name).symlink_to(mine / "stop")
    status.write(run.status_path, status.Status(state="stopped", preset="x", created=0.0))
    notes.write(run.path, notes.Notes(note="a"))
    assert content(mine)["stop"] == "mine"
    assert (run.status().state, notes.read(run.path).note) == ("stopped", "a")


@pytest.mark.parametrize("name", ["events.jsonl", "console.log"])
@pytest.mark.parametrize("kind", ["a pipe", "a second name"])
def test_what_is_no_plain_file_of_its_own_is_not_appended_to(
    run: RunFolder, mine: Path, name: str, kind: str
) -> None:
    path = run.path / name
    if kind == "a pipe":
        os.mkfifo(path)
    else:
        os.link(mine / "stop", path)
    with pytest.raises(LabbenchError):
        WRITERS[name](run)
    assert content(mine)["stop"] == "mine"


def test_links_of_ones_own_are_followed_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    root, disk = tmp_path / "runs", tmp_path / "disk"
    disk.mkdir()
    run = create(Preset(), root)
    run.path.rename(disk / run.id)
    run.path.symlink_to(disk / run.id)
    run.ask("stop")
    predicted(run)
    saved(run)
    assert control.pending(run.control_path) == "stop"
    assert (disk / run.id / "checkpoints" / "last.json").is_file()


@pytest.mark.parametrize(
    ("mode", "safe"),
    [(0o700, True), (0o755, True), (0o775, False), (0o757, False), (0o1777, False)],
    ids=oct,
)
def test_a_folder_that_others_may_write_is_told(tmp_path: Path, mode: int, safe: bool) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs to give a folder to a group that is not ours alone")
    folder = tmp_path / "folder"
    folder.mkdir()
    os.chown(folder, 0, 12345)
    folder.chmod(mode)
    assert (trust.trouble(folder) == "") is safe
    below = folder / "below"
    below.mkdir()
    # Whoever may write in a sticky folder cannot exchange what is not his.
    assert (trust.trouble(below) == "") is (safe or mode == 0o1777)


def test_a_folder_or_link_of_somebody_else_is_told(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs to give files away")
    theirs, real = tmp_path / "theirs", tmp_path / "real"
    theirs.mkdir()
    (theirs / "mine").mkdir()
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "into-theirs").symlink_to(theirs / "mine")
    assert trust.trouble(tmp_path / "link") == ""
    os.chown(theirs, 12345, 12345)
    for path in (theirs / "mine", tmp_path / "into-theirs"):
        assert trust.trouble(path) == f"{theirs} belongs to somebody else"
    os.chown(tmp_path / "link", 12345, 12345, follow_symlinks=False)
    assert trust.trouble(tmp_path / "link") == f"{tmp_path / 'link'} belongs to somebody else"
