"""stdin, stdout and stderr in whatever state the caller left them, and signals that end us."""

from __future__ import annotations

import codecs
import errno
import io
import os
import signal
import sys
import termios
from collections.abc import Iterable
from types import FrameType
from typing import Any, TextIO, cast

from labbench.text import shown_lines

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that ask us to end."""

ESCAPED = "labbench-escaped"
"""Name of the way in which letters are written that a pipe's encoding does not know."""


def make_usable() -> None:
    """Open what was closed onto nothing, and let no letter fail that stdout cannot write.

    A terminal shows `?` in its place; a pipe or file gets it as JSON escapes it, so that nothing
    is lost.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        codecs.register_error(ESCAPED, _escaped)
        sys.stdout.reconfigure(errors="replace" if sys.stdout.isatty() else ESCAPED)


class Escaping:
    """A stream for text in which control signs stand as escapes, those of line ends not."""

    def __init__(self, stream: TextIO) -> None:
        self.unescaped = stream
        """Where what is escaped already goes."""

    def write(self, text: str) -> int:
        self.unescaped.write(shown_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unescaped, name)


def escape_output() -> None:
    """From now on no text reaches the terminal by stdout or stderr that the terminal obeys."""
    sys.stdout = cast(TextIO, Escaping(sys.stdout))
    sys.stderr = cast(TextIO, Escaping(sys.stderr))


def end_on_signals() -> None:
    """SIGTERM, SIGHUP and SIGQUIT unwind what is under way, as Ctrl+C does: 128 + signal.

    What tidies up does so. One that whoever started us ignores (nohup) stays ignored.
    """
    for number in ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def hold_signals() -> None:
    """Keep signals that end us until the app takes them (`tui.terminal.show`).

    Raised while libraries are loaded, one may come to an end in a handler that takes any error.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def _end(number: int, frame: FrameType | None) -> None:
    leave_gone_terminal()
    raise SystemExit(128 + number)


def leave_gone_terminal() -> bool:
    """Open what was on a terminal that is gone onto nothing, so that no write fails on it.

    Returns whether there was one.
    """
    gone = False
    for descriptor in range(3):
        try:
            termios.tcgetattr(descriptor)
        except termios.error as error:
            if error.args[0] == errno.EIO:
                os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
                gone = True
    return gone


def drop_stdout() -> None:
    """What stdout still holds goes nowhere: the interpreter's own flush at exit must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Letters as JSON escapes them: `\\u2714`, two of them for one beyond 16 bits."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    units = letters.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end
