"""How long work tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then, on the caller's thread.

    An exception it raises (as KeyboardInterrupt) stops the work, which leaves nothing half.
    """

    def __call__(self, done: int, total: int, what: str, /) -> None:
        """`done` of `total` (0 where the total is not known) of `what`: `speaking`, `reading`."""


def silent(done: int, total: int, what: str, /) -> None:
    """Tell nobody."""
