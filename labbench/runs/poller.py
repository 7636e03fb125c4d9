"""All runs at one moment, told again and again: what every screen is told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from labbench.errors import RunError
from labbench.runs import notes, queue, status
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.folder import RunFolder
from labbench.runs.notes import Notes
from labbench.runs.reader import ReadRun, RunsReader
from labbench.runs.status import LIVE, Status, job_of

ENDED_AT_ONCE = 1000
"""A poll in passing looks at so many of the runs that have ended; in turn, at all of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run."""

    run: RunFolder
    status: Status
    """As it really is: a live one whose worker is gone is lost."""
    notes: Notes
    flaw: Flaw | None = None
    """What is wrong with its training."""

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def live(self) -> bool:
        """Whether a worker is at it."""
        return self.status.state in ("starting", "running")


@dataclass(frozen=True)
class RunsSnapshot:
    """All runs, oldest first. What is counted is counted once: there may be many."""

    entries: tuple[Entry, ...] = ()
    changed: frozenset[str] = frozenset()
    """Ids that are new, gone or different since the poll before."""

    @cached_property
    def live(self) -> int:
        """Runs that have a worker now."""
        return sum(entry.live for entry in self.entries)

    @cached_property
    def waiting(self) -> int:
        """Runs that wait for one."""
        return sum(entry.status.state == "queued" for entry in self.entries)

    @cached_property
    def on_cluster(self) -> list[tuple[RunFolder, Status]]:
        """Runs whose state a cluster's job tells."""
        return [(one.run, one.status) for one in self.entries if job_of(one.status)]

    def place(self, run_id: str) -> int | None:
        """The place in the queue of a run that waits, from 1."""
        return queue.places([(one.run, one.status) for one in self.entries]).get(run_id)

    def entry(self, run_id: str) -> Entry | None:
        """The run of an id, if it is there."""
        return next((entry for entry in self.entries if entry.id == run_id), None)


@dataclass(slots=True)
class _Kept:
    """A run as it was read last."""

    read: ReadRun
    written: Status
    notes_path: Path
    stamp: tuple[int, int] | None
    """Of its notes; None where there are none."""
    notes: Notes
    flaw: Flaw | None


class RunsPoller:
    """Looks at a folder of runs again and again. Used from one thread at a time."""

    def __init__(self, root: Path, now: Callable[[], float]) -> None:
        self._reader = RunsReader(root)
        self._now = now
        self._kept: dict[str, _Kept] = {}
        self._last: dict[str, Entry] = {}
        self._turn = 0
        self._quiet = RunsSnapshot()

    def poll(self, *, passing: bool = False) -> RunsSnapshot:
        """All runs now; none where their folder cannot be read.

        Args:
            passing: of many runs that have ended, some are taken as they were.
        """
        now = self._now()
        try:
            names = self._reader.names()
        except RunError:
            names = []
        past = self._past(names) if passing else frozenset[str]()
        found: dict[str, Entry] = {}
        for name in names:
            if entry := self._last[name] if name in past else self._entry(name, now):
                found[name] = entry
        self._explain(found)
        changed = {
            name for name in found.keys() | self._last.keys()
            if (one := found.get(name)) is not (before := self._last.get(name)) and one != before
        }  # fmt: skip
        self._last = found
        if not changed:
            return self._quiet
        self._kept = {name: kept for name, kept in self._kept.items() if name in found}
        self._quiet = RunsSnapshot(tuple(found.values()))
        return replace(self._quiet, changed=frozenset(changed))

    def _past(self, names: Sequence[str]) -> frozenset[str]:
        """Runs that have ended and are not looked at this time."""
        ended = [
            name for name in names
            if name in self._last and self._last[name].status.state not in (*LIVE, "queued")
        ]  # fmt: skip
        if len(ended) <= ENDED_AT_ONCE:
            return frozenset()
        start = self._turn % len(ended)
        self._turn = start + ENDED_AT_ONCE
        turned = ended[start:] + ended[:start]
        return frozenset(turned[ENDED_AT_ONCE:])

    def _explain(self, found: dict[str, Entry]) -> None:
        """Have runs say so that wait and that nobody will start."""
        queued = [(one.run, one.status) for one in found.values() if one.status.state == "queued"]
        for run, told in queue.explained(queued):
            found[run.id] = replace(found[run.id], status=told)

    def _entry(self, name: str, now: float) -> Entry | None:
        read, kept = self._reader.look(name), self._kept.get(name)
        if read is None:
            return None
        path = kept.notes_path if kept else read.run.path / notes.FILE
        stamp = _changed(path)
        if kept is None or kept.read is not read or kept.stamp != stamp:
            written = read.status if isinstance(read.status, Status) else _unreadable(read)
            noted = notes.read(read.run.path) if stamp else Notes()
            kept = _Kept(read, written, path, stamp, noted, flaw(read.run, written))
            self._kept[name] = kept
        return Entry(read.run, status.observed(kept.written, now=now), kept.notes, kept.flaw)


def _changed(path: Path) -> tuple[int, int] | None:
    """What tells a file from the one that took its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _unreadable(read: ReadRun) -> Status:
    """The status of a run that cannot be read: it is shown as failed."""
    try:
        created = read.run.path.stat().st_mtime
    except OSError:
        created = 0.0
    return Status(state="failed", preset=read.run.id, created=created, message=str(read.status))
