"""Starting a worker: a child in a session of its own, without terminal, that outlives us."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from labbench.errors import LabbenchError, RunError
from labbench.runs import RunFolder, control, status
from labbench.runs.files import write_error
from labbench.runs.launch import Launch
from labbench.runs.trust import appending
from labbench.scheduler.placing import Place
from labbench.worker.asking import worker_environment

Command = Callable[[RunFolder, int, Place, Launch], list[str]]
"""The command line of a worker: its run, the attempt it makes, its place, its interpreter."""

LOCK_WAIT_S = 2.0
"""A lock that somebody holds for a moment only is waited for."""


def worker_command(run: RunFolder, attempt: int, place: Place, with_: Launch) -> list[str]:
    """The command line of the worker that trains."""
    # -P: a random.py in the folder labbench is called from must not take the library's place.
    return [
        with_.python, "-P", "-m", "labbench.worker", str(run.path), "--attempt", str(attempt),
        "--slot", place.slot, "--device", place.device, "--preset", with_.preset,
    ]  # fmt: skip


def spawn(
    run: RunFolder,
    place: Place,
    with_: Launch,
    *,
    states: Collection[str],
    command: Command = worker_command,
    own_session: bool = True,
) -> subprocess.Popen[bytes]:
    """Start the worker of a run that is in one of some states.

    The run's lock is held until its status names the worker. Whoever dies in between leaves
    either no worker or one that finds its attempt still to be made; a second worker with the same
    attempt refuses (`child.work`), so a run never runs twice.

    Args:
        with_: interpreter and variables to start it with; never from the run folder.
        own_session: whether it outlives our terminal; a cluster's job must not lose sight of it.

    Raises:
        BusyError: the run has a writer.
        RunError: it is in another state, cannot be written, or no process can be started.
    """
    with run.writing(wait_s=LOCK_WAIT_S):
        now = run.status()
        if now.state not in states:
            raise RunError(f"is not to be started: it is {now.state}.", where=run.id)
        control.clear(run.control_path)
        process = _popen(run, command(run, now.attempt + 1, place, with_), with_, own_session)
        started = msgspec.structs.replace(
            now, state="starting", writer=status.writer_of(process.pid), slot=place.slot,
            waiting=None, heartbeat=time.time(), ended=None, message="starting the worker",
            hint="", left_s=None, exit_code=0,
        )  # fmt: skip
        try:
            status.write(run.status_path, started)
        except LabbenchError:
            # It has not begun: it waits for the lock that we hold.
            process.kill()
            process.wait()
            raise
    return process


def _popen(
    run: RunFolder, command: list[str], with_: Launch, own_session: bool
) -> subprocess.Popen[bytes]:
    folder = with_.folder if Path(with_.folder).is_dir() else "/"
    try:
        console = appending(run.console_path, run.path.parent)
    except OSError as error:
        raise write_error(run.console_path, error) from error
    try:
        with console:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                start_new_session=own_session, env=worker_environment(with_), cwd=folder,
                umask=-1 if with_.umask is None else with_.umask,
            )  # fmt: skip
    except OSError as error:
        raise RunError(f"no worker could be started: {error}.", where=run.id) from error
