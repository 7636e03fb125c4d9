"""Follows a run's log and console under a budget. Used from one thread at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from labbench.errors import RunError
from labbench.runs import History, RunFolder, Status, Tail
from labbench.runs.events import AnyEvent
from labbench.runs.history import MOST, Folder
from labbench.views.log import MOST_LINES, Line, console_of, told


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
            found = self.run.console_path.stat()
        except OSError:
            return
        stamp = (found.st_size, found.st_mtime_ns)
        if stamp != self._console_stamp:
            self._console_stamp = stamp
            self._console = console_of(self.run.console_path)


def follow(run: RunFolder) -> Follower:
    """A follower of a run.

    Raises:
        RunError: there is no such run any more.
    """
    if not run.path.is_dir():
        raise RunError("is not there any more.", where=run.id)
    return Follower(run)
