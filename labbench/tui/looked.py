"""All runs at one moment, as screens are told of them. Loads nothing: the app starts fast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from labbench.runs import queue
from labbench.runs.flaws import Flaw
from labbench.runs.status import job_of

if TYPE_CHECKING:
    from labbench.runs import RunFolder, Status
    from labbench.runs.notes import Notes


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
class Looked:
    """All runs, oldest first. What is counted is counted once: there may be many."""

    entries: tuple[Entry, ...] = ()
    changed: frozenset[str] = frozenset()
    """Ids that are new, gone or different since the look before."""

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
