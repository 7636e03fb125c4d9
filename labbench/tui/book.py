"""All runs as they stand, read again only where a file changed: what every screen is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from labbench.errors import RunError
from labbench.runs import RunFolder, Status, notes, queue, status
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.notes import Notes
from labbench.tui.looked import Entry, Looked


@dataclass(slots=True)
class _Kept:
    """A run as it was read last, and the times of the files it was read from."""

    stamp: tuple[int, int]
    written: Status
    notes: Notes
    flaw: Flaw | None


class Book:
    """Looks at a folder of runs again and again. Used from one thread at a time."""

    def __init__(self, root: Path, now: Callable[[], float]) -> None:
        self.root = root
        self._now = now
        self._kept: dict[str, _Kept] = {}
        self._last: dict[str, Entry] = {}

    def look(self) -> Looked:
        """All runs now."""
        now = self._now()
        found: dict[str, Entry] = {}
        for name in self._names():
            if entry := self._entry(name, now):
                found[name] = entry
        self._explain(found)
        changed = {
            name for name in found.keys() | self._last.keys()
            if found.get(name) != self._last.get(name)
        }  # fmt: skip
        self._kept = {name: kept for name, kept in self._kept.items() if name in found}
        self._last = found
        order = sorted(found.values(), key=lambda entry: (entry.run.number, entry.id))
        return Looked(tuple(order), frozenset(changed))

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
        run = RunFolder(self.root / name)
        try:
            stamp = (_changed_ns(run.status_path), _changed_ns(run.path / notes.FILE))
        except PermissionError:  # somebody else's: it is listed if its name is that of a run
            stamp = (run.number, 0)
        except OSError:  # no folder
            return None
        if not stamp[0]:
            return None
        kept = self._kept.get(name)
        if kept is None or kept.stamp != stamp:
            written = _written(run)
            kept = _Kept(stamp, written, notes.read(run.path), flaw(run, written))
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
