"""Runs that differ in settings, curves and answers, to be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from labbench.presets import edited
from labbench.runs import Predictions, RunFolder, events, predictions
from labbench.runs.log import read_all
from tests.recorded import record


def changed(found: Predictions, lost: int, won: int) -> Predictions:
    """The predictions with some right answers made wrong and some wrong ones right."""
    right = np.flatnonzero(found.predicted == found.actual)
    wrong = np.flatnonzero(found.predicted != found.actual)
    generator = np.random.default_rng(0)
    logits = found.logits.copy()
    K = len(found.words)
    for clip in generator.choice(right, lost, replace=False):
        logits[clip] = np.eye(K, dtype=np.float32)[(found.actual[clip] + 1) % K] * 4
    for clip in generator.choice(wrong, won, replace=False):
        logits[clip] = np.eye(K, dtype=np.float32)[found.actual[clip]] * 4
    return replace(found, logits=logits)


def answer_otherwise(run: RunFolder, lost: int, won: int) -> None:
    """Have a run's results differ in so many clips from those that are recorded."""
    for split in ("validation", "test"):
        if (path := run.predictions_path(split)).exists():
            predictions.write(path, changed(predictions.read(path), lost, won))


def rewrite(run: RunFolder, *edits: str) -> None:
    """Change the preset that a run says it has."""
    from labbench.presets import declare

    preset = edited(run.preset(), edits)
    (run.path / "preset.toml").write_text(declare.to_toml(preset), encoding="utf-8")


def learn_otherwise(run: RunFolder, pace: float) -> None:
    """Have a run's curves rise `pace` times as fast as those that are recorded."""
    found: list[events.AnyEvent] = []
    for event in read_all(run.events_path):
        match event:
            case events.Epoch():
                accuracy, loss = event.val_accuracy ** (1 / pace), event.val_loss / pace
                event = msgspec.structs.replace(event, val_accuracy=accuracy, val_loss=loss)
            case events.Step():
                accuracy, loss = event.accuracy ** (1 / pace), event.loss / pace
                event = msgspec.structs.replace(event, accuracy=accuracy, loss=loss)
        found.append(event)
    run.events_path.write_bytes(b"".join(map(events.encode, found)))


def other_clips(run: RunFolder) -> None:
    """Have a run judged on clips of another fingerprint."""
    about: dict[str, Any] = run.about()
    about["clips"]["fingerprint"] = "7f3a91"
    (run.path / "run.json").write_bytes(msgspec.json.encode(about))


def pair(**second: Any) -> list[RunFolder]:
    """Two runs on the same clips; the second loses 12 of the test clips and wins 40."""
    first, other = record(), record(preset="custom-ch64-tanh/8/do0.5", **second)
    answer_otherwise(other, lost=12, won=40)
    learn_otherwise(other, pace=1.6)
    return [first, other]
