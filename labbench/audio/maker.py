"""Making a data set, in this process or in one that outlives us: `python -m labbench.audio.maker`.

Whoever makes one says in its job's file how far it is (`jobs`), and stops when asked there. SIGINT
stops it as well; SIGHUP does not, so a download outlives its terminal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from labbench import paths
from labbench.audio import jobs, library, sources
from labbench.audio.jobs import Add, Fetch, Job, Order, Synth
from labbench.audio.progress import Progress, silent
from labbench.errors import STOPPED_EXIT_CODE, DataError, LabbenchError
from labbench.runs import launch, status
from labbench.runs.trust import made

BEAT_S = 0.5
"""Seconds between two looks at what was asked, and two words on how far it is."""

HANDOVER_S = 10.0
"""Whoever starts a maker holds the job's lock until it has written so: far shorter than this."""


def check(order: Order) -> None:
    """Refuse what cannot be made.

    Raises:
        DataError: the name is not allowed or taken, or there is nothing at the path.
    """
    library.check_name(order.name)
    library.check_words(order.words)
    if not order.replace and (paths.clips_dir() / order.name).exists():
        raise DataError(
            f"There is a data set {order.name!r} already.",
            where=str(paths.clips_dir() / order.name),
            hint="Give another name, or --replace to make it again.",
        )
    if isinstance(order, Add):
        check_source(Path(order.path))


def check_source(path: Path) -> None:
    """Refuse a path that holds no clips for sure.

    Raises:
        DataError: there is nothing, or a file that is no archive.
    """
    if not paths.is_text(path):
        raise DataError("its name is no UTF-8 text.", where=str(path), hint="Rename it.")
    sources.check(path)


def make(order: Order, progress: Progress = silent) -> None:
    """Make a data set in this process, told by its job's file as well as by `progress`.

    Raises:
        LabbenchError: it cannot be made.
        KeyboardInterrupt: it was cancelled.
    """
    check(order)
    with jobs.lock(order.name):
        if (now := jobs.read(order.name)) is not None and now.live:
            raise jobs.busy(order.name)
        jobs.path_of(order.name, "cancel").unlink(missing_ok=True)
        _work(_new(order), progress)


def start(order: Order) -> subprocess.Popen[bytes]:
    """Make a data set in a process of its own, which outlives us and our terminal.

    Raises:
        LabbenchError: it cannot be made, or no process can be started.
    """
    if isinstance(order, Add):
        order = msgspec.structs.replace(order, path=str(paths.expanded(order.path).absolute()))
    check(order)
    with jobs.lock(order.name):
        if (now := jobs.read(order.name)) is not None and now.live:
            raise jobs.busy(order.name)
        jobs.path_of(order.name, "cancel").unlink(missing_ok=True)
        jobs.write(_new(order))
        process = _spawn(order)
        jobs.write(msgspec.structs.replace(_new(order), writer=status.writer_of(process.pid)))
    return process


def _new(order: Order) -> Job:
    return Job(
        order=order, state="starting", created=time.time(), writer=status.this_process(),
    )  # fmt: skip


def _spawn(order: Order) -> subprocess.Popen[bytes]:
    """Start the process that makes it; it is told what, for others may write the job's file."""
    told = msgspec.json.encode(order).decode()
    command = [sys.executable, "-P", "-m", "labbench.audio.maker", told]
    with_ = launch.of_this_process()
    try:
        with made(jobs.path_of(order.name, "log"), paths.clips_dir()) as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd=with_.folder, env=with_.whole_environment(os.environ),
            )  # fmt: skip
    except OSError as error:
        raise DataError(f"no process could be started: {error}.", where=order.name) from error


def _work(job: Job, progress: Progress) -> None:
    """Make what a job orders; its file says how it ended. The caller holds its lock."""
    with _Teller(job) as teller:

        def tell(done: int, total: int, what: str, /) -> None:
            teller.tell(done, total, what)
            progress(done, total, what)

        _makers(job.order)(tell)


