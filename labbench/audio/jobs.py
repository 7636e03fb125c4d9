"""Data sets that are being made: one small file each, which any screen and command may read.

    clips/.jobs/NAME.json    what is made, how far it is, who makes it; replaced atomically
    clips/.jobs/NAME.cancel  a request to stop
    clips/.jobs/NAME.lock    held by who makes it
    clips/.jobs/NAME.log     what the process said

The maker (`maker`) is the only writer. Loads no numpy: front ends may call it.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from filelock import FileLock, Timeout

from labbench import paths
from labbench.audio import fetch, library
from labbench.audio.library import check_name
from labbench.decoding import decoded
from labbench.errors import BusyError, DataError, LabbenchError
from labbench.runs import leftovers, status
from labbench.runs.files import write_atomic
from labbench.runs.status import Writer
from labbench.runs.trust import opened

State = Literal["starting", "working", "finished", "failed", "cancelled", "lost"]
LIVE: tuple[str, ...] = ("starting", "working")
"""States that only a living maker can hold."""


class Add(msgspec.Struct, frozen=True, kw_only=True, tag="add"):
    """Read a folder or archive of sound files."""

    name: str
    path: str
    words: tuple[str, ...] = ()
    replace: bool = False


class Fetch(msgspec.Struct, frozen=True, kw_only=True, tag="fetch"):
    """Download Speech Commands and read it."""

    name: str = "speech_commands"
    url: str = fetch.URL
    words: tuple[str, ...] = ()
    """Empty: all 35."""
    replace: bool = False
    keep_archive: bool = False


class Synth(msgspec.Struct, frozen=True, kw_only=True, tag="synth"):
    """Have a speech synthesiser say words."""

    name: str = "synthetic"
    clips: int = 6000
    seed: int = 0
    words: tuple[str, ...] = ()
    """Empty: the 16 of the report."""
    replace: bool = False


Order = Add | Fetch | Synth


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """How the making of a data set stands. Times are Unix times in seconds."""

    order: Order
    state: State
    created: float
    writer: Writer | None = None
    heartbeat: float | None = None
    ended: float | None = None
    what: str = ""
    """What is done now: `fetching`, `checking`, `unpacking`, `reading`, `speaking`."""
    done: int = 0
    total: int = 0
    """In bytes, files or clips; 0 where it is not known."""
    left_s: float | None = None
    """Until `what` is done."""
    message: str = ""
    hint: str = ""

    @property
    def name(self) -> str:
        """The data set's."""
        return self.order.name

    @property
    def live(self) -> bool:
        """Whether it is being made."""
        return self.state in LIVE

    @property
    def share(self) -> float | None:
        """How much of `what` is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else None


def jobs_dir() -> Path:
    """Where the files of all jobs are."""
    return paths.clips_dir() / ".jobs"


def path_of(name: str, ending: str = "json") -> Path:
    """One of a job's files."""
    return jobs_dir() / f"{name}.{ending}"


def archive_path() -> Path:
    """Where the archive of Speech Commands is put while it is needed."""
    return paths.clips_dir() / ".fetched" / "speech_commands_v0.02.tar.gz"


def write(job: Job) -> None:
    """Replace a job's file.

    Raises:
        DataError: it cannot be written.
    """
    content = msgspec.json.encode(job)
    write_atomic(
        path_of(job.name), content, durable=False, within=paths.clips_dir(), kind=DataError
    )


def read(name: str, *, now: float | None = None) -> Job | None:
    """A job as it really is: a live one whose maker is gone is lost. None where there is none."""
    try:
        job = decoded(paths.read(path_of(name)), Job)
    except (OSError, msgspec.MsgspecError):
        return None
    beat = job.heartbeat or job.created
    if not job.live or status.writer_lives(job.writer, beat, time.time() if now is None else now):
        return job
    return msgspec.structs.replace(
        job,
        state="lost",
        left_s=None,
        message=job.message or "its process ended without a message.",
    )


def all_jobs(*, now: float | None = None) -> list[Job]:
    """All jobs that are not finished, by name."""
    names = sorted(path.stem for path in jobs_dir().glob("*.json"))
    found = (read(name, now=now) for name in names)
    return [job for job in found if job is not None and job.state != "finished"]


def cancel(name: str) -> None:
    """Ask for a job to stop; what it fetched is kept, nothing else.

    Raises:
        DataError: no such data set is being made.
    """
    job = read(check_name(name))
    if job is None or not job.live:
        raise DataError(f"No data set {name!r} is being made.", hint="See: labbench data list")
    try:
        os.close(opened(path_of(name, "cancel"), os.O_WRONLY | os.O_CREAT, paths.clips_dir()))
    except OSError as error:
        raise DataError(
            f"It cannot be asked to stop: {error.strerror}.", where=str(path_of(name, "cancel"))
        ) from error


def cancelling(name: str) -> bool:
    """Whether somebody asked for it."""
    return path_of(name, "cancel").exists()


def forget(name: str) -> None:
    """Take a job that ended out of the list, and delete what it left.

    Raises:
        BusyError: it is being made at this moment.
    """
    with lock(name):
        job = read(name)
        if job is not None and isinstance(job.order, Fetch) and job.state != "finished":
            for path in archive_path().parent.glob(f"*{archive_path().name}*"):
                path.unlink(missing_ok=True)
        for ending in ("json", "cancel", "log"):
            path_of(name, ending).unlink(missing_ok=True)


def sweep_half_made() -> None:
    """Delete what killed commands left half made: whoever makes one holds its lock."""
    for name, path in library.half_made():
        # Locks may not reach other hosts, but its maker's heart does.
        if (job := read(name)) is not None and job.live:
            continue
        with contextlib.suppress(LabbenchError, OSError):
            held = library.lock(name)
            try:
                # Out of the way first: nobody is to wait for the lock while it is deleted.
                doomed = path.rename(path.with_name(f"{leftovers.REMOVING}{uuid.uuid4().hex[:8]}"))
            finally:
                held.release()
            leftovers.delete(doomed)


@contextlib.contextmanager
def lock(name: str, wait_s: float = 0) -> Iterator[None]:
    """Hold the lock of a job.

    Raises:
        BusyError: somebody holds it.
        DataError: the folder of data sets cannot be written.
    """
    held = FileLock(path_of(name, "lock"))
    try:
        jobs_dir().mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=wait_s)
    except Timeout:
        raise busy(name) from None
    except OSError as error:
        raise DataError(
            f"The folder of data sets cannot be written: {error.strerror}.",
            where=str(paths.clips_dir()), hint="Set LABBENCH_CLIPS to a folder that can.",
        ) from error  # fmt: skip
    try:
        yield
    finally:
        held.release()


def busy(name: str) -> BusyError:
    """What is said where a data set is being made already."""
    return BusyError(
        f"Data set {name!r} is being made already.", where=str(paths.clips_dir()),
        hint=f"labbench data list shows its progress; labbench data cancel {name} stops it.",
    )  # fmt: skip


def fetched_bytes() -> int:
    """Bytes of the archive that are here, whole or in part."""
    for path in (archive_path(), archive_path().with_name(f"{archive_path().name}.part")):
        with contextlib.suppress(OSError):
            return path.stat().st_size
    return 0
