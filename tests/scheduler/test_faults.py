"""Faults of single runs: they hold up no other, are tried again ever later, and are told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from labbench import paths
from labbench.cli.app import run_app
from labbench.doctor import runs as doctor_runs
from labbench.errors import BusyError, LabbenchError, RunError
from labbench.runs import RunFolder, faults, queue, status
from labbench.scheduler import dispatch
from labbench.scheduler import faults as worker_faults
from labbench.scheduler.dispatch import Dispatcher, ensure_dispatcher
from labbench.scheduler.faults import LONGEST_REST_S, Faults
from labbench.scheduler.placing import Place
from labbench.scheduler.spawn import spawn
from tests.scheduler.fake_dispatcher import fake_dispatcher_command
from tests.scheduler.queueing import cleaned_up, environment, queued, starts, until
from tests.unprivileged import unprivileged


@pytest.fixture(autouse=True)
def nothing_is_left(labbench_home: object) -> Iterator[None]:
    with cleaned_up():
        yield


def pipe_as_status(run: RunFolder) -> None:
    run.status_path.unlink()
    os.mkfifo(run.status_path)


def folder_as_status(run: RunFolder) -> None:
    run.status_path.unlink()
    run.status_path.mkdir()


def read_only(run: RunFolder) -> None:
    (run.path / "lock").touch()
    run.console_path.touch()
    run.path.chmod(0o555)


AILS: dict[str, tuple[Callable[[RunFolder], object], str]] = {
    "a folder as lock": (lambda run: (run.path / "lock").mkdir(), "lock: cannot be written: Is a"),
    "a folder as request": (lambda run: (run.control_path / "stop").mkdir(), ""),
    "a pipe as console": (lambda run: os.mkfifo(run.console_path), ""),
    "a folder as status": (folder_as_status, ""),
    "a pipe as status": (pipe_as_status, ""),
    "a damaged status": (lambda run: run.status_path.write_bytes(b"{"), ""),
    "a closed folder": (lambda run: run.path.chmod(0), ""),
    "a folder that cannot be written": (read_only, "status.json: cannot be written: Permission"),
}
"""What ails a run, and what is told of one that goes on waiting."""


def test_no_fault_of_one_run_stops_the_queue_or_fills_the_log(tmp_path: Path) -> None:
    bad = {name: queued() for name in AILS}
    good = queued(1)
    for name, (ail, _) in AILS.items():
        ail(bad[name])
    command = unprivileged(*fake_dispatcher_command(paths.runs_dir()))
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment())
    try:
        until(lambda: good.status().state == "finished")
        assert process.poll() is None, "it tries the others again"
    finally:
        process.kill()
        process.wait()
        for run in bad.values():
            run.path.chmod(0o755)
    told = faults.read(paths.runs_dir())
    assert told.keys() == {bad[name].id for name, (_, why) in AILS.items() if why}
    for name, (_, why) in AILS.items():
        assert why in told.get(bad[name].id, "")
        assert starts(bad[name]) == []
    for name in ("a folder as request", "a pipe as console"):
        now = bad[name].status()
        assert (now.state, bool(now.message)) == ("failed", True)
    lines = log.read_text().splitlines()
    for run in bad.values():
        assert sum(run.id in line for line in lines) <= 1, "it is said once"
    assert len(lines) <= len(AILS) + 1


def test_a_worker_whose_run_cannot_be_written_is_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queued()

    def full(path: Path, one: object) -> None:
        raise RunError("the disk is full")

    monkeypatch.setattr(status, "write", full)
    with pytest.raises(RunError, match="the disk is full"):
        spawn(run, Place("cpu"), of_this_process(), states=("queued",),
              command=lambda *_: ["sleep", "60"])  # fmt: skip
    monkeypatch.undo()
    assert [child for child in psutil.Process().children() if child.name() == "sleep"] == []
    assert run.status().state == "queued"


def of_this_process() -> object:
    from labbench.runs import launch

    return launch.of_this_process()


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    chosen = Clock()
    monkeypatch.setattr(worker_faults, "time", chosen)
    return chosen


def test_a_run_rests_twice_as_long_each_time_and_is_told_of_once(clock: Clock) -> None:
    said: list[str] = []
    met = Faults(paths.runs_dir(), said.append)
    rests = []
    for _ in range(12):
        met.met("0001-x", RunError("no way", where="status.json"))
        rests.append(met.rest_s("0001-x"))
        clock.now += rests[-1]
        assert met.rest_s("0001-x") == 0
    assert rests == [min(2.0**n, LONGEST_REST_S) for n in range(12)]
    assert said == ["0001-x: status.json: no way"]
    met.met("0002-x", ValueError("odd"))
    met.met("0001-x", BusyError("busy"))
    assert said[1:] == ["0002-x: ValueError: odd", "0001-x: busy"]
    assert faults.read(paths.runs_dir()) == {"0001-x": "busy", "0002-x": "ValueError: odd"}
    met.keep({"0002-x"})
    assert met.rest_s("0001-x") == 0
    # A dispatcher that was killed leaves what it told: the next one takes it back.
    Faults(paths.runs_dir(), said.append).keep(())
    assert faults.read(paths.runs_dir()) == {}


def test_a_run_that_somebody_holds_waits_longer_and_longer(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbench.scheduler.spawn.LOCK_WAIT_S", 0.01)
    held, good = queued(), queued()
    tried: list[str] = []
    monkeypatch.setattr(dispatch, "free_place", lambda *_: Place("cpu"))

    def spawned(run: RunFolder, *_: object, **__: object) -> subprocess.Popen[bytes]:
        tried.append(run.id)
        if run == held:
            raise BusyError("another worker is writing this run.", where=run.id)
        raise LabbenchError("no such interpreter", where=run.id)

    monkeypatch.setattr(dispatch, "spawn", spawned)
    dispatcher = Dispatcher(paths.runs_dir())
    assert dispatcher.look() is True
    assert (tried, good.status().state) == ([held.id, good.id], "failed")
    for seconds, tries in ((0.9, 1), (0.2, 2), (1.5, 2), (0.6, 3), (1.0, 3)):
        clock.now += seconds
        assert dispatcher.look() is True
        assert tried.count(held.id) == tries


def test_a_queue_that_cannot_be_looked_at_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatcher = Dispatcher(paths.runs_dir())
    said: list[str] = []
    monkeypatch.setattr(dispatcher.faults, "_say", said.append)
    slept: list[float] = []
    looks = iter([OSError(5, "Input/output error")] * 5)

    def look() -> bool:
        for error in looks:
            raise error
        return False

    monkeypatch.setattr(dispatcher, "look", look)
    monkeypatch.setattr(dispatch.time, "sleep", slept.append)
    assert dispatcher.run() is True
    assert said == ["the queue: OSError: [Errno 5] Input/output error"]
    assert [round(seconds) for seconds in slept] == [1, 2, 4, 8, 16]


def test_a_log_that_has_grown_large_begins_anew() -> None:
    run = queued(1)
    log = faults.dispatcher_file(paths.runs_dir(), "log")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"x" * (dispatch.LOG_BYTES + 1))
    process = ensure_dispatcher(command=fake_dispatcher_command)
    assert process is not None
    assert process.wait(30) == 0
    until(lambda: run.status().state == "finished")
    (line,) = log.read_text().splitlines()
    assert f"{run.id}: worker" in line


def test_a_full_disk_is_told_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queued()
    assert queue.explained([(run, run.status())])[0][1].hint == ""
    disk = os.statvfs(paths.runs_dir())
    fields = {name: getattr(disk, name) for name in dir(disk) if name.startswith("f_")}
    for full in ({"f_bavail": 0}, {"f_files": 100, "f_favail": 3}):
        monkeypatch.setattr(os, "statvfs", lambda _, full=full: SimpleNamespace(**fields | full))
        told = queue.explained([(run, run.status())])[0][1]
        assert told.message == "could not be started: the disk is full."
    monkeypatch.setattr(
        os, "statvfs", lambda _: SimpleNamespace(**fields | {"f_files": 0, "f_favail": 0})
    )
    assert queue.explained([(run, run.status())])[0][1].hint == ""


def test_why_a_run_was_not_started_is_told_everywhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from labbench.cli.watching import waiting_text
    from labbench.runs.poller import RunsPoller

    monkeypatch.setenv("COLUMNS", "300")
    run, other = queued(), queued()
    faults.write(paths.runs_dir(), {run.id: "the disk is full."})
    with dispatch.lock_of(paths.runs_dir()):
        assert run_app(["runs"]) == 0
    told = "could not be started: the disk is full. That is tried again; to give it up: "
    told += f"labbench stop {run.number}"
    lines = [line for line in capsys.readouterr().out.splitlines() if "could not" in line]
    assert lines == [f"{run.number} queued: {told}"]
    entries = RunsPoller(paths.runs_dir(), lambda: 0.0).poll().entries
    assert [f"{one.status.message} {one.status.hint}" for one in entries] == [told, " "]
    assert waiting_text(run, run.status(), []) == told
    assert "could not" not in waiting_text(other, other.status(), [])
    (one,) = [found.finding for found in doctor_runs.findings() if run.id in found.finding.what]
    assert f"{one.what} {one.hint}" == f"{run.id} waits: {told}"
    assert queue.explained([]) == []