def _makers(order: Order) -> Callable[[Progress], None]:
    """What is called to make a data set."""
    # numpy and scipy are loaded only now: whoever only starts a process needs neither.
    from labbench.audio import build, fetch, synthesis
    from labbench.presets import WORDS

    def add(tell: Progress) -> None:
        assert isinstance(order, Add)
        build.add(
            order.name, Path(order.path), words=order.words, replace=order.replace, progress=tell
        )

    def fetched(tell: Progress) -> None:
        assert isinstance(order, Fetch)
        remote, archive = fetch.Remote(url=order.url), jobs.archive_path()
        fetch.fetch(remote, archive, progress=tell)
        build.add(
            order.name, archive, words=order.words, replace=order.replace, progress=tell,
            source=remote.url,
        )  # fmt: skip
        if not order.keep_archive:
            archive.unlink()

    def synth(tell: Progress) -> None:
        assert isinstance(order, Synth)
        synthesis.synthesize(
            order.name, clips=order.clips, seed=order.seed, words=order.words or WORDS,
            replace=order.replace, progress=tell,
        )  # fmt: skip

    return {Add: add, Fetch: fetched, Synth: synth}[type(order)]


class _Teller:
    """Keeps a job's file up to date from a thread of its own, and hears a request to stop.

    The request interrupts the main thread by SIGINT, whatever it waits for.
    """

    def __init__(self, job: Job) -> None:
        self._job = msgspec.structs.replace(job, state="working", heartbeat=time.time())
        self._seen = (0, 0, "")
        self._began = (0.0, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="teller", daemon=True)

    def tell(self, done: int, total: int, what: str) -> None:
        """How far it is."""
        if what != self._seen[2]:
            self._began = (time.monotonic(), done)
        self._seen = (done, total, what)

    def __enter__(self) -> _Teller:
        jobs.write(self._job)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._over.set()
        self._thread.join()
        state: jobs.State = "finished"
        message = hint = ""
        match error:
            case None:
                pass
            case KeyboardInterrupt():
                state, message = "cancelled", "stopped on request."
            case LabbenchError():
                where = f"{error.where}: " if error.where else ""
                state, message, hint = "failed", where + error.what, error.hint
            case _:
                state, message = "failed", f"{type(error).__name__}: {error}"
                hint = f"See {jobs.path_of(self._job.name, 'log')}."
        jobs.path_of(self._job.name, "cancel").unlink(missing_ok=True)
        self._write(msgspec.structs.replace(
            self._now(), state=state, message=message, hint=hint, ended=time.time(), left_s=None,
        ))  # fmt: skip

    def _write(self, job: Job) -> None:
        """Write the file; a disk that is full is no reason to stop, nor to hide why it ended."""
        try:
            jobs.write(job)
        except LabbenchError as error:
            print(f"labbench: {error}", file=sys.stderr)

    def _keep(self) -> None:
        """Say how far it is until it is over."""
        while not self._over.wait(BEAT_S):
            self._write(self._now())
            if jobs.cancelling(self._job.name):
                main = threading.main_thread().ident
                assert main is not None
                signal.pthread_kill(main, signal.SIGINT)
                return

    def _now(self) -> Job:
        done, total, what = self._seen
        began, before = self._began
        spent, made = time.monotonic() - began, done - before
        left = (total - done) * spent / made if total and made > 0 else None
        return msgspec.structs.replace(
            self._job, done=done, total=total, what=what, left_s=left, heartbeat=time.time()
        )


def _take_up(order: Order) -> int:
    """Make what was ordered, if its job still waits for this process."""
    with jobs.lock(order.name, HANDOVER_S):
        job = jobs.read(order.name)
        ours = job is not None and job.writer is not None and job.writer.pid == os.getpid()
        if job is None or job.state != "starting" or not ours:
            raise jobs.busy(order.name)
        _work(msgspec.structs.replace(job, order=order), silent)
    return 0


def main() -> int:
    """Make the data set ordered on the command line; returns the exit code."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _take_up(msgspec.json.decode(sys.argv[1], type=Order))
    except LabbenchError as error:
        print(f"labbench: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return STOPPED_EXIT_CODE


if __name__ == "__main__":
    sys.exit(main())
