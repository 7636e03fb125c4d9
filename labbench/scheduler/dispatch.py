"""The dispatcher: `python -m labbench.scheduler.dispatch RUNS_FOLDER` starts what waits, in order.

A small process without torch and without terminal. It knows nothing but the run folders, so it
may be killed at any moment: the next one goes on. It leaves when nothing waits any more; workers
do not need it once they are started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from labbench import paths
from labbench.errors import BusyError, LabbenchError, RunError
from labbench.runs import RunFolder, faults, launch, machine, private, queue, status, tickets
from labbench.runs.reader import RunsReader
from labbench.scheduler import slurm
from labbench.scheduler.devices import occupied, probe
from labbench.scheduler.faults import QUEUE, Faults
from labbench.scheduler.placing import Place, free_place
from labbench.scheduler.spawn import Command, spawn, worker_command

PAUSE_S = 0.2
"""Seconds between two looks at the folders, at least."""

SHARE = 0.05
"""Looking takes at most this share of a core: with many runs the pauses grow."""

LOCK_WAIT_S = 3.0
"""A lock that is held for longer has a dispatcher behind it."""

LOG_BYTES = 1_000_000
"""A log that has grown larger begins anew."""


def lock_of(root: Path) -> FileLock:
    """The lock that a user's one dispatcher of a runs folder on this host holds.

    Raises:
        RunError: there is no folder that is ours alone.
    """
    return FileLock(_kept(root, "lock"))


def _kept(root: Path, what: str) -> Path:
    """A file of the dispatcher's, where nobody else can hold it or put a link in its place."""
    private.folder(faults.PART)
    return faults.dispatcher_file(root, what)


class Dispatcher:
    """Starts the queued runs of a runs folder on this host as their turn comes.

    What ails one run holds up no other: it fails, or where it cannot even say so, rests.

    Args:
        log: the descriptor of the file that stdout goes to, if it does.
    """

    def __init__(
        self, root: Path, command: Command = worker_command, log: int | None = None
    ) -> None:
        self.survey = RunsReader(root)
        self.lock = lock_of(root)
        self.command = command
        self.faults = Faults(root, self._say)
        self._log = log
        self._workers: list[subprocess.Popen[bytes]] = []

    def run(self) -> bool:
        """Dispatch until nothing waits; returns False where another dispatcher is at it."""
        while True:
            try:
                self.lock.acquire(timeout=LOCK_WAIT_S)
            except Timeout:
                return False
            try:
                self._until_empty()
            finally:
                self.lock.release()
            # Whoever queued a run while we still held the lock counts on us.
            if not self._waiting():
                return True

    def _waiting(self) -> bool:
        return bool(queue.ours(self.survey.read()))

    def _until_empty(self) -> None:
        while True:
            began = time.process_time()
            try:
                if not self.look():
                    return
            except (OSError, LabbenchError) as error:
                # A disk that is full or away for a while is no reason to forget who waits.
                self.faults.met(QUEUE, error)
            spent = time.process_time() - began
            time.sleep(max(PAUSE_S, spent / SHARE, self.faults.rest_s(QUEUE)))

    def look(self) -> bool:
        """Start every run whose turn it is; returns whether any still waits."""
        self._workers = [worker for worker in self._workers if worker.poll() is None]
        rows = self.survey.read()
        waiting = queue.ours(rows)
        self.faults.keep({run.id for run, _ in waiting})
        live = queue.live(rows, machine.host())
        here = probe() if waiting else []
        left = len(waiting)
        for run, one in waiting:
            assert one.waiting is not None
            if self.faults.rest_s(run.id):
                continue
            try:
                place = free_place(one.waiting, occupied(here, live, one.waiting.slots))
                started = place is not None and self._start(run, place)
            except Exception as error:
                self.faults.met(run.id, error)
                continue
            if place is not None and started:
                live.append((run, msgspec.structs.replace(one, state="starting", slot=place.slot)))
                left -= 1
        return left > 0

    def _start(self, run: RunFolder, place: Place) -> bool:
        """Start a run; returns whether it waits no more.

        Raises:
            LabbenchError: somebody else writes it, or it could not be said in it why it failed.
        """
        ticket = tickets.read(run.path, machine.host())
        if ticket is None:
            tickets.drop(run.path, machine.host())  # damaged: from now on that is told
            return False
        try:
            worker = spawn(run, place, ticket.launch, states=("queued",), command=self.command)
        except BusyError:
            raise
        except LabbenchError as error:
            _fail(run, error)
            self._say(f"{run.id}: {error}")
            return True
        tickets.drop(run.path, machine.host())
        self._say(f"{run.id}: worker {worker.pid} on {place.slot}")
        self._workers.append(worker)
        return True

    def _say(self, text: str) -> None:
        # Where the disk is full, runs are started all the same.
        with contextlib.suppress(OSError):
            if self._log is not None and os.fstat(self._log).st_size > LOG_BYTES:
                os.ftruncate(self._log, 0)
            print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", flush=True)


def _fail(run: RunFolder, error: LabbenchError) -> None:
    """Say in a queued run's status that it could not be started: it does not wait for ever."""
    with run.writing():
        now = run.status()
        if now.state == "queued":
            status.write(
                run.status_path,
                msgspec.structs.replace(
                    now, state="failed", waiting=None, ended=time.time(), message=error.what,
                    hint=error.hint, exit_code=error.exit_code,
                ),
            )  # fmt: skip


def dispatcher_command(root: Path) -> list[str]:
    """The command line of the dispatcher of a runs folder."""
    return [sys.executable, "-P", "-m", "labbench.scheduler.dispatch", str(root)]


def ensure_dispatcher(
    root: Path | None = None,
    command: Callable[[Path], list[str]] = dispatcher_command,
    *,
    rows: queue.Rows | None = None,
) -> subprocess.Popen[bytes] | None:
    """Start the dispatcher of this host's queue, where something waits and there is none.

    Runs that wait for a cluster's job are brought up to what the cluster says of it.

    Args:
        rows: the runs that wait, where the caller knows them.

    Returns:
        The dispatcher if this call started it. It outlives us and our terminal.

    Raises:
        RunError: no process can be started.
    """
    root = (root or paths.runs_dir()).absolute()
    if rows is None:
        survey = RunsReader(root)
        rows = survey.read()
        # Only who knows all runs knows whose tickets are not needed.
        queue.sweep(root, rows, [run for run, _ in survey.unreadable])
    slurm.settle(rows)
    if not queue.ours(rows):
        return None
    try:
        lock = lock_of(root)
        lock.acquire(timeout=0)
        lock.release()
        with _kept(root, "log").open("ab") as log:
            return subprocess.Popen(
                command(root), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd="/",
                env=launch.of_this_process().whole_environment(os.environ),
            )  # fmt: skip
    except Timeout:
        return None
    except OSError as error:
        raise RunError(f"no dispatcher could be started: {error}.", where=str(root)) from error


def main() -> int:
    """Dispatch the runs of the folder named on the command line."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Dispatcher(Path(sys.argv[1]), log=sys.stdout.fileno()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
