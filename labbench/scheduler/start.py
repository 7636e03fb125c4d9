"""What screens ask of runs: submit, start, resume, stop, checkpoint. None of it loads torch.

run = submit(preset)        queued; a dispatcher starts it when a device is free
submit(preset, slurm="")    queued as a job of a Slurm cluster (labbench.scheduler.slurm)
resume(run)                 a stopped, failed or lost run waits for its turn again, where it ran
stop(run); checkpoint(run)  requests; a run that still waits is stopped at once
devices()                   what there is, and who is on it (labbench.scheduler.devices)
ahead(run, ...)             whom a queued run waits for (labbench.scheduler.placing)
ensure_dispatcher()         at a screen's start: goes on with what a dead dispatcher left
start(run)                  at once, past the queue
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from typing import Literal

import msgspec

from labbench.audio.chosen import clips_of
from labbench.audio.library import SYNTHETIC, find
from labbench.errors import BusyError, LabbenchError, RunError
from labbench.presets import Preset
from labbench.runs import RunFolder, control, create, launch, machine, queue, status, tickets
from labbench.runs.status import LIVE, Status, Waiting
from labbench.scheduler import slurm as cluster
from labbench.scheduler import slurm_queue
from labbench.scheduler.devices import Device, devices, slots_text
from labbench.scheduler.dispatch import ensure_dispatcher
from labbench.scheduler.fitting import check_fits
from labbench.scheduler.placing import Ahead, ahead, any_place
from labbench.scheduler.spawn import LOCK_WAIT_S, Command, spawn, worker_command

__all__ = [
    "Ahead", "Device", "ahead", "checkpoint", "devices", "ensure_dispatcher", "new_run", "resume",
    "start", "stop", "submit",
]  # fmt: skip

On = Literal["local", "slurm"]
"""Where a run is trained: by this host's queue, or as a job of a cluster."""

RESUMABLE: tuple[str, ...] = ("stopped", "failed", "lost")
"""States from which a run can be taken up again."""

STOP_WAIT_S = 10.0
"""A run that is just being started is soon in a state in which it can be asked to stop."""


def new_run(preset: Preset, *, waiting: Waiting | None = None) -> RunFolder:
    """A run folder for a preset, its data set named where the preset says auto.

    Args:
        waiting: its place in the queue; None: the caller starts it.

    Raises:
        DataError: there is no such data set, or several could be meant.
        DeviceError: this machine, where it is to be trained, has not the memory for it.
        RunError: the folder cannot be made.
    """
    if waiting is None or not waiting.job:
        check_fits(preset, waiting or place_in_queue(preset))
    clips = clips_of(preset)
    if clips.name != SYNTHETIC:
        find(clips.name)
    data = msgspec.structs.replace(preset.data, name=clips.name)
    return create(
        msgspec.structs.replace(preset, data=data), waiting=waiting, fingerprint=clips.fingerprint
    )


def submit(
    preset: Preset, *, slurm: str | None = None, slots: str | None = None, begin: bool = True
) -> RunFolder:
    """Queue a new run of a preset and see to it that somebody starts it.

    Args:
        slurm: options of sbatch for its job on a Slurm cluster; None: this host's queue.
        slots: runs at once on each device, in the words of LABBENCH_SLOTS; None: as it says.
        begin: who queues many takes False, and calls `ensure_dispatcher` after the last.

    Raises:
        LabbenchError: as of `new_run`, LABBENCH_SLOTS is no number of slots, or the cluster
            refuses the job: then there is no run.
    """
    if slurm is None:
        run = new_run(preset, waiting=place_in_queue(preset, slots))
        if begin:
            ensure_dispatcher()
        return run
    cluster.check(slurm)
    run = new_run(preset, waiting=slurm_queue.waiting())
    try:
        cluster.send(run, slurm)
    except LabbenchError:
        run.remove()
        raise
    return run


def resume(
    run: RunFolder, *, on: On | None = None, slurm: str | None = None, slots: str | None = None,
    begin: bool = True,
) -> None:  # fmt: skip
    """Queue a stopped, failed or lost run again; it goes on from its last checkpoint.

    A run that waits in another host's queue, or here without anybody to start it, moves into ours.

    Args:
        on: where; None: where it ran last.
        slurm: options of sbatch for its job; None: those it had.
        slots, begin: as of `submit`.

    Raises:
        RunError: it is finished, or has a worker.
        LabbenchError: its preset is damaged, LABBENCH_SLOTS is no number of slots, or the cluster
            refuses the job.
    """
    cluster.settle([(run, run.status())], now=True)
    known = slurm_queue.submission(run)
    if on == "slurm" or (on is None and known):
        _refuse_unless_resumable(run, run.status(), on="slurm")
        cluster.send(run, (known.arguments if known else "") if slurm is None else slurm)
        return
    _queue_again(run, slots)
    if begin:
        ensure_dispatcher(run.path.parent)


