"""Reads a run on under a budget and draws its curves. Used from one thread at a time."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

from rich.console import Console
from textual.geometry import Size

from labbench.draw.palette import Theme
from labbench.errors import RunError
from labbench.runs import History, RunFolder, Status, Tail
from labbench.runs.events import AnyEvent
from labbench.runs.history import MOST, Folder
from labbench.runs.status import LIVE
from labbench.tui.canvas import Picture, drawn
from labbench.views.curves import CurvesView
from labbench.views.log import MOST_LINES, Line, console_of, line_of


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
            lines = self._lines + [line for event in new if (line := line_of(event))]
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


BUDGET_S = 0.3
"""A long log is read for so long before what is known of it is drawn."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be drawn; two are the same where the same is to be seen of one log."""

    curves: CurvesView = field(compare=False)
    """How, with what was known of the run."""
    look: tuple[object, ...] = field(init=False)
    size: Size
    theme: Theme
    console: Console = field(compare=False)

    def __post_init__(self) -> None:
        one = self.curves
        look = (one.by, one.smooth, one.log, one.window, one.cursor)
        object.__setattr__(self, "look", look)


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of a run, and its curves."""

    request: Request
    followed: Followed
    chart: Picture


class Reader:
    """Reads on where it stopped; draws anew only where something is not as it was."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._follower: Follower | None = None
        self._last: Read | None = None

    def read(self, request: Request) -> Read:
        """What is known of the run after reading for a while more.

        Raises:
            RunError: the run is gone, or its status cannot be read.
        """
        if self._follower is None:
            self._follower = follow(self._run)
        followed = self._follower.read(BUDGET_S)
        last = self._last
        same = (
            last is not None and last.request == request
            and last.followed.history is followed.history
            and last.followed.status == followed.status
        )  # fmt: skip
        chart = last.chart if last is not None and same else _chart(request, followed)
        self._last = Read(request, followed, chart)
        return self._last


def _chart(request: Request, followed: Followed) -> Picture:
    size = request.size
    if not size:
        return ()
    curves = replace(request.curves, status=followed.status, history=followed.history)
    shown = replace(curves, window=_steady(curves))
    return drawn(shown.charts(size.width, size.height, theme=request.theme), size, request.console)


def _steady(curves: CurvesView) -> tuple[float, float]:
    """The window, reaching a little past the end of a live run: what is drawn then stays in place.

    The end moves on in steps of a sixteenth to an eighth of the run, and all is drawn anew then.
    """
    steps = curves.history.steps["step"]
    count = int(steps[-1]) if len(steps) else 0
    if curves.status.state not in LIVE or curves.window != (0.0, 1.0) or count < 16:
        return curves.window
    step = 2 ** (int(math.log2(count)) - 3)
    return 0.0, -(-count // step) * step / count
