"""A program in a real terminal (a pty): keys go in, what is painted comes out and is counted."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import pyte

ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-Z\\-_=>])"
)

UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[(?:[<=>][0-9;]*u|\?[0-9;]*\$p)")
"""The keyboard protocol and questions about modes, whose last letter it would draw."""

KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "left": "\x1b[D", "right": "\x1b[C",
        "up": "\x1b[A", "down": "\x1b[B", "space": " "}  # fmt: skip


class Terminal:
    """A terminal of a size with a program in it, which is the leader of its own session."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self._master, slave = os.openpty()
        self._size = columns, rows = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, close_fds=True, env=dict(env),
            start_new_session=True, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(slave)
        self._lock = threading.Lock()
        self._pieces: list[tuple[float, bytes]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                return
            if not piece:
                return
            with self._lock:
                self._pieces.append((time.monotonic(), piece))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.hang_up()

    @property
    def fileno(self) -> int:
        """Where bytes are written that no key sends."""
        return self._master

    @property
    def written(self) -> int:
        """Bytes that were sent to the terminal."""
        with self._lock:
            return sum(len(piece) for _, piece in self._pieces)

    @property
    def raw(self) -> bytes:
        """All that was sent to the terminal."""
        with self._lock:
            return b"".join(piece for _, piece in self._pieces)

    @property
    def left(self) -> set[str]:
        """What is not as a terminal is at the start: modes by number, keyboard, echo."""
        raw, modes = self.raw, {"7": b"h", "25": b"h"}
        modes |= {key.decode(): value for key, value in re.findall(rb"\x1b\[\?(\d+)([hl])", raw)}
        found = {key for key, value in modes.items() if (value == b"h") != (key in ("7", "25"))}
        if len(re.findall(rb"\x1b\[>\d+u", raw)) > raw.count(b"\x1b[<u"):
            found.add("keyboard")
        flags = termios.tcgetattr(self._master)[3]
        return found if flags & termios.ECHO and flags & termios.ICANON else {*found, "echo"}

    def press(self, *keys: str) -> float:
        """Press keys; the moment before the last."""
        moment = time.monotonic()
        for key in keys:
            moment = time.monotonic()
            os.write(self._master, KEYS.get(key, key).encode())
        return moment

    def text(self, since: float = 0.0) -> str:
        """All that was painted since a moment, without escape sequences."""
        with self._lock:
            raw = b"".join(piece for moment, piece in self._pieces if moment >= since)
        return ESCAPES.sub(b"", raw).decode("utf-8", errors="replace")

    def seen(self, pattern: str, *, since: float = 0.0, timeout_s: float = 60.0) -> float:
        """The moment at which what was painted since a moment first held a pattern.

        Raises:
            TimeoutError: it never did; with the end of what was painted.
        """
        wanted = re.compile(pattern, re.DOTALL)
        deadline = time.monotonic() + timeout_s
        while True:
            with self._lock:
                pieces = [one for one in self._pieces if one[0] >= since]
            if wanted.search(_plain(pieces)):
                return _first(pieces, wanted)
            if self.process.poll() is not None or time.monotonic() > deadline:
                end = _plain(pieces)[-2000:]
                raise TimeoutError(f"{pattern!r} was not painted; the end of what was: {end!r}")
            time.sleep(0.002)

    def shows(self, pattern: str, *, timeout_s: float = 60.0) -> None:
        """Wait until a pattern stands on the terminal, however it was painted.

        Raises:
            TimeoutError: it never did; with what stood there last.
        """
        screen = pyte.Screen(*self._size)
        stream = pyte.ByteStream(screen)
        fed, wanted, deadline = 0, re.compile(pattern, re.DOTALL), time.monotonic() + timeout_s
        while True:
            with self._lock:
                pieces = self._pieces[fed:]
            for _, piece in pieces:
                stream.feed(UNKNOWN_TO_PYTE.sub(b"", piece))
            fed += len(pieces)
            if wanted.search("\n".join(screen.display)):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                shown = "\n".join(screen.display)
                raise TimeoutError(f"{pattern!r} was not shown; what was:\n{shown}")
            time.sleep(0.02)

    def after_last(self, pattern: str, *, since: float = 0.0) -> float:
        """When something was painted after the last piece with a pattern; 0 where none has it."""
        wanted = re.compile(pattern)
        with self._lock:
            pieces = [one for one in self._pieces if one[0] >= since]
        having = [index for index, one in enumerate(pieces) if wanted.search(_plain([one]))]
        return pieces[min(having[-1] + 1, len(pieces) - 1)][0] if having else 0.0

    def hang_up(self) -> None:
        """Close the terminal: its program gets SIGHUP."""
        with contextlib.suppress(OSError):
            os.close(self._master)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _plain(pieces: Sequence[tuple[float, bytes]]) -> str:
    raw = b"".join(piece for _, piece in pieces)
    return ESCAPES.sub(b"", raw).decode("utf-8", errors="replace")


def _first(pieces: Sequence[tuple[float, bytes]], wanted: re.Pattern[str]) -> float:
    """When the piece came with which the pattern was there."""
    low, high = 1, len(pieces)
    while low < high:
        middle = (low + high) // 2
        if wanted.search(_plain(pieces[:middle])):
            high = middle
        else:
            low = middle + 1
    return pieces[low - 1][0]