def _queue_again(run: RunFolder, slots: str | None) -> None:
    """Put a run at the end of this host's queue."""
    _refuse_unless_resumable(run, run.status())
    cluster.forget(run)
    waiting = place_in_queue(run.preset(), slots)
    with run.writing(wait_s=LOCK_WAIT_S):
        now = run.status()
        _refuse_unless_resumable(run, now)
        control.clear(run.control_path)
        tickets.issue(run.path, waiting.host)
        status.write(
            run.status_path,
            msgspec.structs.replace(
                now, state="queued", waiting=waiting, writer=None, slot="", ended=None,
                message="", hint="", left_s=None, exit_code=0,
            ),
        )  # fmt: skip


def place_in_queue(preset: Preset, slots: str | None = None) -> Waiting:
    """A place at the end of this host's queue; `slots` as of `submit`.

    Raises:
        LabbenchError: LABBENCH_SLOTS is no number of slots.
    """
    return Waiting(
        since=time.time(), host=machine.host(), device=preset.training.device,
        visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
        slots=slots_text() if slots is None else slots,
    )  # fmt: skip


def _refuse_unless_resumable(run: RunFolder, now: Status, on: On = "local") -> None:
    if now.state in LIVE:
        raise RunError("is running already.", where=run.id, hint="Watch it: `labbench runs`.")
    if now.state == "finished":
        raise RunError("is finished: there is nothing to resume.", where=run.id,
                       hint=f"Look at it: `labbench show {run.number}`.")  # fmt: skip
    if now.state != "queued" or now.waiting is None:
        return
    if now.waiting.job and on == "slurm":
        here = f"labbench run --resume {run.number} --on local"
        raise RunError(f"waits as Slurm job {now.waiting.job} already.", where=run.id,
                       hint=f"Here instead: `{here}`.")  # fmt: skip
    if now.waiting.job or now.waiting.host != machine.host() or on != "local":
        return
    if not queue.unclaimed([(run, now)]):
        raise RunError("waits in the queue already.", where=run.id,
                       hint=f"At once: `labbench run --resume {run.number} --now`.")  # fmt: skip


def start(run: RunFolder, command: Command = worker_command) -> subprocess.Popen[bytes]:
    """Start the worker of a run that is queued, stopped, failed or lost at once, past the queue.

    Raises:
        RunError: the run is finished or has a worker, or no process can be started.
    """
    now = run.status()
    if now.state != "queued":
        _refuse_unless_resumable(run, now)
    cluster.forget(run)
    place = any_place(place_in_queue(run.preset()))
    here = launch.of_this_process()
    process = spawn(run, place, here, states=("queued", *RESUMABLE), command=command)
    tickets.drop(run.path, machine.host())
    return process


def stop(run: RunFolder, *, now: bool = False) -> Literal["stopped", "asked"]:
    """Stop a run: one that waits at once ("stopped"), one with a worker by a request ("asked").

    Args:
        now: do not finish the step under way; steps since the last checkpoint are lost.

    Raises:
        RunError: it neither waits nor runs.
    """
    deadline = time.monotonic() + STOP_WAIT_S
    while True:
        state = run.status().state
        if state in LIVE:
            run.ask("stop-now" if now else "stop")
            return "asked"
        if state != "queued":
            raise RunError(f"is not running: it is {state}.", where=run.id)
        try:
            if _cancelled(run):
                return "stopped"
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _cancelled(run: RunFolder) -> bool:
    """Take a run out of the queue; returns whether it still was in it."""
    with run.writing(wait_s=LOCK_WAIT_S):
        now = run.status()
        if now.state != "queued":
            return False
        if now.waiting and now.waiting.job:
            cluster.cancel(run)
        else:
            tickets.drop(run.path, machine.host())
        status.write(
            run.status_path,
            msgspec.structs.replace(
                now, state="stopped", waiting=None, ended=time.time(), exit_code=0,
                message="taken out of the queue before it was started.",
            ),
        )  # fmt: skip
        return True


def remove(run: RunFolder) -> str:
    """Delete a run, and cancel the cluster's job that it waits for.

    Returns:
        What is left to do, in words: a job that could not be cancelled; "" where nothing is.

    Raises:
        LabbenchError: as of `RunFolder.remove`.
    """
    waits = False
    with contextlib.suppress(RunError):  # a damaged one can be deleted
        now = run.status()
        waits = now.state == "queued" and bool(status.job_of(now))
    run.remove()
    known = slurm_queue.submission(run)
    gone = not waits or cluster.cancel(run)
    tickets.drop(run.path, slurm_queue.HOST)
    if gone:
        return ""
    if known is None:
        return "a Slurm job that waits for it is its submitter's to cancel."
    return f"its Slurm job could not be cancelled, and will find no run: scancel {known.job}"


def checkpoint(run: RunFolder) -> None:
    """Ask a run's worker for a checkpoint now.

    Raises:
        RunError: it has no worker.
    """
    state = run.status().state
    if state not in LIVE:
        raise RunError(f"is not running: it is {state}.", where=run.id)
    run.ask("checkpoint")
