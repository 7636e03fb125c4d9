"""Work that is done for a tab in a thread: it tells how far it is and can be called off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from labbench.worker.analyst import NotWantedError

TELL_EVERY_S = 0.1
"""Progress is passed on at most this often."""


class Job:
    """What work in a thread gets, to tell of itself and to ask whether it is still wanted.

    `report` and `wanted` are what an analyst's `answer` takes.
    """

    def __init__(self, tell: Callable[[Job, float | None, str], None]) -> None:
        self._tell = tell
        self._told = 0.0
        self._off = threading.Event()

    def wanted(self) -> bool:
        """Whether somebody waits for the result."""
        return not self._off.is_set()

    def cancel(self) -> None:
        """Call it off."""
        self._off.set()

    def check(self) -> None:
        """Go on only if it is still wanted.

        Raises:
            NotWantedError: it is not.
        """
        if not self.wanted():
            raise NotWantedError

    def report(self, done: int, total: int, what: str, /) -> None:
        """Tell how much is done, `done` of `total` (0 where that is not known) of `what`."""
        now = time.monotonic()
        if now - self._told >= TELL_EVERY_S:
            self._told = now
            self._tell(self, done / total if total else None, what)
