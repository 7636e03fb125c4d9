"""What a Slurm job of a run does: start its worker, and hand it back when the node is taken away.

submitit brings `Cell` to the node and calls it. Slurm tells of the end in two ways:

- before a time limit, and before a preemption where the cluster is set so, by SIGUSR2: submitit
  asks the cell for its checkpoint, then requeues the job;
- at a preemption by SIGTERM to all processes of the job: the worker stops after its step, and
  Slurm requeues the job by itself.

Either way the job starts again and calls the cell again, which goes on from the run's checkpoint.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec
from submitit import SlurmExecutor
from submitit.core.utils import DelayedSubmission

from labbench.errors import STOPPED_EXIT_CODE, BusyError
from labbench.runs import RunFolder, launch, machine, private, tickets
from labbench.runs.launch import Launch
from labbench.runs.status import CLUSTER_SLOT, LIVE
from labbench.scheduler import slurm_queue
from labbench.scheduler.placing import Place
from labbench.scheduler.spawn import spawn

SIGNAL_S = 90
"""Seconds before the time limit at which the job is told: a step, a checkpoint and some air."""

PATIENCE_S = 60.0
"""A worker that has not ended so long after it was asked is killed: an older checkpoint counts."""

REQUEUES = 1000
"""A run may be longer than any number of time limits."""

SUBMIT_S = 45.0
"""A cluster that has not taken a job by then is taken for silent."""

TIMED_OUT = 124
"""Exit code of `timeout`."""

GIVEN = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "OMP_NUM_THREADS")
"""Variables in which the job's node says what the run may use: they win over the submitter's."""

WRITER_S = 30.0
"""Whoever writes the run when the job starts, or after its worker is gone, is soon done."""


class Executor(SlurmExecutor):
    """submitit's, which leaves the time limit to the cluster where none was asked for.

    And waits for the cluster's answer no longer than `SUBMIT_S`.
    """

    def _make_submission_file_text(self, command: str, uid: str) -> str:
        text = super()._make_submission_file_text(command, uid)
        if "time" in self.parameters["additional_parameters"]:
            return text
        kept = [line for line in text.splitlines() if not line.startswith("#SBATCH --time=")]
        return "\n".join(kept) + "\n"

    def _make_submission_command(self, submission_file_path: Path) -> list[str]:
        command = super()._make_submission_command(submission_file_path)
        # One that hangs would hold up whoever submits for ever.
        return ["timeout", "--kill-after=2", str(SUBMIT_S), *command]


def submit(run: RunFolder, wanted: dict[str, str | bool]) -> str:
    """Submit the job of a run; returns its number.

    Raises:
        FailedJobError, FailedSubmissionError: sbatch refused it.
    """
    here = launch.of_this_process()
    # -P: a random.py in the folder labbench is called from must not take the library's place.
    folder = private.folder(tickets.JOBS, tickets.key(run.path, slurm_queue.HOST))
    executor = Executor(folder, REQUEUES, python=f"{shlex.quote(here.python)} -P")
    carried = {k: v for k, v in here.environment.items() if k not in GIVEN and k.isidentifier()}
    executor.update_parameters(
        # A line break in it would be a command of the script.
        job_name=re.sub(r"[^A-Za-z0-9_.+-]", "-", run.id),
        signal_delay_s=SIGNAL_S, stderr_to_stdout=True,
        additional_parameters={"requeue": True, **wanted},
        setup=[f"export {key}={shlex.quote(value)}" for key, value in sorted(carried.items())],
    )  # fmt: skip
    return str(executor.submit(Cell(str(run.path))).job_id)


class Cell:
    """A run as a job: called anew each time the job starts."""

    def __init__(self, folder: str) -> None:
        self.run = RunFolder(Path(folder))
        self.worker: subprocess.Popen[bytes] | None = None

    def __reduce__(self) -> tuple[type[Cell], tuple[str]]:
        return Cell, (str(self.run.path),)

    @property
    def job(self) -> str:
        """Our job's number."""
        return os.environ["SLURM_JOB_ID"]

    def __call__(self) -> None:
        """Train the run from where it is, until it ends or the node is taken away.

        Raises:
            LabbenchError: the run is not to be started any more.
            SystemExit: the run failed, with its exit code: so did the job.
        """
        self.worker = self._start()
        code = self.worker.wait()
        restarts = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
        if code == STOPPED_EXIT_CODE and slurm_queue.starts_again(self.job, restarts):
            slurm_queue.requeued(self.run, self.job, wait_s=WRITER_S)
        elif code not in (0, STOPPED_EXIT_CODE):
            raise SystemExit(code)

    def checkpoint(self) -> DelayedSubmission | None:
        """Stop the worker at its checkpoint; None where the job is not to start again."""
        if self.worker is not None:
            self._stop(self.worker)
        slurm_queue.requeued(self.run, self.job, wait_s=WRITER_S)
        return DelayedSubmission(self) if self.run.status().state == "queued" else None

    def _stop(self, worker: subprocess.Popen[bytes]) -> None:
        """Have the worker end at its checkpoint, and one that takes too long at once.

        We are in a signal's handler, with `worker.wait()` under way below us: its lock is taken.
        """
        worker.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        while machine.process_started(worker.pid) is not None:
            if time.monotonic() > deadline:
                worker.kill()
            time.sleep(0.1)

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the worker; the signals that tell submitit of the end are not for it."""
        before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        deadline = time.monotonic() + WRITER_S
        try:
            while True:
                try:
                    return spawn(
                        self.run, Place(CLUSTER_SLOT + self.job), self._launch(),
                        states=self._states(), own_session=False,
                    )  # fmt: skip
                except BusyError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.5)
        finally:
            signal.signal(signal.SIGUSR2, before)

    def _states(self) -> tuple[str, ...]:
        """States from which this job may take the run up.

        What its own earlier start left, as cut off as it may be, is nobody else's: Slurm never
        runs a job twice at once.
        """
        left = (*LIVE, "stopped", "lost")
        own = self.run.status().slot == CLUSTER_SLOT + self.job
        goes_on = own and not slurm_queue.stop_asked(self.run)
        return ("queued", *left) if goes_on else ("queued",)

    def _launch(self) -> Launch:
        """As the run was submitted, with the devices and cores of this node.

        Raises:
            BusyError: whoever submits it has not written our ticket yet, or it is another job's.
        """
        ticket = slurm_queue.submission(self.run)
        if ticket is None or ticket.job != self.job:
            raise BusyError("this job is not to start it.", where=self.run.id)
        with_ = ticket.launch
        kept = {key: value for key, value in with_.environment.items() if key not in GIVEN}
        here: dict[str, Any] = {key: os.environ[key] for key in GIVEN if key in os.environ}
        if cores := os.environ.get("SLURM_CPUS_PER_TASK"):
            here.setdefault("OMP_NUM_THREADS", cores)
        return msgspec.structs.replace(with_, environment={**kept, **here})
