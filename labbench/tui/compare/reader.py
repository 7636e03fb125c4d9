"""Reads the compared runs again where they changed, and draws their curves.

Used from one thread at a time.
Figures come from scikit-learn, which takes a second to load: never call this while a key waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from textual.geometry import Size

from labbench.draw.palette import Theme
from labbench.runs import History, RunFolder, Status
from labbench.tui.canvas import Picture, drawn
from labbench.tui.run.reader import Follower
from labbench.views.compare import Compared, Side, common_split, overlay
from labbench.views.compare.sides import with_results

BUDGET_S = 0.3
"""Long logs are read for so long before what is known of them is drawn."""

Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read and drawn."""

    runs: tuple[str, ...]
    """Ids, in order."""
    split: str | None
    """None: what most of them have results on."""
    look: overlay.Look
    theme: Theme
    size: Size
    console: Console = field(compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The compared runs as they were read last."""

    compared: Compared
    complete: bool
    """Whether all logs were read to their end."""
    share: float
    """How much of the log that is furthest from its end was read, 0 to 1."""


Read = tuple[Found | None, Picture]
"""What was read, None where all runs are gone, and the curves."""


@dataclass(slots=True)
class _Kept:
    """A run that was read, and what it was read from."""

    follower: Follower
    side: Side | None = None
    stamp: Stamp = ()


class Reader:
    """Reads on where it stopped."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: dict[str, _Kept] = {}
        self._last: Compared | None = None

    def read(self, request: Request) -> Read:
        """What is known of the runs after reading for a while more.

        Raises:
            LabbenchError: one of them is damaged.
        """
        found, size = self._found(request.runs, request.split), request.size
        if found is None or not size:
            return found, ()
        sides = found.compared.sides
        picture = overlay.charts(sides, request.look, size.width, size.height, request.theme)
        return found, drawn(picture, size, request.console)

    def _found(self, wanted: Sequence[str], split: str | None) -> Found | None:
        runs = [RunFolder(self.root / name) for name in wanted]
        there = [run for run in runs if run.status_path.exists()]
        names = {run.id for run in there}
        self._kept = {name: kept for name, kept in self._kept.items() if name in names}
        if not there:
            return None
        chosen = split or common_split(there)
        sides, complete, share = [], True, 1.0
        for slot, run in enumerate(there):
            kept = self._kept.setdefault(run.id, _Kept(Follower(run)))
            followed = kept.follower.read(BUDGET_S / len(there))
            complete, share = complete and followed.complete, min(share, followed.share)
            sides.append(_side(kept, slot, chosen, followed.status, followed.history))
        self._last = _compared(sides, chosen, self._last)
        return Found(self._last, complete, share)


def _side(kept: _Kept, slot: int, split: str, status: Status, history: History) -> Side:
    """The run as it is now; its results are read again only where they changed."""
    run = kept.follower.run
    stamp = (split, status.state, status.epoch, _changed(run.predictions_path(split)))
    if kept.side is None or kept.stamp != stamp:
        fresh = Side(run, slot, status, run.preset(), run.about(), history)
        kept.side, kept.stamp = with_results(fresh, split), stamp
    kept.side = replace(kept.side, slot=slot, status=status, history=history)
    return kept.side


def _compared(sides: Sequence[Side], split: str, last: Compared | None) -> Compared:
    """The comparison; clips are paired again only where results changed."""
    if last is not None and [_paired_by(one) for one in last.sides] == [*map(_paired_by, sides)]:
        return replace(last, sides=tuple(sides), split=split)
    return Compared.of(sides, split)


def _paired_by(side: Side) -> tuple[object, ...]:
    """What the pairing of a run with another hangs on."""
    return side.run.id, side.letter, id(side.predictions), side.why


def _changed(path: Path) -> int:
    """When a file was replaced last, 0 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns ^ found.st_ino
