"""The queue as the folders tell it."""

from __future__ import annotations

import msgspec
import pytest

from labbench import paths
from labbench.runs import RunFolder, Status, queue, status
from labbench.runs.reader import RunsReader
from labbench.runs.status import Waiting
from tests.scheduler.queueing import queued


def row(
    name: str, since: float, host: str = "here", state: str = "queued"
) -> tuple[RunFolder, Status]:
    waiting = Waiting(since=since, host=host)
    one = Status(state=state, preset="x", created=0.0, waiting=waiting)  # type: ignore[arg-type]
    return RunFolder(paths.runs_dir() / name), one


def test_who_came_first_is_first_and_of_two_at_once_the_lower_number() -> None:
    rows = [row("0003-x", 5.0), row("0010-x", 1.0), row("0002-x", 5.0), row("0001-x", 9.0)]
    assert [run.id for run, _ in queue.waiting(rows, "here")] == [
        "0010-x", "0002-x", "0003-x", "0001-x",
    ]  # fmt: skip
    assert queue.places(rows) == {"0010-x": 1, "0002-x": 2, "0003-x": 3, "0001-x": 4}


def test_every_host_has_its_own_queue() -> None:
    rows = [row("0001-x", 1.0), row("0002-x", 2.0, "gpu02"), row("0003-x", 3.0)]
    assert queue.places(rows) == {"0001-x": 1, "0002-x": 1, "0003-x": 2}


def test_only_what_waits_has_a_place() -> None:
    made_to_be_started_at_once = row("0002-x", 0.0)
    bare = msgspec.structs.replace(made_to_be_started_at_once[1], waiting=None)
    rows = [row("0001-x", 1.0, state="stopped"), (made_to_be_started_at_once[0], bare)]
    assert queue.places(rows) == {}
    assert queue.waiting(rows, "here") == []


def test_a_survey_sees_every_change_and_reads_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = [queued() for _ in range(5)]
    survey = RunsReader(paths.runs_dir())
    assert [run for run, _ in survey.read()] == runs
    read: list[object] = []
    really = status.read
    monkeypatch.setattr(status, "read", lambda path: read.append(path) or really(path))
    status.write(runs[2].status_path, msgspec.structs.replace(runs[2].status(), state="stopped"))
    read.clear()
    assert [one.state for _, one in survey.read()] == ["queued"] * 2 + ["stopped"] + ["queued"] * 2
    assert read == [runs[2].status_path]
    runs[0].status_path.write_bytes(b"{")
    runs[1].remove()
    assert [run for run, _ in survey.read()] == runs[2:]
