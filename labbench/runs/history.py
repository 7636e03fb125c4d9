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

DRAWN = ("loss", "accuracy")
"""What is drawn of a step."""

MOST = 1 << 17
"""Steps that are kept where a course is only drawn."""


@dataclass(frozen=True, slots=True)
class History:
    """A run's course."""

    steps: dict[str, NDArray[np.float64]]
    """One array (S,) a field of `events.Step`: of all steps, or of the extreme ones of each group
    of neighbours (least and greatest loss and accuracy) and the last."""
    epochs: tuple[events.Epoch, ...]
    attempts: tuple[events.Started, ...]
    evaluations: dict[str, events.Evaluated]
    """By split: how the best checkpoint did."""
    notes: tuple[events.Note, ...]
    ended: events.Ended | None
    """How the latest attempt ended, if it said so."""
    means: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Loss and accuracy (S,), means over the group of each step that was kept."""
    stride: int = 1
    """Steps that one of `steps` stands for; 1: all are there."""

    @property
    def best(self) -> events.Epoch | None:
        """The epoch that was best on validation."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.best), None)


FLUSH = 2048
"""Steps are put into the table in groups of so many: short pauses for other threads."""

GROUP = 8
"""Neighbours of which at most `EXTREMES` are kept."""

EXTREMES = 4


class Table:
    """Steps as columns (fields, steps); it grows by doubling.

    Args:
        most: columns it may have, a multiple of `FLUSH`; None: as many as there are steps. Where
            it is full, of every `GROUP` neighbours the extreme ones stay.
    """

    def __init__(self, most: int | None = None) -> None:
        self.stride = 1
        """Steps that a column stands for."""
        self._most = most
        self._rows = len(STEP_FIELDS) + (len(DRAWN) if most else 0)
        self._table = np.empty((self._rows, FLUSH), dtype=np.float64)
        self._filled = 0
        self._waiting: list[tuple[float, ...]] = []

    def add(self, step: events.Step) -> None:
        """Take one more."""
        self._waiting.append(_fields(step))
        # As many steps as make whole groups once they are thinned out like those before.
        if len(self._waiting) >= FLUSH * max(1, self.stride // (FLUSH // GROUP)):
            self._flush()

    def _flush(self) -> None:
        new, stride = self._columns(), 1
        self._waiting = []
        while stride < self.stride:
            new, stride = _extremes(new), 2 * stride
        if self._most and self._filled + new.shape[1] > self._most:
            kept = _extremes(self._table[:, : self._filled])
            self._filled, self.stride = kept.shape[1], 2 * self.stride
            self._table[:, : self._filled] = kept
            new = _extremes(new)
        end = self._filled + new.shape[1]
        if end > self._table.shape[1]:
            grown = np.empty((self._rows, min(2 * end, self._most or 2 * end)), dtype=np.float64)
            grown[:, : self._filled] = self._table[:, : self._filled]
            self._table = grown
        self._table[:, self._filled : end] = new
        self._filled = end

    def _columns(self) -> NDArray[np.float64]:
        """The waiting steps, each its own mean."""
        new = np.array(self._waiting, dtype=np.float64).reshape(-1, len(STEP_FIELDS)).T
        if not self._most:
            return new
        return np.concatenate([new, new[[STEP_FIELDS.index(name) for name in DRAWN]]])

    def view(self) -> NDArray[np.float64]:
        """All columns. What is filled of a table of all steps is never written again: no copy."""
        if self._most:
            return np.concatenate([self._table[:, : self._filled], self._columns()], axis=1)
        if self._waiting:
            self._flush()
        return self._table[:, : self._filled]


def _extremes(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every `GROUP` columns those with the least and the greatest loss and accuracy."""
    groups = table.reshape(len(table), -1, GROUP)
    picks = []
    for name in DRAWN:
        values = groups[STEP_FIELDS.index(name)]
        missing = np.isnan(values)
        picks.append(np.where(missing, np.inf, values).argmin(axis=1))
        picks.append(np.where(missing, -np.inf, values).argmax(axis=1))
    chosen = np.sort(np.stack(picks, axis=1), axis=1)
    kept = np.take_along_axis(groups, chosen[None], axis=2)
    known = np.isfinite(groups[len(STEP_FIELDS) :])
    sums = np.where(known, groups[len(STEP_FIELDS) :], 0.0).sum(axis=2)
    counts = known.sum(axis=2)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    kept[len(STEP_FIELDS) :] = means[:, :, None]
    return kept.reshape(len(table), -1)


class Folder:
    """Takes events as they come and gives the frozen view of all so far.

    Args:
        most: steps that the view may have; None: all.
    """

    def __init__(self, most: int | None = None) -> None:
        self._table = Table(most)
        self._last: events.Step | None = None
        self._epochs: list[events.Epoch] = []
        self._attempts: list[events.Started] = []
        self._evaluations: dict[str, events.Evaluated] = {}
        self._notes: list[events.Note] = []
        self._ended: events.Ended | None = None

    def add(self, new: Iterable[AnyEvent]) -> None:
        """Fold further events in."""
        for event in new:
            match event:
                case events.Step():
                    self._table.add(event)
                    self._last = event
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
        table = self._table.view()
        if self._last is not None and table[0, -1] != self._last.step:
            last = [*_fields(self._last), *(getattr(self._last, name) for name in DRAWN)]
            table = np.concatenate([table, np.array(last)[:, None]], axis=1)
        steps = dict(zip(STEP_FIELDS, table[: len(STEP_FIELDS)], strict=True))
        means = dict(zip(DRAWN, table[len(STEP_FIELDS) :], strict=False))
        return History(
            steps=steps,
            epochs=tuple(self._epochs),
            attempts=tuple(self._attempts),
            evaluations=dict(self._evaluations),
            notes=tuple(self._notes),
            ended=self._ended,
            means=means or {name: steps[name] for name in DRAWN},
            stride=self._table.stride,
        )


def fold(all_events: Iterable[AnyEvent], most: int | None = None) -> History:
    """The view of a whole log, of at most so many steps."""
    folder = Folder(most)
    folder.add(all_events)
    return folder.view()
