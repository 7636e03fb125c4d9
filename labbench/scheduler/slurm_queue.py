"""What Slurm says of our jobs, by its own commands, and what we note of them in a run's status."""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass

import msgspec

from labbench.runs import RunFolder, control, status, tickets
from labbench.runs.queue import CLUSTER
from labbench.runs.status import Waiting
from labbench.runs.tickets import Ticket
from labbench.scheduler.spawn import LOCK_WAIT_S

ANSWER_S = 2.5
"""A cluster that has not answered by then is taken for silent: a person waits for us."""

JOB_ANSWER_S = 20.0
"""The same where only a job waits for us."""

SILENT_S = 10.0
"""For so long a silent cluster is not asked again."""

SILENCE = "Slurm does not answer: its jobs are shown as they were known last."

NUMBER = re.compile(r"[0-9]+")
"""Of a job."""

ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL",
         "OUT_OF_MEMORY", "TIMEOUT")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """What the cluster says of one of our jobs."""

    state: str
    reason: str

    def in_words(self, number: str) -> str:
        """`Slurm job 12: pending (Resources)`."""
        reason = f" ({self.reason})" if self.reason not in ("", "None") else ""
        return f"Slurm job {number}: {self.state.lower()}{reason}"


def jobs() -> dict[str, Job] | None:
    """Our jobs that wait, run or are about to end, by number; None where nobody answers."""
    said = _output_of("squeue", "--noheader", "--me", "--format=%A|%T|%r")
    if said is None:
        return None
    rows = [line.split("|", 2) for line in said.splitlines() if line.count("|") == 2]
    return {number: Job(state, reason) for number, state, reason in rows}


def about(job: str, within_s: float = ANSWER_S) -> dict[str, str]:
    """All that the cluster says of a job; {} where it is forgotten or nobody answers."""
    words = ("scontrol", "show", "job", "--oneliner", job)
    said = _output_of(*words, within_s=within_s) if NUMBER.fullmatch(job) else ""
    return dict(word.split("=", 1) for word in (said or "").split() if "=" in word)


def ending(job: str) -> str:
    """How a job ended, in Slurm's words; "" where it is forgotten already or has not."""
    said = about(job)
    state = said.get("JobState", "")
    if state not in ENDED:
        return ""
    code = said.get("ExitCode", "0:0")
    return state if code == "0:0" else f"{state}, exit code {code}"


def starts_again(job: str, restarts: int) -> bool:
    """Whether the cluster took the node from a job to give it back later.

    While a job has its time of grace, one that ends by itself would not come back: it is requeued.

    Args:
        restarts: how often the job had been started again when it was started last.
    """
    said = about(job, JOB_ANSWER_S)
    state, counted = said.get("JobState"), said.get("Restarts", "0")
    if state in ("PENDING", "PREEMPTED", "REQUEUED"):
        return True
    if state == "RUNNING" and said.get("PreemptTime", "None") != "None":
        return _output_of("scontrol", "requeue", job, within_s=JOB_ANSWER_S) is not None
    return counted.isdecimal() and int(counted) > restarts


def cancel(job: str) -> bool:
    """Take a job out of the queue, or end it, one that is gone too; whether the cluster did."""
    return _output_of("scancel", job) is not None


_answered = _silent = -math.inf
"""When the cluster answered last, and when it did not in time."""


def silence() -> str:
    """That the cluster did not answer our last question, in words; "" if it did, or had none."""
    return SILENCE if _silent > _answered else ""


def answered_within(seconds: float) -> bool:
    """Whether the cluster answered anything in the last so many seconds."""
    return time.monotonic() - _answered < seconds


def _output_of(*command: str, within_s: float = ANSWER_S) -> str | None:
    """What a command of the cluster's says; None where it fails, or does not answer in time."""
    global _answered, _silent
    if silence() and time.monotonic() - _silent < SILENT_S:
        return None
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
    except OSError:
        return None
    with contextlib.closing(process.stdout or io.StringIO()):
        try:
            said, _ = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            _silent = time.monotonic()
            _kill(process)
            return None
    _answered = time.monotonic()
    return said if process.returncode == 0 else None


def _kill(process: subprocess.Popen[str]) -> None:
    """End a command and what it started; one that the kernel holds is left to itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.2)


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
