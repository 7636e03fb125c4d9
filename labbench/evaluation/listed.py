"""What is listed of runs, and in what order: one rule for screens, commands and `y`.

Loads neither torch nor a screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

from labbench.evaluation.compare import accuracy, difference
from labbench.runs import RunFolder, Status, notes
from labbench.runs.notes import Notes
from labbench.text import shell_quoted

Sort = Literal["newest", "oldest", "state", "preset", "best", "difference", "left"]
State = Literal["live", "finished", "stopped", "failed"]

SORTS: Mapping[Sort, str] = {
    "newest": "newest first", "oldest": "oldest first", "state": "state: live ones first",
    "preset": "preset by name", "best": "best accuracy first",
    "difference": "difference to published, best first", "left": "next to end first",
}  # fmt: skip
"""The orders of runs, in words."""

STATES: Mapping[State, tuple[str, ...]] = {
    "live": ("running", "starting", "queued"), "finished": ("finished",),
    "stopped": ("stopped",), "failed": ("failed", "lost"),
}  # fmt: skip
"""The states of a run that go by one name."""

DAMAGED = "damaged"
"""In place of a state, of a run whose status cannot be read."""

STATE_ORDER = ("running", "starting", "queued", "lost", "failed", "stopped", "finished")


class Listable(Protocol):
    """A run with what lists look at."""

    @property
    def run(self) -> RunFolder: ...

    @property
    def status(self) -> Status: ...

    @property
    def notes(self) -> Notes: ...


@dataclass(frozen=True)
class Row:
    """A run whose notes are read only where a list asks for them."""

    run: RunFolder
    status: Status

    @cached_property
    def notes(self) -> Notes:
        """Its tags and note."""
        return notes.read(self.run.path)


R = TypeVar("R", bound=Listable)


@dataclass(frozen=True, slots=True)
class RunList:
    """Which runs are listed, and in what order."""

    sort: Sort = "oldest"
    state: State | None = None
    noted: bool = False
    """Only those with a tag or a note."""
    text: str = ""
    """Only those that hold all of its words."""
    only: tuple[RunFolder, ...] | None = None
    """Only these."""

    def of(self, rows: Iterable[R]) -> list[R]:
        """Those of some runs that are listed, in order."""
        words = self.text.lower().split()
        only = None if self.only is None else {run.id for run in self.only}
        kept = [
            row for row in rows
            if (only is None or row.run.id in only)
            and (self.state is None or row.status.state in STATES[self.state])
            and (not self.noted or row.notes.tags or row.notes.note)
            and (not words or _holds(row, words))
        ]  # fmt: skip
        kept.sort(key=lambda row: row.run.number, reverse=self.sort != "oldest")
        if self.sort in _KEYS:
            kept.sort(key=_KEYS[self.sort])
        return kept

    def takes_damaged(self, run: RunFolder) -> bool:
        """Whether a run is listed of which no more than its id is known."""
        said = f"{run.id} {DAMAGED}".lower()
        return (
            (self.only is None or run.id in {one.id for one in self.only})
            and self.state is None
            and not self.noted
            and all(word in said for word in self.text.lower().split())
        )

    def options(self) -> list[str]:
        """What `labbench runs` is told to list the same, as words for a shell."""
        return [
            *([f"--state {self.state}"] if self.state else []),
            *(["--noted"] if self.noted else []),
            *([f"--match {shell_quoted(self.text)}"] if self.text else []),
            *(f"--only {run.called}" for run in self.only or ()),
            *([f"--sort {self.sort}"] if self.sort != "oldest" else []),
        ]

    def in_words(self) -> str:
        """What is asked of a run that is listed: `is live and holds 'tanh'`; may be empty."""
        return " and ".join([
            *(["is named"] if self.only is not None else []),
            *([f"is {' or '.join(STATES[self.state])}"] if self.state else []),
            *(["has a tag or a note"] if self.noted else []),
            *([f"holds {self.text!r}"] if self.text else []),
        ])  # fmt: skip


def _holds(row: Listable, words: Iterable[str]) -> bool:
    """Whether each word is part of something that a search looks through."""
    status, noted = row.status, row.notes
    parts = (row.run.id, status.preset, status.state, status.device, status.clips, noted.note)
    said = " ".join((*parts, *noted.tags)).lower()
    return all(word in said for word in words)


def _last(value: float | None, sign: int) -> float:
    """A sort key that puts runs without a value last."""
    return float("inf") if value is None else sign * value


_KEYS: Mapping[str, Callable[[Listable], Any]] = {
    "state": lambda row: STATE_ORDER.index(row.status.state),
    "preset": lambda row: row.status.preset,
    "best": lambda row: _last(accuracy(row.status), -1),
    "difference": lambda row: _last(difference(row.status), -1),
    "left": lambda row: _last(row.status.left_s, 1),
}
