"""Reads all runs of a folder again and again: what did not change is not read again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labbench import paths
from labbench.errors import RunError
from labbench.runs import status
from labbench.runs.folder import RunFolder, is_run, names_in
from labbench.runs.status import Status

Stamp = tuple[int, int, int] | None
"""What tells a file from the one that took its place; None where that cannot be known."""


@dataclass(frozen=True, slots=True)
class ReadRun:
    """A run as its writer left it: the same object as long as its status is not replaced."""

    run: RunFolder
    status: Status | RunError
    """Or why it cannot be read."""


class RunsReader:
    """Reads the runs of a folder. Used from one thread at a time.

    Args:
        root: the folder; None: where runs are kept.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or paths.runs_dir()
        self.unreadable: list[tuple[RunFolder, RunError]] = []
        """Runs that could not be read the last time, and why."""
        self._known: dict[str, tuple[Path, Stamp, ReadRun]] = {}

    def names(self) -> list[str]:
        """The folders that may be runs, oldest first.

        Raises:
            RunError: the folder of runs cannot be read.
        """
        names = names_in(self.root)
        if len(self._known) > len(names):
            self._known = {name: self._known[name] for name in names if name in self._known}
        return names

    def look(self, name: str) -> ReadRun | None:
        """The run of a folder; None where it is none."""
        known = self._known.get(name)
        path = known[0] if known else self.root / name / "status.json"
        stamp: Stamp = None
        try:
            found = path.stat()
            stamp = found.st_ino, found.st_mtime_ns, found.st_size
        except OSError:
            if not is_run(self.root / name):
                self._known.pop(name, None)
                return None
        if known and known[1] == stamp:
            return known[2]
        run = known[2].run if known else RunFolder(self.root / name)
        try:
            one = ReadRun(run, run.written())
        except RunError as error:
            one = ReadRun(run, error)
        self._known[name] = path, stamp, one
        return one

    def read(self) -> list[tuple[RunFolder, Status]]:
        """All runs that can be read, oldest first, with their status as it really is.

        Raises:
            RunError: the folder of runs cannot be read.
        """
        rows: list[tuple[RunFolder, Status]] = []
        self.unreadable = []
        for name in self.names():
            one = self.look(name)
            if one is None:
                continue
            if isinstance(one.status, RunError):
                self.unreadable.append((one.run, one.status))
            else:
                rows.append((one.run, status.observed(one.status)))
        return rows


def listing(
    root: Path | None = None,
) -> tuple[list[tuple[RunFolder, Status]], list[tuple[RunFolder, str]]]:
    """All runs with their status, oldest first, and those that cannot be read with the reason.

    Raises:
        RunError: the folder of runs cannot be read.
    """
    reader = RunsReader(root)
    rows = reader.read()
    return rows, [(run, str(error)) for run, error in reader.unreadable]
