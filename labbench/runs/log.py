"""The append-only event log: its writer, readers that follow it under a budget, and its epochs."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from labbench import paths
from labbench.errors import RunError
from labbench.runs.events import AnyEvent, Epoch, decode, encode
from labbench.runs.files import read_error, write_error
from labbench.runs.trust import appending


class EventLog:
    """Appends events. Only the worker that holds the run's lock may have one open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = appending(path, path.parent.parent)
        except OSError as error:
            raise write_error(path, error) from error

    def append(self, events: Iterable[AnyEvent]) -> None:
        """Write whole lines.

        Raises:
            RunError: the disk is full; a torn last line is cut off again.
        """
        content = b"".join(encode(event) for event in events)
        before = self.size()
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(self._file.fileno(), view) :]
        except OSError as error:
            self._file.truncate(before)
            raise write_error(self.path, error) from error

    def size(self) -> int:
        """Bytes of the log: what `cut` takes to come back to this moment."""
        return os.fstat(self._file.fileno()).st_size

    def cut(self, size: int) -> None:
        """Forget everything after the first `size` bytes: a resumed run's own past future."""
        if self.size() < size:
            raise RunError(
                f"holds {self.size():,} bytes, the checkpoint was written at {size:,}.",
                where=str(self.path), hint="The log was shortened by hand: start a new run.",
            )  # fmt: skip
        self._file.truncate(size)

    def close(self) -> None:
        """Put what was written on the disk and close."""
        os.fsync(self._file.fileno())
        self._file.close()


class Tail:
    """Follows a log another process writes.

    A torn last line is taken for the end until the rest arrives. A log that became shorter was
    cut by a resumed run: `read` then begins anew and says so through `restarted`.
    """

    CHUNK = 1 << 20

    def __init__(self, path: Path) -> None:
        self.path = path
        self.restarted = False
        """Whether the last `read` began anew."""
        self.skipped = 0
        """Lines that were no events (a foreign or damaged log)."""
        self._offset = 0
        self._last = b""

    @property
    def offset(self) -> int:
        """Bytes of the log that were read."""
        return self._offset

    def read(self, *, limit: int = sys.maxsize, budget_s: float = math.inf) -> list[AnyEvent]:
        """The events that came since the last call, at most `limit`, in about `budget_s`.

        Raises:
            RunError: the log is there and cannot be read.
        """
        self.restarted = False
        deadline = time.monotonic() + budget_s
        events: list[AnyEvent] = []
        try:
            file = paths.opened(self.path)
        except FileNotFoundError:
            return events
        except OSError as error:
            raise read_error(self.path, error) from None
        with file:
            if self._was_cut(file):
                self._offset, self._last, self.skipped, self.restarted = 0, b"", 0, True
            file.seek(self._offset)
            while len(events) < limit and time.monotonic() < deadline:
                lines = self._lines(file)
                if not lines:
                    break
                for line in lines[: limit - len(events)]:
                    self._take(line, events)
        return events

    def _was_cut(self, file: BinaryIO) -> bool:
        """Whether the line read last no longer stands where it stood."""
        file.seek(self._offset - len(self._last))
        return file.read(len(self._last)) != self._last

    def _lines(self, file: BinaryIO) -> list[bytes]:
        """The whole lines of the next chunk, newlines included; a torn one waits."""
        file.seek(self._offset)
        chunk = file.read(self.CHUNK)
        while chunk and b"\n" not in chunk and (more := file.read(self.CHUNK)):
            chunk += more
        return chunk[: chunk.rfind(b"\n") + 1].splitlines(keepends=True)

    def _take(self, line: bytes, events: list[AnyEvent]) -> None:
        self._offset += len(line)
        self._last = line
        try:
            events.append(decode(line))
        except msgspec.MsgspecError:
            self.skipped += bool(line.strip())


AT_ONCE = 20_000
"""Events of a whole log that are held at a time."""


def each(path: Path) -> Iterator[AnyEvent]:
    """Every event of a log, one after the other."""
    tail = Tail(path)
    while new := tail.read(limit=AT_ONCE):
        yield from new


def read_all(path: Path) -> list[AnyEvent]:
    """Every event of a log."""
    return list(each(path))


CHUNK = 4 << 20
MARK = b'{"type":"epoch"'


class Course:
    """Reads on in a log of events where it stopped; made anew when a run is resumed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.accuracies: list[float] = []
        """Of the epochs read so far."""
        self._offset = 0

    def read(self, most_bytes: int = 1 << 30) -> bool:
        """Read on, about `most_bytes` at most; whether the end was reached."""
        try:
            file = paths.opened(self.path)
        except OSError:
            return True
        with file:
            if file.seek(0, 2) < self._offset:
                self._offset, self.accuracies = 0, []
            file.seek(self._offset)
            read = 0
            while chunk := file.read(CHUNK):
                end = chunk.rfind(b"\n") + 1
                self._take(chunk[:end])
                self._offset += end
                read += len(chunk)
                if not end or len(chunk) < CHUNK:
                    return True
                if read >= most_bytes:
                    return False
                file.seek(self._offset)
        return True

    def _take(self, lines: bytes) -> None:
        start = lines.find(MARK)
        while start >= 0:
            end = lines.find(b"\n", start)
            try:
                event = decode(lines[start:end])
            except msgspec.MsgspecError:
                event = None
            if isinstance(event, Epoch):
                self.accuracies.append(event.val_accuracy)
            start = lines.find(MARK, end)


def last_epoch(path: Path, chunk: int = 1 << 20) -> Epoch | None:
    """The last complete epoch of a log, found from its end; None where there is none."""
    try:
        file = paths.opened(path)
    except OSError:
        return None
    with file:
        end = file.seek(0, 2)
        after = b""
        while end > 0:
            start = max(end - chunk, 0)
            file.seek(start)
            # A line may begin in this chunk and end in the one after it.
            lines = file.read(end - start) + after
            if (found := _last(lines)) is not None:
                return found
            after, end = lines[: lines.find(b"\n") + 1], start
    return None


def _last(lines: bytes) -> Epoch | None:
    """The last epoch among whole lines."""
    start = lines.rfind(MARK)
    while start >= 0:
        stop = lines.find(b"\n", start)
        try:
            event = decode(lines[start:stop]) if stop >= 0 else None
        except msgspec.MsgspecError:
            event = None
        if isinstance(event, Epoch):
            return event
        start = lines.rfind(MARK, 0, start)
    return None
