"""`labbench run` with and without --detach: its turn, its worker's freedom, its cancelling."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labbench.errors import RunError
from labbench.presets import to_toml
from labbench.runs import RunFolder, find, list_runs
from tests import tiny
from tests.scheduler.queueing import (
    cleaned_up,
    environment,
    fake_workers,
    freed,
    occupied,
    queued,
    until,
)


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


@pytest.fixture
def preset(tmp_path: Path) -> str:
    """A preset file that is trained in a moment."""
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(tiny.preset(epochs=2)))
    return str(path)


def labbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labbench", *arguments],
        capture_output=True, text=True, timeout=60, env=environment(),
    )  # fmt: skip


def in_foreground(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "labbench", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip


@pytest.mark.usefixtures("fakes")
def test_a_detached_run_is_a_process_of_its_own(preset: str) -> None:
    done = labbench("run", preset, "--detach", "--set", "training.epochs=1000")
    assert done.returncode == 0
    run = find(done.stdout.strip())
    assert done.stdout == f"{run.id}\n"
    assert f"labbench watch {run.number}" in done.stderr
    assert f"labbench stop {run.number}" in done.stderr
    until(lambda: run.status().state == "running")
    writer = run.status().writer
    assert writer is not None
    assert os.getsid(writer.pid) == writer.pid != os.getsid(0)
    opened = {number: Path(f"/proc/{writer.pid}/fd/{number}").readlink() for number in range(3)}
    assert opened == {0: Path(os.devnull), 1: run.console_path, 2: run.console_path}
    listed = json.loads(labbench("runs", "--json").stdout)
    ours = (run.id, "running", None)
    assert [(row["run"], row["state"], row["place"]) for row in listed][1:] == [ours]
    asked = labbench("checkpoint", run.id)
    assert asked.returncode == 0
    until(lambda: not list(run.control_path.iterdir()))
    assert "asked to stop" in labbench("stop", str(run.number)).stderr
    until(lambda: run.status().state == "stopped")
    refused = labbench("checkpoint", run.id)
    assert refused.returncode == RunError.exit_code
    assert "it is stopped" in refused.stderr


def test_detached_as_json_and_watched_to_its_end(preset: str) -> None:
    done = labbench("run", preset, "--detach", "--json")
    about = json.loads(done.stdout)
    run = RunFolder(Path(about["folder"]))
    assert about["run"] == run.id == list_runs()[0].id
    watched = labbench("watch", run.id, "--json")
    assert watched.returncode == 0
    assert run.status().state == "finished"
    assert json.loads(watched.stdout)
    assert watched.stderr.count("epoch 2/2") == 1


@pytest.mark.usefixtures("fakes")
def test_in_the_foreground_it_says_whom_it_waits_for_and_takes_its_turn(preset: str) -> None:
    taken = occupied()
    process = in_foreground("run", preset)
    assert process.stderr is not None
    until(lambda: len(list_runs()) == 3)
    lines = [process.stderr.readline(), process.stderr.readline()]
    assert lines[1] == f"waiting for cpu: 1 run ahead, {taken.id}\n"
    listed = labbench("runs")
    assert "queued 2" in listed.stdout
    freed(taken)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "training on cpu" in err
    assert "finished" in out
    assert list_runs()[-1].status().slot == "cpu"


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_takes_a_waiting_run_out_of_the_queue(preset: str, number: int) -> None:
    occupied()
    process = in_foreground("run", preset)
    assert process.stderr is not None
    process.stderr.readline()
    assert process.stderr.readline().startswith("waiting for cpu")
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    run = list_runs()[-1]
    assert "taken out of the queue" in err
    assert f"--resume {run.number}" in err
    assert run.status().state == "stopped"
    assert not run.console_path.exists(), "no worker was started"


def test_ctrl_c_while_it_is_being_queued_means_the_run(preset: str) -> None:
    occupied()
    process = in_foreground("run", preset)
    until(lambda: len(list_runs()) == 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert list_runs()[-1].status().state == "stopped"


@pytest.mark.usefixtures("fakes")
def test_ctrl_c_stops_a_running_run_and_resume_queues_it_again(preset: str) -> None:
    process = in_foreground("run", preset, "--set", "training.epochs=1000")
    until(lambda: len(list_runs()) == 2)
    run = list_runs()[-1]
    until(lambda: run.status().step > 3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Ctrl+C again" in err
    step = run.status().step
    assert run.status().state == "stopped"
    taken = occupied()
    resumed = labbench("run", "--resume", str(run.number), "--detach")
    assert f"waiting for cpu: 1 run ahead, {taken.id}" in resumed.stderr
    assert run.status().state == "queued"
    freed(taken)
    until(lambda: run.status().step > step)
    again = labbench("run", "--resume", str(run.number), "--detach")
    assert again.returncode == RunError.exit_code
    assert "is running already" in again.stderr


@pytest.mark.usefixtures("fakes")
def test_watching_ends_by_ctrl_c_and_the_run_goes_on(preset: str) -> None:
    done = labbench("run", preset, "--detach", "--set", "training.epochs=1000")
    run = find(done.stdout.strip())
    process = in_foreground("watch", run.id)
    assert process.stderr is not None
    assert process.stderr.readline().startswith(run.id)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"{run.id} goes on." in err
    step = run.status().step
    until(lambda: run.status().step > step)


def test_now_goes_past_the_queue(preset: str) -> None:
    occupied()
    waits = queued()
    done = labbench("run", preset, "--now", "--detach")
    assert done.returncode == 0
    until(lambda: find(done.stdout.strip()).status().attempt == 1)
    assert waits.status().state == "queued"


def test_wrong_slots_are_refused_before_there_is_a_run(
    preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABBENCH_SLOTS", "plenty")
    done = labbench("run", preset, "--detach")
    assert done.returncode == 1
    assert "LABBENCH_SLOTS: 'plenty' is no number of slots." in done.stderr
    assert list_runs() == []


def test_the_next_command_goes_on_where_a_dead_dispatcher_was() -> None:
    run = queued(epochs=1)
    assert labbench("runs").returncode == 0
    until(lambda: run.status().attempt == 1)


def test_a_random_module_where_it_is_called_from_is_not_taken_for_the_librarys(
    preset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("random", "queue", "select"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is not the library')")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "labbench", "run", preset, "--detach"],
        capture_output=True, text=True, env=environment(), cwd=tmp_path,
    )  # fmt: skip
    run = find(done.stdout.strip())
    until(lambda: run.status().attempt == 1 or run.status().state == "lost")
    assert run.status().attempt == 1
    assert "this is not the library" not in run.console_path.read_text()


@pytest.mark.usefixtures("fakes")
def test_a_run_killed_while_it_is_watched_is_lost(preset: str) -> None:
    process = in_foreground("run", preset, "--set", "training.epochs=1000")
    until(lambda: len(list_runs()) == 2)
    run = list_runs()[-1]
    until(lambda: run.status().state == "running")
    writer = run.status().writer
    assert writer is not None
    os.kill(writer.pid, signal.SIGKILL)
    began = time.monotonic()
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == RunError.exit_code
    assert "died without a message" in err
