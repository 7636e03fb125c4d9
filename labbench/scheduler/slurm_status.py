"""The place of a run that a job of a Slurm cluster starts: its ticket, and its status meanwhile."""

from __future__ import annotations

import time

import msgspec

from labbench.runs import RunFolder, control, status, tickets
from labbench.runs.queue import CLUSTER
from labbench.runs.status import Waiting
from labbench.runs.tickets import Ticket
from labbench.scheduler.spawn import LOCK_WAIT_S

HOST = CLUSTER

NEW = "new"
"""In place of the job's number until the cluster has given it one."""


def submission(run: RunFolder) -> Ticket | None:
    """How we handed the run to the cluster last; None if we did not, or it moved away."""
    return tickets.read(run.path, HOST)


def waiting(job: str = NEW) -> Waiting:
    """The place of a run that a job will start."""
    return Waiting(since=time.time(), host=HOST, job=job)


def write_queued(run: RunFolder, job: str, message: str) -> None:
    """Say in the status that the run waits for its job; the caller holds the run's lock."""
    now = run.status()
    status.write(
        run.status_path,
        msgspec.structs.replace(
            now, state="queued", waiting=waiting(job), writer=None, slot="", ended=None,
            message=message, hint="", left_s=None, exit_code=0,
        ),
    )  # fmt: skip


def requeued(run: RunFolder, job: str, *, wait_s: float = LOCK_WAIT_S) -> None:
    """Put a run back among the waiting whose node the cluster took away; its job starts again.

    A run that somebody asked to stop stays stopped.

    Raises:
        BusyError: its worker is still at it.
    """
    with run.writing(wait_s=wait_s):
        now = run.status()
        if now.state in ("finished", "failed", "queued") or stop_asked(run):
            return
        at = f"epoch {now.epoch}" if now.epoch else "its start"
        write_queued(run, job, f"Slurm took the node away: goes on from {at}.")


def stop_asked(run: RunFolder) -> bool:
    """Whether somebody asked the run to stop."""
    return control.pending(run.control_path) in ("stop", "stop-now")
