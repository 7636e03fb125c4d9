"""status.json: the state of a run, in one small file that a listing can read."""

from __future__ import annotations

import functools
import os
import socket
import time
from pathlib import Path
from typing import Literal

import msgspec

from labbench.runs.files import write_atomic

State = Literal["queued", "starting", "running", "finished", "stopped", "failed", "lost"]
LIVE: tuple[str, ...] = ("starting", "running")
"""States that only a living writer can hold."""

HEARTBEAT_S = 5.0
"""Seconds between two heartbeats of a worker."""

SILENT_S = 90.0
"""A run on another host counts as lost after so many seconds without heartbeat."""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a run."""

    host: str
    pid: int
    process_started: float
    """Unix time of the process' start: tells it from a later one with the same pid."""
    boot_id: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """State and latest figures of a run. Times are Unix times in seconds."""

    state: State
    preset: str
    created: float
    writer: Writer | None = None
    started: float | None = None
    heartbeat: float | None = None
    ended: float | None = None
    attempt: int = 0
    device: str = ""
    clips: str = ""
    """Name of the data set."""
    synthetic: bool = False
    """Whether the clips are synthetic speech."""
    parameters: int = 0
    published: float | None = None
    epoch: int = 0
    """Epochs that are complete."""
    epochs: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    elapsed_s: float = 0.0
    left_s: float | None = None
    train_accuracy: float | None = None
    val_accuracy: float | None = None
    best_val_accuracy: float | None = None
    best_epoch: int | None = None
    test_accuracy: float | None = None
    message: str = ""
    hint: str = ""
    exit_code: int = 0
    """What `labbench run` exits with: 0, or the exit code of the error that ended the run."""


def write(path: Path, status: Status, *, durable: bool = False) -> None:
    """Replace the status file atomically."""
    write_atomic(path, msgspec.json.encode(status), durable=durable)


def read(path: Path) -> Status:
    """The status as its writer left it.

    Raises:
        OSError, msgspec.MsgspecError: there is none, or it is no status.
    """
    return msgspec.json.decode(path.read_bytes(), type=Status)


def observed(status: Status, *, now: float | None = None) -> Status:
    """The status as it really is: live states whose writer is gone become lost."""
    if status.state not in LIVE or is_alive(status, time.time() if now is None else now):
        return status
    return msgspec.structs.replace(
        status, state="lost", left_s=None,
        message=status.message or "its worker is gone without a word.",
        hint=f"`labbench run --resume` goes on from epoch {status.epoch}.",
    )  # fmt: skip


def is_alive(status: Status, now: float) -> bool:
    """Whether the writer that a live status names still runs."""
    writer = status.writer
    last_s = now - (status.heartbeat or status.created)
    if writer is None or writer.host != socket.gethostname():
        return last_s < SILENT_S
    if writer.boot_id != boot_id():
        return False
    started = process_started(writer.pid)
    return started is not None and abs(started - writer.process_started) < 1.5


def this_process() -> Writer:
    """This process as a run's writer."""
    pid = os.getpid()
    return Writer(
        host=socket.gethostname(), pid=pid,
        process_started=process_started(pid) or time.time(), boot_id=boot_id(),
    )  # fmt: skip


def process_started(pid: int) -> float | None:
    """Unix time of a process' start, or None where it does not run (a zombie does not)."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.Error:
        return None


@functools.cache
def boot_id() -> str:
    """What tells this boot of the host from others."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import psutil

        return f"boot-{round(psutil.boot_time() / 60)}"
