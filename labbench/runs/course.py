"""A run's epochs, found in its log without decoding the steps between."""

from __future__ import annotations

from pathlib import Path

import msgspec

from labbench import paths
from labbench.runs.events import Epoch, decode

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
