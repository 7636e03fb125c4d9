"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labbench.errors import DiskFullError, RunError
from labbench.runs.files import replace_by, write_atomic

KILLED = """
import os, signal, sys
from pathlib import Path
from labbench.runs import files

def fill(temporary):
    with temporary.open("wb") as file:
        file.write(b"half of the new")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

files.replace_by(Path(sys.argv[1]), fill)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.mark.parametrize("durable", [True, False])
def test_writes_and_replaces(folder: Path, durable: bool) -> None:
    path = folder / "status.json"
    for content in (b"first", b"", b"second" * 10_000):
        write_atomic(path, content, durable=durable)
        assert path.read_bytes() == content
    assert names(folder) == ["status.json"]


def test_durable_waits_for_the_disk_before_it_moves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls = folder / "x", []
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append(path.exists()))
    write_atomic(path, b"x", durable=False)
    assert calls == []
    path.unlink()
    write_atomic(path, b"x")
    assert calls == [False]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("x"), SystemExit(3)])
def test_an_interruption_leaves_the_old_file_and_nothing_else(
    folder: Path, error: BaseException
) -> None:
    path = folder / "x"
    path.write_bytes(b"old")

    def fill(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        assert path.read_bytes() == b"old"
        raise error

    with pytest.raises(type(error)) as caught:
        replace_by(path, fill)
    assert caught.value is error
    assert path.read_bytes() == b"old"
    assert names(folder) == ["x"]


def test_a_kill_leaves_the_old_file(folder: Path) -> None:
    path = folder / "x"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your quota on this disk is used up"),
        (errno.EFBIG, "may not grow any further here"),
    ],
)
def test_a_full_disk_while_flushing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, why: str
) -> None:
    path = folder / "x"
    path.write_bytes(b"old")

    def full(fd: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match=why) as caught:
        write_atomic(path, b"new")
    assert caught.value.where == str(path)
    assert "resume" not in caught.value.hint, "there may be no run"
    assert "another place" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert names(folder) == ["x"]


def test_a_file_that_is_really_too_large(folder: Path) -> None:
    path = folder / "x"
    write_atomic(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(DiskFullError, match="ulimit -f"):
            write_atomic(path, b"n" * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert names(folder) == ["x"]


def test_a_disk_that_is_really_full(tiny_disk: Path) -> None:
    path = tiny_disk / "x"
    write_atomic(path, b"old")
    with pytest.raises(RunError, match="the disk is full"):
        write_atomic(path, b"n" * 200_000)
    assert path.read_bytes() == b"old"
    assert names(tiny_disk) == ["x"]
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"


def test_other_failures_say_why(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written: No such file") as caught:
        write_atomic(tmp_path / "absent" / "x", b"")
    assert caught.value.where == str(tmp_path / "absent" / "x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "y").touch()
    with pytest.raises(RunError, match="cannot be written"):
        write_atomic(tmp_path / "full", b"")
