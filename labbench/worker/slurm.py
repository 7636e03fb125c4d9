"""Runs as jobs of a Slurm cluster: submitted, cancelled, and their statuses kept honest.

A run's folder lies on a disk that the cluster shares. Its job starts the same worker as the local
queue (`slurm_job`), and puts the run back among the waiting when the cluster takes the node away.
A run that waits for its job is queued with the host `slurm`; `settle` finds those whose job is
gone. Needs the optional extra `slurm` (submitit) and Slurm's own commands.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

import msgspec

from labbench.distribution import install_command
from labbench.errors import BusyError, LabbenchError, RunError
from labbench.runs import RunFolder, Status, control, queue, status, tickets
from labbench.runs.queue import CLUSTER
from labbench.runs.status import Waiting, job_of
from labbench.runs.tickets import Ticket
from labbench.worker.spawn import LOCK_WAIT_S

HOST = CLUSTER

NEW = "new"
"""In place of the job's number until the cluster has given it one."""

NEW_S = 60.0
"""A command that submits is done, or dead, after so many seconds."""

LOOK_EVERY_S = 5.0
"""Seconds between two questions to the cluster, at least: it has others to answer too."""

ANSWER_S = 2.5
"""A cluster that has not answered by then is taken for silent: a person waits for us."""

JOB_ANSWER_S = 20.0
"""The same where only a job waits for us."""

SILENT_S = 10.0
"""For so long a silent cluster is not asked again."""

SILENCE = "Slurm does not answer: its jobs are shown as they were known last."

SHORT = {
    "A": "account", "C": "constraint", "G": "gpus", "N": "nodes", "c": "cpus-per-task",
    "p": "partition", "q": "qos", "t": "time", "w": "nodelist", "x": "exclude",
}  # fmt: skip
"""sbatch's short options and their long names."""

NAME = re.compile(r"[a-z][a-z0-9-]+")

OURS = ("array", "error", "open-mode", "output", "ntasks", "signal", "wrap")
"""Options of sbatch that the bench sets itself."""

NUMBER = re.compile(r"[0-9]+")
"""Of a job."""

ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL",
         "OUT_OF_MEMORY", "TIMEOUT")  # fmt: skip


def submission(run: RunFolder) -> Ticket | None:
    """How we handed the run to the cluster last; None if we did not, or it moved away."""
    return tickets.read(run.path, HOST)


def options(arguments: str) -> dict[str, str | bool]:
    """Long options of sbatch from a line as one types it: `-p gpu --gres=gpu:1 --exclusive`.

    Raises:
        LabbenchError: it is no such line, or names an option that the bench sets itself.
    """
    if not arguments.isprintable():
        raise _refused(arguments, "It holds a control sign: options stand in one line of text.")
    found: dict[str, str | bool] = {}
    words = _words(arguments)
    while words:
        word = words.pop(0)
        name, _, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            name, value = SHORT.get(word[1:2], ""), word[2:]
            if word[:1] != "-" or not name:
                known = " ".join(f"-{short}" for short in SHORT)
                raise _refused(word, f"Long options, or {known}; as in --slurm-args '-p gpu'.")
        if not NAME.fullmatch(name):
            raise _refused(word, "No option of sbatch is called so.")
        if name in OURS:
            raise _refused(word, "The bench sets it itself.")
        if not value and words and not words[0].startswith("-"):
            value = words.pop(0)
        found[name] = value or True
    return found


