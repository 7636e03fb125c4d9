"""Reads all runs of a folder, again only what changed; and watches one until it ends."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labbench import paths
from labbench.errors import RunError
from labbench.runs import status
from labbench.runs.events import AnyEvent
from labbench.runs.folder import RunFolder, is_run
from labbench.runs.log import Tail
from labbench.runs.root import in_order, names_in
from labbench.runs.status import LIVE, Status

Stamp = tuple[int, int, int] | None
"""What tells a file from the one that took its place; None where that cannot be known."""

Rows = list[tuple[RunFolder, Status]]
Unreadable = list[tuple[RunFolder, RunError]]


@dataclass(frozen=True, slots=True)
class ReadRun:
    """A run as its writer left it."""

    run: RunFolder
    status: Status | RunError
    """Or why it cannot be read."""


@dataclass(frozen=True, slots=True)
class _Known:
    path: Path
    stamp: Stamp
    read: ReadRun


class RunsReader:
    """Reads the runs of a folder again and again. Used from one thread at a time.

    Args:
        root: the folder; None: where runs are kept.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or paths.runs_dir()
        self.unreadable: Unreadable = []
        """Runs that could not be read the last time, and why."""
        self._known: dict[str, _Known] = {}
        self._there: frozenset[str] = frozenset()
        self._names: list[str] = []

    def names(self) -> list[str]:
        """The folders that may be runs, oldest first.

        Raises:
            RunError: the folder of runs cannot be read.
        """
        there = frozenset(names_in(self.root))
        if there != self._there:
            self._there, self._names = there, in_order(there)
            self._known = {name: one for name, one in self._known.items() if name in there}
        return self._names

    def look(self, name: str) -> ReadRun | None:
        """The run of a folder, the same object while its status stands; None where it is none."""
        known = self._known.get(name)
        run = known.read.run if known else RunFolder(self.root / name)
        path = known.path if known else run.status_path
        stamp = _stamp(path)
        if known and stamp and stamp == known.stamp:
            return known.read
        read = _read(run)
        if read is None:
            self._known.pop(name, None)
        else:
            self._known[name] = _Known(path, stamp, read)
        return read

    def read(self) -> Rows:
        """All runs that can be read, oldest first, with their status as it really is.

        Raises:
            RunError: the folder of runs cannot be read.
        """
        rows, self.unreadable = _parted(map(self.look, self.names()))
        return rows


def listing(root: Path | None = None) -> tuple[Rows, list[tuple[RunFolder, str]]]:
    """All runs with their status, oldest first, and those that cannot be read with the reason.

    Raises:
        RunError: the folder of runs cannot be read.
    """
    root = root or paths.runs_dir()
    rows, bad = _parted(_read(RunFolder(root / name)) for name in in_order(names_in(root)))
    return rows, [(run, str(error)) for run, error in bad]


def _read(run: RunFolder) -> ReadRun | None:
    try:
        return ReadRun(run, run.written())
    except RunError as error:
        return ReadRun(run, error) if is_run(run.path) else None


def _parted(found: Iterable[ReadRun | None]) -> tuple[Rows, Unreadable]:
    """The runs that could be read, as they really are, and the others."""
    rows: Rows = []
    bad: Unreadable = []
    for one in found:
        if one is None:
            continue
        if isinstance(one.status, RunError):
            bad.append((one.run, one.status))
        else:
            rows.append((one.run, status.observed(one.status)))
    return rows, bad


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


LOOK_EVERY_S = 0.2

AT_ONCE = 20_000
"""Events of one look; a long log takes several, without a pause."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a run saw."""

    status: Status
    new: tuple[AnyEvent, ...]


def follow(run: RunFolder, process: subprocess.Popen[bytes] | None = None) -> Iterator[Look]:
    """Look at a run again and again until it has ended and all its events were seen.

    Args:
        process: its worker, if this process started it: a worker that died is noticed at once.
    """
    tail = Tail(run.events_path)
    while True:
        gone = process is not None and process.poll() is not None
        status = run.status()
        over = status.state not in (*LIVE, "queued") or gone
        # The events are read after the status: what came before the end is not missed.
        while new := tail.read(limit=AT_ONCE):
            yield Look(status, tuple(new))
            if len(new) < AT_ONCE:
                break
        else:
            yield Look(status, ())
        if over:
            return
        time.sleep(LOOK_EVERY_S)
