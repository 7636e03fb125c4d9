"""How `labbench run` shows a run under way: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from labbench import units
from labbench.cli.meter import Talk
from labbench.draw.plain import Text
from labbench.runs import RunFolder, Status, events
from labbench.runs.watch import Look
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
