"""All runs of a folder, read again only where a status was replaced."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from labbench import paths
from labbench.runs import RunFolder, status
from labbench.runs.poller import RunsPoller
from labbench.runs.reader import RunsReader, listing
from tests.recorded import record

pytestmark = pytest.mark.usefixtures("labbench_home")


def damaged() -> RunFolder:
    """A run whose status is no status."""
    run = record()
    run.status_path.write_text("{")
    return run


def dangling() -> RunFolder:
    """A run whose status is a link to nowhere."""
    run = record()
    run.status_path.unlink()
    run.status_path.symlink_to("nowhere")
    return run


def test_lists_and_screens_tell_of_the_same_runs() -> None:
    good, bad = [record(), record()], [damaged(), dangling()]
    (paths.runs_dir() / "notes").mkdir()
    (paths.runs_dir() / "a file").write_text("")
    rows, unreadable = listing()
    assert [run for run, _ in rows] == good
    assert [run for run, _ in unreadable] == bad
    entries = RunsPoller(paths.runs_dir(), lambda: 0.0).poll().entries
    assert [one.run for one in entries] == [*good, *bad]
    assert [one.status.message for one in entries[2:]] == [why for _, why in unreadable]


def test_what_did_not_change_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, reader, read = [record() for _ in range(3)], RunsReader(), []
    original = status.read

    def counted(path: Path) -> status.Status:
        read.append(path.parent.name)
        return original(path)

    monkeypatch.setattr(status, "read", counted)
    assert len(reader.read()) == 3
    assert reader.read() == reader.read()
    assert read == [run.id for run in runs]
    status.write(runs[1].status_path, msgspec.structs.replace(runs[1].written(), epoch=1))
    read.clear()
    assert [one.epoch for _, one in reader.read()][1] == 1
    assert read == [runs[1].id]


def test_one_that_is_gone_is_forgotten_and_one_of_its_name_is_read() -> None:
    run, reader = record(), RunsReader()
    assert [one for one, _ in reader.read()] == [run]
    run.remove()
    assert reader.read() == []
    again = record()
    assert [one for one, _ in reader.read()] == [again]
    assert reader.unreadable == []


def test_a_folder_that_is_not_there_has_no_runs(tmp_path: Path) -> None:
    assert RunsReader(tmp_path / "none").read() == []