def _words(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError as error:
        raise _refused(arguments, f"{error}.") from None


def _refused(word: str, hint: str) -> LabbenchError:
    return LabbenchError(f"{word!r} cannot be used.", where="--slurm-args", hint=hint)


def check(arguments: str) -> None:
    """Refuse what cannot be submitted from here.

    Raises:
        LabbenchError: submitit or Slurm is missing, or the options are not sbatch's.
    """
    if importlib.util.find_spec("submitit") is None:
        raise LabbenchError(
            "submitit is not installed: needed for --on slurm.",
            hint=install_command("slurm"),
        )
    if shutil.which("sbatch") is None or shutil.which("srun") is None:
        raise LabbenchError(
            "there is no Slurm here: no sbatch on PATH.",
            hint="Submit from a login node, or train here: --on local.",
        )
    options(arguments)
    if time.monotonic() - _answered > LOOK_EVERY_S:
        jobs()
    if silence():
        raise RunError(
            "Slurm does not answer.", where="sbatch",
            hint="Try again when `squeue` does, or train here: --on local.",
        )  # fmt: skip


def waiting(job: str = NEW) -> Waiting:
    """The place of a run that a job will start."""
    return Waiting(since=time.time(), host=HOST, job=job)


def send(run: RunFolder, arguments: str) -> str:
    """Hand a run to the cluster; it waits for its job from now on. Returns the job's number.

    Raises:
        BusyError: the run has a writer.
        RunError: the cluster refused the job; the run is as it was.
    """
    check(arguments)
    with run.writing(wait_s=LOCK_WAIT_S):
        control.clear(run.control_path)
        job = _sbatch(run, options(arguments))
        # Its worker waits for our lock, and is refused without this ticket.
        tickets.issue(run.path, HOST, job=job, arguments=arguments)
        _write_queued(run, job, "")
    return job


def _write_queued(run: RunFolder, job: str, message: str) -> None:
    """Say in the status that the run waits for its job; the caller holds the run's lock."""
    now = run.status()
    status.write(
        run.status_path,
        msgspec.structs.replace(
            now, state="queued", waiting=waiting(job), writer=None, slot="", ended=None,
            message=message, hint="", left_s=None, exit_code=0,
        ),
    )  # fmt: skip


def _sbatch(run: RunFolder, wanted: dict[str, str | bool]) -> str:
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    from labbench.worker.slurm_job import submit

    try:
        return submit(run, wanted)
    except (FailedJobError, FailedSubmissionError, OSError) as error:
        lines = str(error).strip().splitlines()
        raise RunError(
            f"Slurm refused the job: {lines[-1] if lines else 'without a word'}", where=run.id,
            hint="See the options with: sbatch --help",
        ) from None  # fmt: skip


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
        _write_queued(run, job, f"Slurm took the node away: goes on from {at}.")


def stop_asked(run: RunFolder) -> bool:
    """Whether somebody asked the run to stop."""
    return control.pending(run.control_path) in ("stop", "stop-now")


def cancel(run: RunFolder) -> None:
    """Take our job of a run out of the cluster's queue, or end it; one that is gone is let be.

    Which job that is stands in our ticket: the run folder could name any of our jobs.
    """
    if known := submission(run):
        _said("scancel", known.job)


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
    said = _said("squeue", "--noheader", "--me", "--format=%A|%T|%r")
    if said is None:
        return None
    rows = [line.split("|", 2) for line in said.splitlines() if line.count("|") == 2]
    return {number: Job(state, reason) for number, state, reason in rows}


def about(job: str, within_s: float = ANSWER_S) -> dict[str, str]:
    """All that the cluster says of a job; {} where it is forgotten or nobody answers."""
    words = ("scontrol", "show", "job", "--oneliner", job)
    said = _said(*words, within_s=within_s) if NUMBER.fullmatch(job) else ""
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
        return _said("scontrol", "requeue", job, within_s=JOB_ANSWER_S) is not None
    return counted.isdecimal() and int(counted) > restarts


_asked = _answered = _silent = -math.inf
"""When the cluster was asked for all jobs, when it answered, and when it did not in time."""


def silence() -> str:
    """That the cluster did not answer our last question, in words; "" if it did, or had none."""
    return SILENCE if _silent > _answered else ""


def _said(*command: str, within_s: float = ANSWER_S) -> str | None:
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


def settle(rows: queue.Rows, *, now: bool = False) -> None:
    """Bring the statuses of our runs up to what the cluster says of their jobs.

    A run whose job is gone is lost; one whose job waits anew after its node died is queued again.
    Asks the cluster at most every `LOOK_EVERY_S`, and only where a run depends on the answer.

    Args:
        now: ask however long ago the last answer was.
    """
    global _asked
    user = os.geteuid()
    open_ = [(run, one) for run, one in rows if job_of(one) and queue.owner(run) == user]
    if not open_ or (not now and time.monotonic() - _asked < LOOK_EVERY_S):
        return
    _asked = time.monotonic()
    there = jobs()
    if there is None:
        return
    for run, one in open_:
        try:
            _settle(run, one, job_of(one), there)
        except (BusyError, RunError):
            # Somebody is writing it at this moment: that is news enough.
            continue


def _settle(run: RunFolder, one: Status, number: str, there: dict[str, Job]) -> None:
    job = there.get(number)
    young = number == NEW and one.waiting and time.time() - one.waiting.since < NEW_S
    if young or (one.state == "queued" and job and job.in_words(number) == one.message):
        return
    with run.writing():
        if (current := run.status()) != one:
            return
        if job is None and one.state == "queued":
            _write_lost(run, current, number)
        elif job is not None and one.state == "lost" and job.state == "PENDING":
            _write_queued(run, number, job.in_words(number))
        elif job is not None and one.state == "queued" and job.state == "PENDING":
            said = msgspec.structs.replace(current, message=job.in_words(number))
            status.write(run.status_path, said)


def _write_lost(run: RunFolder, current: Status, number: str) -> None:
    how = ending(number)
    which = "its submission was broken off" if number == NEW else f"its Slurm job {number} is gone"
    status.write(
        run.status_path,
        msgspec.structs.replace(
            current, state="lost", waiting=None, left_s=None,
            message=f"{which}{f': {how}' if how else ''}.",
            hint=_where_it_spoke(run),
        ),
    )  # fmt: skip


def _where_it_spoke(run: RunFolder) -> str:
    again = f"labbench run --resume {run.number} --on slurm"
    folder = tickets.job_folder(run.path, HOST)
    return f"See {folder}; {again} submits it again." if folder.is_dir() else f"Again: {again}"


def forget(run: RunFolder) -> None:
    """Take a run away from the cluster: it starts elsewhere from now on."""
    cancel(run)
    tickets.drop(run.path, HOST)
