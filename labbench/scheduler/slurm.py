"""Runs as jobs of a Slurm cluster: submitted, cancelled, and their statuses kept honest.

A run's folder lies on a disk that the cluster shares. Its job starts the same worker as the local
queue (`slurm_job`), and puts the run back among the waiting when the cluster takes the node away.
A run that waits for its job is queued with the host `slurm`; `settle` finds those whose job is
gone. Needs the optional extra `slurm` (submitit) and Slurm's own commands.
"""

from __future__ import annotations

import importlib.util
import math
import os
import re
import shlex
import shutil
import time

import msgspec

from labbench.distribution import install_command
from labbench.errors import BusyError, LabbenchError, RunError
from labbench.runs import RunFolder, Status, control, queue, status, tickets
from labbench.runs.status import job_of
from labbench.scheduler import slurm_queue
from labbench.scheduler.slurm_queue import HOST, NEW, Job, submission, write_queued
from labbench.scheduler.spawn import LOCK_WAIT_S

NEW_S = 60.0
"""A command that submits is done, or dead, after so many seconds."""

LOOK_EVERY_S = 5.0
"""Seconds between two questions to the cluster, at least: it has others to answer too."""

SHORT = {
    "A": "account", "C": "constraint", "G": "gpus", "N": "nodes", "c": "cpus-per-task",
    "p": "partition", "q": "qos", "t": "time", "w": "nodelist", "x": "exclude",
}  # fmt: skip
"""sbatch's short options and their long names."""

NAME = re.compile(r"[a-z][a-z0-9-]+")

OURS = ("array", "error", "open-mode", "output", "ntasks", "signal", "wrap")
"""Options of sbatch that the bench sets itself."""


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
    if not slurm_queue.answered_within(LOOK_EVERY_S):
        slurm_queue.jobs()
    if slurm_queue.silence():
        raise RunError(
            "Slurm does not answer.", where="sbatch",
            hint="Try again when `squeue` does, or train here: --on local.",
        )  # fmt: skip


def send(run: RunFolder, arguments: str) -> str:
    """Hand a run to the cluster; it waits for its job from now on. Returns the job's number.

    Raises:
        BusyError: the run has a writer.
        RunError: the cluster refused the job; the run is as it was.
    """
    check(arguments)
    with run.writing(wait_s=LOCK_WAIT_S):
        control.clear(run.control_path)
        preset = tickets.mark_of(run.path)
        job = _sbatch(run, options(arguments))
        # Its worker waits for our lock, and is refused without this ticket.
        tickets.issue(run.path, HOST, job=job, arguments=arguments, preset=preset)
        write_queued(run, job, "")
    return job


def _sbatch(run: RunFolder, wanted: dict[str, str | bool]) -> str:
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    from labbench.scheduler.slurm_job import TIMED_OUT, submit

    try:
        return submit(run, wanted)
    except (FailedJobError, FailedSubmissionError, OSError) as error:
        if getattr(error.__cause__, "returncode", 0) == TIMED_OUT:
            raise RunError(
                "Slurm did not take the job in time.", where=run.id,
                hint="Try again when `sbatch` answers, or train here: --on local.",
            ) from None  # fmt: skip
        lines = str(error).strip().splitlines()
        raise RunError(
            f"Slurm refused the job: {lines[-1] if lines else 'without a word'}", where=run.id,
            hint="See the options with: sbatch --help",
        ) from None  # fmt: skip


def cancel(run: RunFolder) -> bool:
    """Take our job of a run out of the cluster's queue, or end it; one that is gone is let be.

    Which job that is stands in our ticket: the run folder could name any of our jobs.

    Returns:
        Whether there is no such job any more; False where the cluster does not say so, or we
        have no ticket.
    """
    known = submission(run)
    if known is None:
        return False
    if slurm_queue.cancel(known.job):
        return True
    there = slurm_queue.jobs()
    return there is not None and known.job not in there


_asked = -math.inf
"""When the cluster was asked for all jobs."""


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
    there = slurm_queue.jobs()
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
            write_queued(run, number, job.in_words(number))
        elif job is not None and one.state == "queued" and job.state == "PENDING":
            said = msgspec.structs.replace(current, message=job.in_words(number))
            status.write(run.status_path, said)


def _write_lost(run: RunFolder, current: Status, number: str) -> None:
    how = slurm_queue.ending(number)
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
