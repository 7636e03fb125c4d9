"""Events folded into one frozen view: what screens and notebooks read of a run's course."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from labbench.runs import events
from labbench.runs.events import AnyEvent

STEP_FIELDS = (
    "step", "epoch", "elapsed_s", "loss", "accuracy", "learning_rate", "clips_per_s",
    "memory_bytes",
)  # fmt: skip


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


@dataclass
class Folder:
    """Takes events as they come and gives the frozen view of all so far."""

    _steps: list[tuple[float, ...]] = field(default_factory=list)
    _done: list[NDArray[np.float64]] = field(default_factory=list)
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
                    self._steps.append(tuple(getattr(event, name) for name in STEP_FIELDS))
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

    def view(self) -> History:
        """All events so far."""
        if self._steps:
            self._done.append(np.array(self._steps, dtype=np.float64))
            self._steps = []
        table = np.concatenate(self._done) if self._done else np.empty((0, len(STEP_FIELDS)))
        self._done = [table]
        return History(
            steps={name: table[:, column] for column, name in enumerate(STEP_FIELDS)},
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
