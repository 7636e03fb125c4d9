"""Follows a run's log and console under a budget. Used from one thread at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from labbench import paths, units
from labbench.errors import RunError
from labbench.runs import History, RunFolder, Status, Tail, events
from labbench.runs.events import AnyEvent
from labbench.runs.history import MOST, Folder
from labbench.views.glyphs import STATES

CONSOLE_BYTES = 64 * 1024
"""So much of the console's end is shown."""

MOST_LINES = 400
"""So many of the newest events are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words."""

    when: str
    """Time of training it happened at, or the clock where the event tells it."""
    sign: str
    text: str
    kind: str
    """good, bad, warn or plain"""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of a run so far."""

    status: Status
    history: History
    lines: tuple[Line, ...]
    """The newest last."""
    console: str
    complete: bool
    """Whether the log was read to its end."""
    share: float
    """How much of the log was read, 0 to 1."""


class Follower:
    """Reads on where it stopped."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._tail = Tail(run.events_path)
        self._folder = Folder(MOST)
        self._lines: list[Line] = []
        self._history: History | None = None
        self._console = ""
        self._console_stamp: tuple[int, int] | None = None
        self._bytes = 0

    def read(self, budget_s: float) -> Followed:
        """All that is known after reading for about so many seconds more.

        Raises:
            RunError: the run's status cannot be read.
        """
        # The status first: what came before an end that it tells of is in the log by then.
        status = self.run.status()
        deadline = time.monotonic() + budget_s
        new = self._tail.read(limit=20_000)
        if self._tail.restarted:
            self._folder, self._lines, self._history = Folder(MOST), [], None
        complete = len(new) < 20_000
        self._take(new)
        while not complete and time.monotonic() < deadline:
            new = self._tail.read(limit=20_000)
            complete = len(new) < 20_000
            self._take(new)
        if self._history is None:
            self._history = self._folder.view()
        self._read_console()
        share = 1.0 if complete else self._share()
        lines = tuple(self._lines)
        return Followed(status, self._history, lines, self._console, complete, share)

    def _take(self, new: list[AnyEvent]) -> None:
        if new:
            self._folder.add(new)
            self._history = None
            lines = self._lines + [line for event in new if (line := told(event))]
            self._lines = lines[-MOST_LINES:]

    def _share(self) -> float:
        try:
            return self._tail.offset / max(self.run.events_path.stat().st_size, 1)
        except OSError:
            return 1.0

    def _read_console(self) -> None:
        try:
            with paths.opened(self.run.console_path) as file:
                size = file.seek(0, 2)
                stamp = (size, self.run.console_path.stat().st_mtime_ns)
                if stamp == self._console_stamp:
                    return
                self._console_stamp = stamp
                file.seek(max(size - CONSOLE_BYTES, 0))
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            return
        # A progress bar rewrites its line: what it wrote last is what a terminal shows.
        lines = [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n")]
        self._console = "\n".join(lines[-MOST_LINES:]).rstrip()


def told(event: AnyEvent) -> Line | None:
    """An event in words; steps and checkpoints say nothing that is not seen elsewhere."""
    match event:
        case events.Started():
            again = f"resumed at epoch {event.epoch}" if event.attempt > 1 else "started"
            text = f"{again} on {event.device}, {event.precision}"
            return Line(_clock(event.time), "▶", text, "plain")
        case events.Epoch():
            text = (
                f"epoch {event.epoch}: validation {units.accuracy(event.val_accuracy)}, "
                f"train {units.accuracy(event.train_accuracy)}"
            )
            if event.best:
                return Line(units.duration(event.elapsed_s), "◆", f"{text}, best so far", "good")
            return Line(units.duration(event.elapsed_s), "·", text, "plain")
        case events.Evaluated():
            text = f"{event.split}: {units.accuracy(event.accuracy)} on {event.clips:,} clips, "
            return Line("", "◎", f"{text}epoch {event.epoch}", "good")
        case events.Note():
            return Line(_clock(event.time), "!", event.text, "warn")
        case events.Ended():
            kind = {"finished": "good", "failed": "bad"}.get(event.state, "warn")
            text = " ".join(filter(None, (f"{event.state}.", event.message, event.hint)))
            return Line(_clock(event.time), STATES[event.state], text, kind)
    return None


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def follow(run: RunFolder) -> Follower:
    """A follower of a run.

    Raises:
        RunError: there is no such run any more.
    """
    if not run.path.is_dir():
        raise RunError("is not there any more.", where=run.id)
    return Follower(run)
