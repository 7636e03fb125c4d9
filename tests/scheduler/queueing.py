"""What tests of the queue share: runs that wait, devices that are taken, and no process left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from labbench import paths
from labbench.runs import RunFolder, create, events, launch, log, machine, status
from labbench.runs.reader import listing
from labbench.runs.status import LIVE, Waiting
from tests import tiny
from tests.scheduler.fake_dispatcher import fake_dispatcher_command


def queued(epochs: int = 3, **needs: object) -> RunFolder:
    """A run in this host's queue that nobody was told of; the fake worker makes `epochs` steps."""
    waiting = Waiting(**{"since": time.time(), "host": machine.host(), "device": "cpu", **needs})
    return create(tiny.preset(epochs=epochs), waiting=waiting)


def environment() -> dict[str, str]:
    """The environment in which a child finds labbench and these tests."""
    return launch.of_this_process().whole_environment(os.environ)


def occupied(slot: str = "cpu") -> RunFolder:
    """A run that this very process claims to be training: its device is taken."""
    run = create(tiny.preset())
    now = msgspec.structs.replace(
        run.status(), state="running", writer=status.this_process(), slot=slot
    )
    status.write(run.status_path, now)
    return run


def freed(run: RunFolder) -> None:
    """The claim of `occupied` taken back."""
    status.write(run.status_path, msgspec.structs.replace(run.status(), state="finished"))


def until(true: Callable[[], object], within_s: float = 30.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def starts(run: RunFolder) -> list[events.Started]:
    """How often, and when, the run was taken up."""
    return [event for event in log.read_all(run.events_path) if isinstance(event, events.Started)]


def span(run: RunFolder) -> tuple[float, float]:
    """Unix times between which its one worker trained."""
    (started,) = starts(run)
    ended = run.status().ended
    assert ended is not None
    return started.time, ended


@contextlib.contextmanager
def fake_workers() -> Iterator[None]:
    """Inside, whatever is queued gets a worker that does not train (`fake_worker`).

    The dispatcher that sees to it is there first, so commands start no other; a run that waits
    for a device without slots keeps it there.
    """
    queued(device="mps", slots="0")
    process = subprocess.Popen(fake_dispatcher_command(paths.runs_dir()), env=environment())
    try:
        until(lambda: dispatched(paths.runs_dir()))
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def cleaned_up() -> Iterator[None]:
    """Whatever happens inside: no worker or dispatcher of these runs is left behind."""
    root = paths.runs_dir()
    try:
        yield
    finally:
        for run, now in listing(root)[0]:
            if now.state in ("queued", *LIVE):
                status.write(run.status_path, msgspec.structs.replace(now, state="stopped"))
                if now.writer and now.writer.pid != os.getpid():
                    _kill(now.writer.pid)
        until(lambda: not dispatched(root))


def dispatched(root: Path) -> bool:
    """Whether a dispatcher is at work there."""
    from filelock import Timeout

    from labbench.scheduler.dispatch import lock_of

    if not root.exists():
        return False
    lock = lock_of(root)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
