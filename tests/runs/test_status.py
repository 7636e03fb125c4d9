"""status.json, and whether the worker it names still lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from labbench.runs import Status, machine, status
from labbench.runs.status import HEARTBEAT_S, SILENT_S, Writer, observed

replace = msgspec.structs.replace


def running(writer: Writer | None = None, **changes: object) -> Status:
    base = Status(
        state="running", preset="demo", created=1000.0, heartbeat=2000.0, epoch=4, left_s=9.0,
        writer=writer or status.this_process(),
    )  # fmt: skip
    return replace(base, **changes)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until it is killed."""
    code = "import time; print('up', flush=True); time.sleep(120)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def writer_of(process: subprocess.Popen[bytes]) -> Writer:
    started = machine.process_started(process.pid)
    assert started is not None
    return replace(status.this_process(), pid=process.pid, process_started=started)


def test_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    for one in (running(), Status(state="queued", preset="größe", created=1.0)):
        status.write(path, one)
        assert status.read(path) == one


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"state":"asleep","preset":"x","created":1}', b"{}"]
)
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "status.json").write_bytes(content)
    with pytest.raises(msgspec.MsgspecError):
        status.read(tmp_path / "status.json")


def test_a_later_version_may_add_keys(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(b'{"state":"queued","preset":"x","created":1,"mood":"good"}')
    assert status.read(path).state == "queued"


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "failed", "lost"])
def test_a_state_that_needs_no_writer_stays(state: str) -> None:
    gone = replace(status.this_process(), pid=2**22 + 1)
    assert observed(running(gone, state=state)).state == state


@pytest.mark.parametrize("state", ["starting", "running"])
def test_alive_however_long_it_is_silent(state: str) -> None:
    alive = running(state=state)
    assert observed(alive, now=10.0**9) == alive


def test_a_killed_worker_is_lost(sleeper: subprocess.Popen[bytes]) -> None:
    before = running(writer_of(sleeper))
    assert observed(before) == before
    sleeper.send_signal(signal.SIGKILL)
    sleeper.wait()
    after = observed(before)
    assert after.state == "lost"
    assert after.left_s is None
    assert "without a message" in after.message
    assert "--resume" in after.hint
    assert "epoch 4" in after.hint
    assert replace(after, state="running", left_s=9.0, message="", hint="") == before


def test_a_zombie_is_lost(sleeper: subprocess.Popen[bytes]) -> None:
    before = running(writer_of(sleeper))
    sleeper.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while observed(before).state != "lost" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert observed(before).state == "lost"
    assert sleeper.returncode is None


def test_its_own_last_words_are_kept() -> None:
    gone = replace(status.this_process(), pid=2**22 + 1)
    assert observed(running(gone, message="disk is slow")).message == "disk is slow"


@pytest.mark.parametrize(("apart_s", "state"), [(0.5, "running"), (-0.5, "running"), (60, "lost")])
def test_another_process_with_the_same_pid(apart_s: float, state: str) -> None:
    own = status.this_process()
    other = replace(own, process_started=own.process_started - apart_s)
    assert observed(running(other)).state == state


def test_a_heartbeat_from_before_this_boot_is_nobodys() -> None:
    other = replace(status.this_process(), boot_id="another")
    before, since = machine.booted() - 5, machine.booted() + 5
    assert observed(running(other, heartbeat=before), now=before + 6).state == "lost"
    assert observed(running(other, heartbeat=since), now=since + 6).state == "running"
    assert observed(running(other, heartbeat=since), now=since + SILENT_S + 1).state == "lost"


@pytest.mark.parametrize("change", [{"pid_space": "pid:[1]"}, {"boot_id": "another"}])
def test_a_pid_that_counts_elsewhere_says_nothing(change: dict[str, str]) -> None:
    """In a container, or on a machine of the same name, our pids are other processes."""
    now = time.time()
    gone_here = replace(status.this_process(), pid=2**22 + 1, **change)
    assert observed(running(gone_here, heartbeat=now)).state == "running"
    alive_here = replace(status.this_process(), **change)
    assert observed(running(alive_here, heartbeat=now - SILENT_S - 1)).state == "lost"


def test_a_machine_that_was_renamed_is_still_this_machine() -> None:
    renamed = replace(status.this_process(), host="as-it-was-called")
    assert observed(running(renamed, heartbeat=0.0)).state == "running"
    gone = replace(renamed, pid=2**22 + 1)
    assert observed(running(gone, heartbeat=time.time())).state == "lost"


@pytest.mark.parametrize(
    ("silent_s", "state"),
    [(0, "running"), (HEARTBEAT_S, "running"), (SILENT_S - 1, "running"), (SILENT_S + 1, "lost")],
)
@pytest.mark.parametrize("known", [True, False])
def test_on_another_host_the_heartbeat_decides(silent_s: float, state: str, known: bool) -> None:
    writer = Writer(host="elsewhere", pid=os.getpid(), process_started=0.0, boot_id="x")
    one = replace(running(writer), writer=writer if known else None)
    assert observed(one, now=2000.0 + silent_s).state == state


@pytest.mark.parametrize(("ahead_s", "state"), [(300.0, "running"), (86_400.0, "lost")])
def test_a_heartbeat_from_a_clock_that_is_far_ahead_is_nobodys(ahead_s: float, state: str) -> None:
    writer = Writer(host="elsewhere", pid=os.getpid(), process_started=0.0, boot_id="x")
    assert observed(replace(running(writer), writer=writer), now=2000.0 - ahead_s).state == state


def test_before_its_first_heartbeat_a_run_counts_from_its_making() -> None:
    one = replace(running(), writer=None, heartbeat=None, state="starting")
    assert observed(one, now=1000.0 + SILENT_S - 1).state == "starting"
    assert observed(one, now=1000.0 + SILENT_S + 1).state == "lost"


def test_this_process_is_itself() -> None:
    own = status.this_process()
    assert (own.host, own.pid) == (machine.host(), os.getpid())
    assert own.boot_id == machine.boot_id() != ""
    assert own.pid_space == machine.pid_space()
