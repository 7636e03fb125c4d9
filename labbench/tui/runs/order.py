"""Which runs are listed, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from labbench.tui.looked import Entry

SORTS: tuple[tuple[str, str], ...] = (
    ("newest", "newest first"), ("oldest", "oldest first"), ("state", "state: live ones first"),
    ("preset", "preset by name"), ("best", "best accuracy first"),
    ("difference", "difference to published, best first"), ("left", "next to end first"),
)  # fmt: skip
FILTERS: tuple[tuple[str, str], ...] = (
    ("all", "all runs"), ("live", "live and waiting"), ("finished", "finished"),
    ("stopped", "stopped"), ("ailing", "failed and lost"), ("marked", "marked to compare"),
    ("noted", "with a tag or a note"),
)  # fmt: skip
STATE_ORDER = ("running", "starting", "queued", "lost", "failed", "stopped", "finished")
FILTER_STATES: dict[str, tuple[str, ...]] = {
    "live": ("running", "starting", "queued"), "finished": ("finished",),
    "stopped": ("stopped",), "ailing": ("failed", "lost"),
}  # fmt: skip


def accuracy(entry: Entry) -> float | None:
    """The run's figure: on test clips once it is finished, else its best on validation."""
    status = entry.status
    return status.best_val_accuracy if status.test_accuracy is None else status.test_accuracy


def difference(entry: Entry) -> float | None:
    """The run's figure less the published one; none on synthetic speech."""
    ours, published = accuracy(entry), entry.status.published
    if ours is None or published is None or entry.status.synthetic:
        return None
    return ours - published


def listed(
    entries: Iterable[Entry],
    *,
    sort: str = "newest",
    state: str = "all",
    text: str = "",
    marked: Collection[str] = (),
) -> list[Entry]:
    """The runs that pass the filter and hold all words of the text, in order."""
    words = text.lower().split()
    kept = [
        entry for entry in entries
        if _passes(entry, state, marked) and all(word in _said(entry) for word in words)
    ]  # fmt: skip
    kept.sort(key=lambda entry: entry.run.number, reverse=sort != "oldest")
    if sort in _KEYS:
        kept.sort(key=_KEYS[sort])
    return kept


def _passes(entry: Entry, state: str, marked: Collection[str]) -> bool:
    if state == "marked":
        return entry.id in marked
    if state == "noted":
        return bool(entry.notes.tags or entry.notes.note)
    states = FILTER_STATES.get(state)
    return states is None or entry.status.state in states


def _said(entry: Entry) -> str:
    """Everything a search looks through."""
    status, notes = entry.status, entry.notes
    parts = (entry.id, status.preset, status.state, status.device, status.clips, notes.note)
    return " ".join((*parts, *notes.tags)).lower()


def _last(value: float | None, sign: int) -> float:
    """A sort key that puts runs without a value last."""
    return float("inf") if value is None else sign * value


_KEYS: dict[str, Callable[[Entry], Any]] = {
    "state": lambda entry: STATE_ORDER.index(entry.status.state),
    "preset": lambda entry: entry.status.preset,
    "best": lambda entry: _last(accuracy(entry), -1),
    "difference": lambda entry: _last(difference(entry), -1),
    "left": lambda entry: _last(entry.status.left_s, 1),
}
