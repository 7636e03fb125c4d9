"""status.json: the state of a run, in one small file that a listing can read."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

import msgspec

from labbench import paths
from labbench.decoding import decoded_by
from labbench.runs import machine
from labbench.runs.files import write_atomic

State = Literal["queued", "starting", "running", "finished", "stopped", "failed", "lost"]
LIVE: tuple[str, ...] = ("starting", "running")
"""States that only a living writer can hold."""

HEARTBEAT_S = 5.0
"""Seconds between two heartbeats of a worker."""

SILENT_S = 90.0
"""A run whose process we cannot see (on another host) is lost after so many seconds of silence."""


AHEAD_S = 3600.0
"""So far ahead may the clock of another host be; a later heartbeat was left by a wrong clock."""

CLUSTER_SLOT = "slurm:"
"""What the slot of a run begins with that a cluster's job trains; the job's number follows."""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a run."""

    host: str
    pid: int
    process_started: float
    """When it started, as `machine.process_started` counts: tells it from a later process with
    the same pid."""
    boot_id: str
    pid_space: str = ""
    """Whose process numbers `pid` is one of: a container counts on its own."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the queue of a host, and what the run needs to have its turn."""

    since: float
    """Unix time at which it was queued: who came first is served first."""
    host: str
    device: str = "auto"
    """As in `training.device`."""
    visible: str | None = None
    """CUDA_VISIBLE_DEVICES of the process that queued it; None: all."""
    slots: str = ""
    """Runs at once on each device, in the words of LABBENCH_SLOTS; "": one."""
    job: str = ""
    """The cluster's job that will start it, instead of a dispatcher; its host is then `slurm`."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """State and latest figures of a run. Times are Unix times in seconds."""

    state: State
    preset: str
    created: float
    settings: str = ""
    """Which cell it is, by its settings (`presets.identity.settings_key`)."""
    seed: int = 0
    waiting: Waiting | None = None
    """Its place in the queue, while it is queued; None: whoever made it starts it."""
    writer: Writer | None = None
    slot: str = ""
    """The device whose slot its worker takes: cpu, mps, cuda:N (N counts all GPUs of the host);
    slurm:N for what the cluster gave job N."""
    started: float | None = None
    heartbeat: float | None = None
    ended: float | None = None
    attempt: int = 0
    device: str = ""
    engine: int = 0
    """Revision of the engine that began it (`flaws.ENGINE`)."""
    clips: str = ""
    """Name of the data set."""
    fingerprint: str = ""
    """Of the clips' content; "" until they are known."""
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


_DECODER = msgspec.json.Decoder(Status)


def job_of(one: Status) -> str:
    """The cluster's job that a run waits for, or that trained it when it was lost; else ""."""
    if one.state == "queued":
        return one.waiting.job if one.waiting else ""
    if one.state == "lost" and one.slot.startswith(CLUSTER_SLOT):
        return one.slot.removeprefix(CLUSTER_SLOT)
    return ""


def write(path: Path, status: Status, *, durable: bool = False) -> None:
    """Replace the status file atomically."""
    content = msgspec.json.encode(status)
    write_atomic(path, content, durable=durable, within=path.parent.parent)


def read(path: Path) -> Status:
    """The status as its writer left it.

    Raises:
        OSError, msgspec.MsgspecError: there is none, or it is no status.
    """
    return decoded_by(_DECODER, paths.read(path))


def observed(status: Status, *, now: float | None = None) -> Status:
    """The status as it really is: live states whose writer is gone become lost."""
    if status.state not in LIVE or is_alive(status, time.time() if now is None else now):
        return status
    return msgspec.structs.replace(
        status, state="lost", left_s=None,
        message=status.message or "its worker ended without a message.",
        hint=f"Resuming it (r, `labbench run --resume`) goes on from epoch {status.epoch}.",
    )  # fmt: skip


def is_alive(status: Status, now: float) -> bool:
    """Whether the writer that a live status names still runs."""
    return writer_lives(status.writer, status.heartbeat or status.created, now)


def writer_lives(writer: Writer | None, beat: float, now: float) -> bool:
    """Whether a writer that was last heard of at `beat` still runs.

    Where we can see its process, the process decides; the heartbeat does for a writer on another
    machine or in a container. A heartbeat from before this machine's boot is nobody's, nor is one
    from a time that is far ahead.
    """
    if writer and (writer.boot_id, writer.pid_space) == (machine.boot_id(), machine.pid_space()):
        started = machine.process_started(writer.pid)
        return started is not None and abs(started - writer.process_started) < 1.0
    if writer and writer.host == machine.host() and beat < machine.booted():
        return False
    return -AHEAD_S < now - beat < SILENT_S


def writer_of(pid: int) -> Writer:
    """A process of this machine as a run's writer."""
    return Writer(
        host=machine.host(), pid=pid, process_started=machine.process_started(pid) or 0.0,
        boot_id=machine.boot_id(), pid_space=machine.pid_space(),
    )  # fmt: skip


def this_process() -> Writer:
    """This process as a run's writer."""
    return writer_of(os.getpid())
