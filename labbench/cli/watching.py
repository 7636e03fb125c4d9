"""Watching a run in the foreground: its turn, its progress, its end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from types import FrameType

from labbench.cli.progress import Progress
from labbench.errors import STOPPED_EXIT_CODE, RunError
from labbench.runs import RunFolder, Status, machine, queue
from labbench.runs.reader import RunsReader
from labbench.runs.watch import follow
from labbench.scheduler import slurm_queue
from labbench.scheduler.dispatch import ensure_dispatcher
from labbench.scheduler.placing import ahead
from labbench.scheduler.start import stop

TURN_EVERY_S = 2.0
"""Seconds between two looks at who is ahead."""


class Interrupts:
    """Counts Ctrl+C and SIGTERM from now on, instead of dying of them. Use as a context."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Interrupts:
        self._before = {
            number: signal.signal(number, self._heard)
            for number in (signal.SIGINT, signal.SIGTERM)
        }  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


class Turn:
    """Says whom a queued run waits for, and sees to it that somebody will start it."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.survey = RunsReader(folder.path.parent)
        self.text = ""
        self._looked = 0.0

    def look(self, status: Status) -> str:
        """Whom it waits for, in words; "" for a run that will be started in a moment."""
        now = time.monotonic()
        if not self._looked:
            # What the folders say comes first: a cluster may take its time to answer.
            self._looked = now - TURN_EVERY_S
            self.text = waiting_text(self.folder, status, self.survey.read())
        elif now - self._looked > TURN_EVERY_S:
            ensure_dispatcher(self.folder.path.parent)
            self._looked = time.monotonic()
            self.text = waiting_text(self.folder, status, self.survey.read())
        return self.text


def waiting_text(folder: RunFolder, status: Status, rows: queue.Rows) -> str:
    """`waiting for cpu: 2 runs ahead, 0012-demo first`; "" where nobody is ahead."""
    if status.waiting is None:
        return ""
    if status.waiting.job:
        said = status.message or f"waiting for Slurm job {status.waiting.job}"
        return " ".join(filter(None, (said, slurm_queue.silence())))
    if status.waiting.host != machine.host():
        return f"waiting in the queue of {status.waiting.host}"
    [(_, told)] = queue.explained([(folder, status)])
    if told.hint:
        return f"{told.message} {told.hint}"
    before = ahead(folder, status, rows)
    count = len(before.runs)
    if not count:
        return ""
    names = " or ".join(before.devices)
    runs = f"1 run ahead, {before.runs[0]}"
    if count > 1:
        runs = f"{count} runs ahead, {before.runs[0]} first"
    return f"waiting for {names}: {runs}"


def watched(
    folder: RunFolder,
    interrupts: Interrupts,
    process: subprocess.Popen[bytes] | None = None,
    *,
    as_json: bool,
    quiet: bool,
    stops: bool = True,
) -> int:
    """Watch a run to its end and report; returns its exit code.

    Args:
        interrupts: counting already.
        process: its worker, if this process started it.
        stops: whether Ctrl+C stops the run (again: at once), or only the watching.
    """
    with Progress(folder, quiet=quiet) as progress:
        if not _to_the_end(folder, process, progress, interrupts, stops):
            progress.say(f"{folder.id} goes on. Stop it: labbench stop {folder.number}")
            return 0
    code = process.wait() if process else 0
    return _report(folder, code, progress, as_json)


def _to_the_end(
    folder: RunFolder,
    process: subprocess.Popen[bytes] | None,
    progress: Progress,
    interrupts: Interrupts,
    stops: bool,
) -> bool:
    """Show looks until the run has ended; returns False if the user left before."""
    turn, heeded = Turn(folder), 0
    for look in follow(folder, process):
        if interrupts.count > heeded:
            if not stops:
                return False
            heeded = interrupts.count
            _ask_to_stop(folder, progress, now=heeded > 1)
        if look.status.state == "queued":
            progress.wait(turn.look(look.status))
        else:
            progress.show(look)
    return True


def _ask_to_stop(folder: RunFolder, progress: Progress, *, now: bool) -> None:
    # It may have ended just now: the next look will say so.
    with contextlib.suppress(RunError):
        if stop(folder, now=now) == "asked" and not progress.quiet:
            how = "at once" if now else "after the step under way (Ctrl+C again: at once)"
            progress.say(f"{folder.id}: stopping {how}.")


def _report(folder: RunFolder, code: int, progress: Progress, as_json: bool) -> int:
    from labbench.cli.report import print_report

    status = folder.status()
    if status.state == "finished" or as_json:
        print_report(folder, as_json=as_json)
    if status.state == "finished":
        return 0
    if status.state == "stopped":
        progress.say(f"{folder.id}: {status.message} Resume: labbench run --resume {folder.number}")
        return STOPPED_EXIT_CODE
    if status.state == "failed":
        progress.say(f"{folder.id} failed: {status.message} {status.hint}".rstrip())
        return status.exit_code or code or 1
    if status.state == "lost" and status.writer is None:
        raise RunError(status.message, where=folder.id, hint=status.hint)
    with_code = f" (exit code {code})" if code else ""
    raise RunError(
        f"the worker died without a word{with_code}.", where=folder.id,
        hint=f"See {folder.console_path}; resume: labbench run --resume {folder.number}",
    )  # fmt: skip
