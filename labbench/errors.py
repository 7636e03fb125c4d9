"""The errors a person can meet: what went wrong, where, and what to do about it.

Every kind has its own exit code, so that a script can tell them apart (README, 'Exit codes').
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from typing import ClassVar

from labbench.text import shortened, shown, unseen_in


class LabbenchError(Exception):
    """Something a person can mend.

    Args:
        what: what went wrong, in one sentence, with the value that was wrong.
        where: the file, key or run it concerns.
        hint: what to do about it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        # It is for people: names in it are shown, not used, and not the whole of a long one.
        self.what, self.where, self.hint = map(shown, map(shortened, (what, where, hint)))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.hint}".rstrip() if self.hint else head


class TerminalError(LabbenchError):
    """A terminal on which the app cannot be drawn."""

    exit_code = 2


class PresetError(LabbenchError):
    """A preset, a table or a `--set` that cannot be used as written."""

    exit_code = 3


class DataError(LabbenchError):
    """Clips that cannot be found, read, fetched or used."""

    exit_code = 4


class RunError(LabbenchError):
    """A run folder that cannot be found, read or written."""

    exit_code = 5


class DiskFullError(RunError):
    """There is no room left for what is to be written."""


class BusyError(RunError):
    """Another process is writing what this one wants to write."""

    exit_code = 6


class TrainingError(LabbenchError):
    """The run ended as failed: loss not finite, memory or disk full, device gone."""

    exit_code = 7


class DeviceError(LabbenchError):
    """The device or precision asked for is not to be had here."""

    exit_code = 8


class MissedError(LabbenchError):
    """A figure is farther from the published one than allowed."""

    exit_code = 9


_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota on this disk is used up",
    errno.EFBIG: "a file may not grow any further here (ulimit -f)",
}


def no_room(error: OSError) -> str:
    """Why there is no room for what was written, in words; "" where it failed otherwise."""
    return _NO_ROOM.get(error.errno or 0, "")


def error_of(exit_code: int, what: str, *, where: str, hint: str) -> LabbenchError:
    """An error that another process met, as the kind of its exit code."""
    kinds = (PresetError, DataError, RunError, BusyError, TrainingError, DeviceError, MissedError)
    by_code: dict[int, type[LabbenchError]] = {kind.exit_code: kind for kind in kinds}
    return by_code.get(exit_code, LabbenchError)(what, where=where, hint=hint)


STOPPED_EXIT_CODE = 130
"""Exit code of a run that was stopped before its end and can be resumed (as after Ctrl+C)."""


def check_seen(text: str, what: str, kind: type[LabbenchError], *, where: str) -> None:
    """Refuse a text that a person gives, if it holds signs that a terminal obeys or nobody sees.

    Args:
        what: what it is, such as `the preset's name`.

    Raises:
        LabbenchError: of that kind.
    """
    if sign := unseen_in(text):
        raise kind(
            f"{what} {text!r} holds {sign}, which is no letter and would not be seen.",
            where=where, hint="Write it without.",
        )  # fmt: skip


MOST_NAMED = 40
"""Names that a hint lists; of more it says how many there are."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint naming the known word nearest to `word`, or all where none is near."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    if len(names) > MOST_NAMED:
        return f"There are {len(names):,}, such as {', '.join(names[:3])}."
    return f"Allowed: {', '.join(names)}." if names else ""
