"""The clips of one cell of a confusion matrix, those that went wrong most first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labbench.runs import Predictions
from labbench.runs.predictions import softmax


@dataclass(frozen=True, slots=True)
class ClipPrediction:
    """One clip and what the net took it for."""

    name: str
    """In its source, as `tree/012c8314_nohash_1.wav`."""
    row: int
    """Where it is in its data set."""
    predicted: float
    """Probability of the class it was taken for."""
    actual: float
    """Probability of what it is."""
    runner_up: str
    """The class with the second highest probability."""
    runner_up_probability: float


def clips_in_cell(predictions: Predictions, actual: int, predicted: int) -> list[ClipPrediction]:
    """The clips of class `actual` that were taken for class `predicted`, the worst first.

    Worst are those that were taken for a wrong class most surely, and those that were taken for
    the right one least surely. Clips without an answer (logits not finite) are in no cell.
    """
    rows = np.flatnonzero(predictions.actual == actual)
    logits = predictions.logits[rows].astype(np.float64)
    kept = np.isfinite(logits).all(axis=1)
    rows, logits = rows[kept], logits[kept]
    hit = logits.argmax(axis=1) == predicted
    rows, logits = rows[hit], logits[hit]
    shares = softmax(logits)
    sure = shares[:, predicted]
    order = np.argsort(sure if actual == predicted else -sure, kind="stable")
    found = []
    for index in order:
        row, others = rows[index], shares[index].copy()
        others[predicted] = -1.0
        second = int(others.argmax())
        found.append(
            ClipPrediction(
                predictions.names[row], int(predictions.clips[row]), float(sure[index]),
                float(shares[index, actual]), predictions.words[second],
                max(float(others[second]), 0.0),
            )
        )  # fmt: skip
    return found
