"""stdin, stdout and stderr in whatever state the caller left them."""

from __future__ import annotations

import codecs
import io
import os
import sys

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


def drop_stdout() -> None:
    """What stdout still holds goes nowhere: the interpreter's own flush at exit must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Letters as JSON escapes them: `\\u2714`, two of them for one beyond 16 bits."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    units = letters.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end
