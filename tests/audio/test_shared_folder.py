"""A folder of data sets that others may write: nothing of ours is written through what they lay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labbench import paths
from labbench.audio import jobs, maker
from labbench.audio.clips import open_clips
from labbench.audio.fetch import fetch
from labbench.audio.jobs import Add
from labbench.audio.store import Writer
from labbench.errors import DataError
from tests.audio.folders import folder
from tests.audio.test_fetch import CONTENT, Server, no_wait


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """What a link leads to and nobody may touch."""
    path = tmp_path / "mine"
    path.write_text("mine")
    for shared in (paths.clips_dir(), jobs.jobs_dir(), jobs.archive_path().parent):
        shared.mkdir(parents=True, exist_ok=True)
        shared.chmod(0o777)
    return path


def test_the_log_of_a_maker_replaces_a_link(tmp_path: Path, mine: Path) -> None:
    jobs.path_of("said", "log").symlink_to(mine)
    order = Add(name="said", path=str(folder(tmp_path / "in")))
    assert maker.start(order).wait(60) == 0
    assert mine.read_text() == "mine"
    assert len(open_clips("said").names) > 0


def test_a_maker_makes_what_was_ordered_whatever_the_jobs_file_says(
    tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, secret = folder(tmp_path / "in"), folder(tmp_path / "secret")
    write = jobs.write

    def and_then_somebody_changes_it(job: jobs.Job) -> None:
        write(job)
        tree = json.loads(jobs.path_of("said").read_bytes())
        tree["order"]["path"] = str(secret)
        jobs.path_of("said").write_text(json.dumps(tree))

    monkeypatch.setattr(jobs, "write", and_then_somebody_changes_it)
    assert maker.start(Add(name="said", path=str(asked))).wait(60) == 0
    assert open_clips("said").meta.source == str(asked)


def test_a_request_to_cancel_goes_through_no_link(mine: Path) -> None:
    job: Any = maker._new(Add(name="said", path="/"))
    jobs.write(msgspec.structs.replace(job, state="working"))
    jobs.path_of("said", "cancel").symlink_to(mine.with_name("new"))
    with pytest.raises(DataError):
        jobs.cancel("said")
    assert not mine.with_name("new").exists()


def test_arrays_replace_links(mine: Path) -> None:
    half = paths.clips_dir() / ".said.making-0"
    half.mkdir()
    half.chmod(0o777)
    (half / "clips.npy").symlink_to(mine)
    Writer("said", half).close()
    assert mine.read_text() == "mine"
    assert not (half / "clips.npy").is_symlink()


@pytest.mark.parametrize("begun", ["", "of another file", "of this file"])
def test_a_download_goes_through_no_link(server: Server, mine: Path, begun: str) -> None:
    """A link where half a download would lie is replaced; one to be gone on with, refused."""
    archive = jobs.archive_path()
    part = archive.with_name(f"{archive.name}.part")
    marker = part.with_name(f"{part.name}.etag")
    if begun == "of this file":
        marker.write_text(f"{server.etag}\n{len(CONTENT)}")
    elif not begun:
        mine.write_bytes(b"")
        marker.symlink_to(mine)
    before = mine.read_bytes()
    part.symlink_to(mine)
    if begun == "of this file":
        with pytest.raises(DataError, match="cannot be written"):
            fetch(server.remote, archive, wait=no_wait)
    else:
        assert fetch(server.remote, archive, wait=no_wait).read_bytes() == CONTENT
    assert mine.read_bytes() == before
