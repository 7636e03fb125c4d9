"""Reads a run's results when they changed. Used from one thread at a time.

Figures come from scikit-learn, which takes a second to load: never call this while a key waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labbench.errors import LabbenchError
from labbench.runs import Predictions, RunFolder, Status
from labbench.views.source import Evaluation, chosen_predictions, evaluate_predictions
from labbench.views.summary import SummaryView

SPLITS = ("validation", "test")

Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a run, or why there are none."""

    stamp: Stamp
    """The same as long as nothing changed that is shown."""
    status: Status
    evaluation: Evaluation | None
    predictions: Predictions | None
    why: LabbenchError | None
    splits: tuple[str, ...]
    """The splits that have results."""
    summary: SummaryView | None = None
    """Only where it was asked for."""


def read(run: RunFolder, split: str | None, before: Found | None, *, summary: bool) -> Found:
    """The results of a run's split; `before` itself where nothing changed since.

    Raises:
        LabbenchError: the run is gone or its status is damaged.
    """
    status = run.status()
    stamp = (split, summary, status.state, *(_changed(run.predictions_path(s)) for s in SPLITS))
    if summary:
        stamp = (*stamp, status.epoch, status.message)
    if before is not None and before.stamp == stamp:
        return before
    there = tuple(one for one in SPLITS if run.predictions_path(one).exists())
    predictions, evaluation, why = None, None, None
    try:
        predictions = chosen_predictions(run, status, split)
        evaluation = evaluate_predictions(run, status, predictions)
    except LabbenchError as error:
        why = error
    view = None
    if summary:
        view = SummaryView.known(run, status, evaluation)
    return Found(stamp, status, evaluation, predictions, why, there, view)


def _changed(path: Path) -> int:
    """When a file was replaced last, 0 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns ^ found.st_ino
