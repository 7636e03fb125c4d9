"""Tickets: whose they are, where they lie, and that nothing else has a run started."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import time
from pathlib import Path

import msgspec
import pytest

from labbench import paths
from labbench.cli.app import run_app
from labbench.errors import PresetError, RunError
from labbench.presets import Preset
from labbench.runs import RunFolder, create, machine, private, queue, status, tickets
from labbench.runs.reader import RunsReader
from labbench.runs.status import Waiting
from labbench.scheduler import dispatch

HERE = machine.host()


def queued(root: Path | None = None, host: str = HERE) -> RunFolder:
    return create(Preset(), root, waiting=Waiting(since=1.0, host=host))


def rows(root: Path | None = None) -> queue.Rows:
    return RunsReader(root or paths.runs_dir()).read()


def ids(found: queue.Rows) -> list[str]:
    return [run.id for run, _ in found]


def files() -> list[Path]:
    return [path for path in private.root().rglob("*") if path.is_file()]


def test_a_queued_run_has_a_ticket_that_nobody_else_may_read_or_write(
    labbench_home: Path,
) -> None:
    labbench_home.mkdir()
    before = os.umask(0)
    try:
        run = queued()
    finally:
        os.umask(before)
    (path,) = files()
    assert labbench_home in path.parents
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["run"] == str(run.path)
    found = tickets.read(run.path, HERE)
    assert found is not None
    assert found.launch.python
    whole = (run.path / "preset.toml").read_bytes()
    assert found.launch.preset == hashlib.sha256(whole).hexdigest()
    assert run.preset(found.launch.preset) == run.preset()
    (run.path / "preset.toml").write_bytes(whole + b"\n")
    with pytest.raises(PresetError, match="was changed since the run was queued"):
        run.preset(found.launch.preset)
    assert ids(queue.ours(rows())) == [run.id]


def test_a_run_of_which_there_is_no_ticket_is_not_ours_and_says_so() -> None:
    run, other = queued(), queued(host="elsewhere")
    tickets.drop(run.path, HERE)
    (run.path / "launch.json").write_text("{}")
    assert (queue.ours(rows()), ids(queue.unclaimed(rows()))) == ([], [run.id])
    told = {one.id: found for one, found in queue.explained(rows())}
    assert f"labbench run --resume {run.number}" in told[run.id].hint
    assert told[other.id].hint == ""


def test_hosts_that_share_a_home_may_have_runs_of_one_path() -> None:
    run = queued()
    tickets.issue(run.path, "other", arguments="theirs")
    ours, theirs = tickets.read(run.path, HERE), tickets.read(run.path, "other")
    assert ours is not None
    assert theirs is not None
    assert (ours.arguments, theirs.arguments) == ("", "theirs")
    tickets.drop(run.path, "other")
    assert tickets.read(run.path, HERE) == ours


def test_a_ticket_of_another_run_is_not_taken() -> None:
    run, other = queued(), queued()
    (path,) = [one for one in files() if str(other.path) in one.read_text()]
    (mine,) = [one for one in files() if str(run.path) in one.read_text()]
    shutil.copy(path, mine)
    assert tickets.read(run.path, HERE) is None


@pytest.mark.parametrize("how", ["a link", "the group's", "a second name", "somebody else's"])
def test_a_ticket_that_is_not_ours_alone_is_not_taken(tmp_path: Path, how: str) -> None:
    run = queued()
    (path,) = files()
    if how == "a link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif how == "the group's":
        path.chmod(0o666)
    elif how == "a second name":
        os.link(path, tmp_path / "other")
    elif os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    else:
        pytest.skip("needs to give a file away")
    assert tickets.read(run.path, HERE) is None


def test_where_others_may_write_the_private_folder_it_is_refused_in_words(
    labbench_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queued()
    (private.root() / "tickets").chmod(0o777)
    assert tickets.held() == frozenset()
    assert ids(queue.unclaimed(rows())) == [run.id]
    with pytest.raises(RunError, match=r"tickets may be written by others.*chmod go-w"):
        queued()
    assert [one.id for one, _ in rows()] == [run.id], "and there is no run of it"
    monkeypatch.setenv("LABBENCH_STATE", str(tmp_path / "state"))
    assert ids(queue.ours([(queued(), found) for _, found in rows()])) == ["0003-run"]


def test_a_home_that_others_share_is_no_private_place(
    labbench_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    assert private.root() == labbench_home / "state"
    labbench_home.mkdir()
    assert private.root() == labbench_home / "state"
    labbench_home.chmod(0o777)
    assert private.root() == tmp_path / "own" / "labbench"
    run = queued()
    assert str(run.path) in next(iter(files())).read_text()


def test_an_older_labbenchs_launch_counts_only_where_nobody_else_may_write() -> None:
    run = queued()
    tickets.drop(run.path, HERE)
    old = {"python": "/opt/python", "folder": "/", "environment": {}}
    (run.path / "launch.json").write_text(json.dumps(old))
    found = tickets.read(run.path, HERE)
    assert found is not None
    assert found.launch.python == "/opt/python"
    assert ids(queue.ours(rows())) == [run.id]
    for path in (run.path, run.path.parent, run.path / "launch.json"):
        mode = path.stat().st_mode
        path.chmod(0o777)
        assert tickets.read(run.path, HERE) is None, path
        assert queue.ours(rows()) == []
        path.chmod(stat.S_IMODE(mode))
    assert tickets.read(run.path, HERE) is not None


def test_tickets_of_runs_that_are_gone_or_over_are_swept() -> None:
    waits, gone, over, young = queued(), queued(), queued(), queued()
    shutil.rmtree(gone.path)
    for run in (over, young):
        status.write(run.status_path, status.Status(state="finished", preset="x", created=0.0))
    on_cluster = create(Preset(), waiting=Waiting(since=1.0, host="slurm", job="7"))
    tickets.issue(on_cluster.path, "slurm", job="7")
    tickets.issue(over.path, "slurm", job="8")
    elsewhere = Path("/another/folder/of-runs/0001-a")
    tickets.issue(elsewhere, HERE)
    tickets.issue(gone.path, "a host with a disk of its own")
    for path in files():
        if str(young.path) not in path.read_text():
            os.utime(path, times=(0, time.time() - 3600))
    queue.sweep(paths.runs_dir(), [])
    assert len(files()) == 8, "nothing is known of a folder that is empty or away"
    queue.sweep(paths.runs_dir(), rows())
    left = {json.loads(path.read_text())["run"] for path in files()}
    kept = {str(one.path) for one in (waits, young, on_cluster, gone)}
    assert left == kept | {str(elsewhere)}
    assert len(files()) == 5


def test_tickets_of_runs_that_train_or_cannot_be_read_are_kept() -> None:
    waits, damaged, trains = queued(), queued(), queued(host="slurm")
    tickets.issue(trains.path, "slurm", job="7")
    damaged.status_path.write_bytes(b"{")
    status.write(trains.status_path, msgspec.structs.replace(
        trains.status(), state="running", waiting=None, writer=status.this_process(),
    ))  # fmt: skip
    for path in files():
        os.utime(path, times=(0, time.time() - 3600))
    with dispatch.lock_of(paths.runs_dir()):
        assert run_app(["runs"]) == 0
        dispatch.ensure_dispatcher()
    left = {json.loads(path.read_text())["run"] for path in files() if path.suffix == ".json"}
    assert left == {str(run.path) for run in (waits, damaged, trains)}
