"""Watching a run in the foreground: its turn, its progress, its end, and what came of it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from types import FrameType, TracebackType

from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from labbench import units
from labbench.cli.meter import Talk
from labbench.cli.output import print_json, print_view
from labbench.draw.plain import Text
from labbench.errors import STOPPED_EXIT_CODE, RunError
from labbench.runs import RunFolder, Status, events, machine, queue
from labbench.runs.reader import Look, RunsReader, follow
from labbench.scheduler import slurm_queue
from labbench.scheduler.dispatch import ensure_dispatcher
from labbench.scheduler.placing import ahead
from labbench.scheduler.start import stop
from labbench.text import shown

PLAIN_EVERY_S = 30.0
"""Without a terminal, a line between epochs at most this often."""


class Progress:
    """Shows looks at a run on stderr. Use as a context."""

    def __init__(self, folder: RunFolder, *, quiet: bool) -> None:
        self.folder = folder
        self.quiet = quiet
        self.console = Talk()
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}", markup=False),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_interactive,
        )
        self._task = self._bar.add_task(shown(folder.id), total=None, figures="")
        self._said = ""
        self._attempt = self._epoch = 0
        self._plain = time.monotonic()

    def __enter__(self) -> Progress:
        self._bar.start()
        if not self.quiet:
            self.say(f"{self.folder.id}: {self.folder.path}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """One line of talk."""
        self.console.print(Text(text), soft_wrap=True)

    def wait(self, text: str) -> None:
        """Say whom a queued run waits for."""
        if self.quiet or not text:
            return
        self._bar.update(self._task, description=shown(text), total=None)
        if text != self._said and not self.console.is_interactive:
            self._said = text
            self.say(text)

    def show(self, look: Look) -> None:
        """Bring the display up to a look."""
        if self.quiet:
            return
        for event in look.new:
            self._event(event, look.status)
        status = look.status
        done = status.step / max(status.steps_per_epoch, 1)
        self._bar.update(
            self._task,
            description=f"epoch {min(status.epoch + 1, status.epochs)}/{status.epochs}",
            total=status.epochs if status.step else None,
            completed=done,
            figures=self._figures(status, look.new),
        )
        if not self.console.is_interactive:
            self._plain_line(status)

    def _event(self, event: events.AnyEvent, status: Status) -> None:
        match event:
            # A resumed run begins its log anew: what was said of it before is not said again.
            case events.Started(attempt=attempt) if attempt > self._attempt:
                self._attempt = attempt
                device = f"on {event.device}, {event.precision}, clips: {status.clips}"
                synthetic = " (synthetic speech)" if status.synthetic else ""
                again = f"resumed at epoch {event.epoch + 1}" if event.step else "training"
                self.say(f"{again} {device}{synthetic}")
            case events.Epoch(epoch=epoch) if epoch > self._epoch:
                self._epoch = epoch
                self.say(epoch_line(event, status))
            case events.Note():
                self.say(f"note: {event.text}")

    def _figures(self, status: Status, new: tuple[events.AnyEvent, ...]) -> str:
        if status.state == "starting":
            return shown(status.message)
        steps = [event for event in new if isinstance(event, events.Step)]
        if steps:
            last = steps[-1]
            self._said = f"loss {units.loss(last.loss)}  {last.clips_per_s:,.0f} clips/s"
        return f"{self._said}  {units.duration(status.left_s)} left"

    def _plain_line(self, status: Status) -> None:
        now = time.monotonic()
        if status.state == "starting":
            text = status.message
            if text.split(":")[0] == self._said.split(":")[0] and now - self._plain < PLAIN_EVERY_S:
                return
            self._said, self._plain = text, now
            self.say(f"{text} ...")
        elif now - self._plain > PLAIN_EVERY_S:
            self._plain = now
            left = units.duration(status.left_s)
            self.say(f"epoch {status.epoch + 1}/{status.epochs}: {self._said}, {left} left")


def epoch_line(event: events.Epoch, status: Status) -> str:
    """One epoch in one line."""
    train, validation = units.loss(event.train_loss), units.loss(event.val_loss)
    return (
        f"epoch {event.epoch:>{len(str(status.epochs))}}/{status.epochs}"
        f"  train loss {train} accuracy {units.accuracy(event.train_accuracy)}"
        f"  validation loss {validation} accuracy {units.accuracy(event.val_accuracy)}"
        f"  {event.clips_per_s:,.0f} clips/s  {units.duration(event.duration_s)}"
        f"{'  best' if event.best else ''}"
    )


TURN_EVERY_S = 2.0
"""Seconds between two looks at who is ahead."""


class Interrupts:
    """Counts Ctrl+C and SIGTERM from now on, instead of dying of them. Use as a context."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Interrupts:
        self._before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGINT, signal.SIGTERM)
        }  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
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
            how = "at once" if now else "after the current step (Ctrl+C again: at once)"
            progress.say(f"{folder.id}: stopping {how}.")


def _report(folder: RunFolder, code: int, progress: Progress, as_json: bool) -> int:

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
        f"the worker died without a message{with_code}.", where=folder.id,
        hint=f"See {folder.console_path}; resume: labbench run --resume {folder.number}",
    )  # fmt: skip


def print_report(run: RunFolder, *, as_json: bool) -> None:
    """Summary, figures by class and confusion matrix of a run, on stdout.

    Args:
        as_json: one JSON document instead; a run without results has null there.
    """
    from labbench.views.summary import SummaryView

    summary = SummaryView.of(run)
    if as_json:
        print_json(summary.as_json())
        return
    from labbench.views.classes import ClassesView
    from labbench.views.confusion import ConfusionView

    print_view(summary)
    if summary.evaluation is not None:
        print()
        print_view(ClassesView(summary.evaluation))
        print()
        print_view(ConfusionView(summary.evaluation))
