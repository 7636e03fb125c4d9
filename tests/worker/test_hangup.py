"""The terminal dies under `labbench run`: the run does not."""

from __future__ import annotations

import os
import pty
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labbench.presets import to_toml
from labbench.runs import RunFolder, list_runs
from labbench.scheduler import start
from tests import tiny
from tests.scheduler.queueing import cleaned_up, environment, fake_workers, starts, until


@pytest.fixture(autouse=True)
def clips(labbench_home: Path) -> Iterator[None]:
    tiny.make_clips()
    with cleaned_up():
        yield


@pytest.fixture
def fakes() -> Iterator[None]:
    """Workers that do not train."""
    with fake_workers():
        yield


def in_a_terminal(*arguments: str) -> tuple[int, int]:
    """Run labbench in a terminal of its own; returns its pid and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-m", "labbench", *arguments]
        os.execve(sys.executable, command, {**environment(), "TERM": "xterm-256color"})
    return pid, terminal


def ready(number: int) -> RunFolder:
    """The run of a number, as soon as there is one."""
    until(lambda: len(list_runs()) >= number)
    return list_runs()[number - 1]


@pytest.mark.usefixtures("fakes")
def test_a_run_and_the_queue_outlive_their_terminal(tmp_path: Path) -> None:
    preset = tmp_path / "tiny.toml"
    preset.write_text(to_toml(tiny.preset(epochs=1000)))
    pid, terminal = in_a_terminal("run", str(preset))
    run = ready(2)
    until(lambda: run.status().state == "running")
    waiting_pid, other_terminal = in_a_terminal(
        "run", str(preset), "--set", "training.epochs=2"
    )  # fmt: skip
    waits = ready(3)
    until(lambda: b"1 run ahead" in os.read(other_terminal, 4096))
    worker = run.status().writer
    assert worker is not None
    for end in (terminal, other_terminal):
        os.close(end)
    for child in (pid, waiting_pid):
        _, how = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(how) == 128 + signal.SIGHUP, "it was watching only"
    step = run.status().step
    until(lambda: run.status().step > step + 3)
    assert run.status().writer == worker
    assert waits.status().state == "queued"
    start.stop(run)
    until(lambda: waits.status().state == "finished")
    assert run.status().state == "stopped"
    assert [len(starts(one)) for one in (run, waits)] == [1, 1]


def test_so_do_the_dispatcher_and_the_worker_that_trains(tmp_path: Path) -> None:
    """Both were started by a command in the terminal that dies."""
    preset = tmp_path / "tiny.toml"
    preset.write_text(to_toml(tiny.preset(epochs=1000)))
    pid, terminal = in_a_terminal("run", str(preset))
    run = ready(1)
    detached_pid, other_terminal = in_a_terminal("run", str(preset), "--detach")
    waits = ready(2)
    os.waitpid(detached_pid, 0)
    until(lambda: run.status().state == "running")
    for end in (terminal, other_terminal):
        os.close(end)
    _, how = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(how) == 128 + signal.SIGHUP
    step = run.status().step
    until(lambda: run.status().step > step + 3)
    assert waits.status().state == "queued"
    start.stop(run)
    until(lambda: waits.status().attempt == 1)
    assert run.status().state == "stopped"
