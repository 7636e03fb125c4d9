"""All runs as they stand, read again only where a file changed: what every screen is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labbench.errors import RunError
from labbench.runs import RunFolder, Status, notes, queue, status
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.notes import Notes
from labbench.runs.status import LIVE
from labbench.tui.looked import Entry, Looked


@dataclass(slots=True)
class _Kept:
    """A run as it was read last, and the times of the files it was read from."""

    run: RunFolder
    files: tuple[Path, Path]
    """Its status and its notes."""
    stamp: tuple[int, int]
    written: Status
    notes: Notes
    flaw: Flaw | None


ENDED_AT_ONCE = 1000
"""A look in passing looks at so many of the runs that have ended; in turn, at all of them."""


class Book:
    """Looks at a folder of runs again and again. Used from one thread at a time."""

    def __init__(self, root: Path, now: Callable[[], float]) -> None:
        self.root = root
        self._now = now
        self._kept: dict[str, _Kept] = {}
        self._last: dict[str, Entry] = {}
        self._turn = 0
        self._quiet = Looked()

    def look(self, *, passing: bool = False) -> Looked:
        """All runs now.

        Args:
            passing: of many runs that have ended, some are taken as they were.
        """
        now = self._now()
        names = self._names()
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
        order = sorted(found.values(), key=lambda entry: (entry.run.number, entry.id))
        self._quiet = Looked(tuple(order))
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

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.root) as entries:
                return [entry.name for entry in entries if not entry.name.startswith(".")]
        except OSError:
            return []

    def _entry(self, name: str, now: float) -> Entry | None:
        kept = self._kept.get(name)
        run = kept.run if kept else RunFolder(self.root / name)
        files = kept.files if kept else (run.status_path, run.path / notes.FILE)
        try:
            stamp = (_changed_ns(files[0]), _changed_ns(files[1]))
        except PermissionError:  # somebody else's: it is listed if its name is that of a run
            stamp = (run.number, 0)
        except OSError:  # no folder
            return None
        if not stamp[0]:
            return None
        if kept is None or kept.stamp != stamp:
            written = _written(run)
            noted = notes.read(run.path) if stamp[1] else Notes()
            kept = _Kept(run, files, stamp, written, noted, flaw(run, written))
            self._kept[name] = kept
        return Entry(run, status.observed(kept.written, now=now), kept.notes, kept.flaw)


def _changed_ns(path: Path) -> int:
    """When a file was replaced last, 0 where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return found.st_mtime_ns ^ found.st_ino


def _written(run: RunFolder) -> Status:
    """The status as its writer left it; one that cannot be read is shown as failed."""
    try:
        return run.status()
    except RunError as error:
        try:
            created = run.path.stat().st_mtime
        except OSError:
            created = 0.0
        return Status(state="failed", preset=run.id, created=created, message=str(error))
