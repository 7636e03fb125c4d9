"""Events folded into one frozen view: what screens and notebooks read of a run's course."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from labbench.runs import events
from labbench.runs.events import AnyEvent

STEP_FIELDS = (
    "step", "epoch", "elapsed_s", "loss", "accuracy", "learning_rate", "clips_per_s",
    "memory_bytes",
)  # fmt: skip
_fields = attrgetter(*STEP_FIELDS)


@dataclass(frozen=True, slots=True)
class History:
    """A run's course."""

    steps: dict[str, NDArray[np.float64]]
    """One array (S,) a field of `events.Step`."""
    epochs: tuple[events.Epoch, ...]
    attempts: tuple[events.Started, ...]
    evaluations: dict[str, events.Evaluated]
    """By split: how the best checkpoint did."""
    notes: tuple[events.Note, ...]
    ended: events.Ended | None
    """How the latest attempt ended, if it said so."""

    @property
    def best(self) -> events.Epoch | None:
        """The epoch that was best on validation."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.best), None)


FLUSH = 2048
"""Steps are put into the table in groups of so many: short pauses for other threads."""


@dataclass
class Folder:
    """Takes events as they come and gives the frozen view of all so far.

    Steps live in one table (fields, steps) that grows by doubling. A view shows its filled part,
    which is never written again, so that it costs no copy.
    """

    _steps: list[tuple[float, ...]] = field(default_factory=list)
    _table: NDArray[np.float64] = field(
        default_factory=lambda: np.empty((len(STEP_FIELDS), FLUSH), dtype=np.float64)
    )
    _filled: int = 0
    _epochs: list[events.Epoch] = field(default_factory=list)
    _attempts: list[events.Started] = field(default_factory=list)
    _evaluations: dict[str, events.Evaluated] = field(default_factory=dict)
    _notes: list[events.Note] = field(default_factory=list)
    _ended: events.Ended | None = None

    def add(self, new: Iterable[AnyEvent]) -> None:
        """Fold further events in."""
        for event in new:
            match event:
                case events.Step():
                    self._steps.append(_fields(event))
                    if len(self._steps) == FLUSH:
                        self._flush()
                case events.Epoch():
                    self._epochs.append(event)
                case events.Started():
                    self._attempts.append(event)
                    self._ended = None
                case events.Evaluated():
                    self._evaluations[event.split] = event
                case events.Note():
                    self._notes.append(event)
                case events.Ended():
                    self._ended = event

    def _flush(self) -> None:
        """Put the waiting steps into the table."""
        if not self._steps:
            return
        end = self._filled + len(self._steps)
        if end > self._table.shape[1]:
            grown = np.empty((len(STEP_FIELDS), 2 * end), dtype=np.float64)
            grown[:, : self._filled] = self._table[:, : self._filled]
            self._table = grown
        self._table[:, self._filled : end] = np.array(self._steps, dtype=np.float64).T
        self._filled = end
        self._steps = []

    def view(self) -> History:
        """All events so far."""
        self._flush()
        table = self._table[:, : self._filled]
        return History(
            steps=dict(zip(STEP_FIELDS, table, strict=True)),
            epochs=tuple(self._epochs),
            attempts=tuple(self._attempts),
            evaluations=dict(self._evaluations),
            notes=tuple(self._notes),
            ended=self._ended,
        )


def fold(all_events: Iterable[AnyEvent]) -> History:
    """The view of a whole log."""
    folder = Folder()
    folder.add(all_events)
    return folder.view()
