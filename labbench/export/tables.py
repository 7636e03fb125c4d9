"""A run as CSV tables: every step and epoch, every clip's logits, classes, confusion, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from labbench.draw.export import csv_text
from labbench.draw.markup import spreadsheet
from labbench.errors import RunError
from labbench.evaluation import evaluate
from labbench.outputs import make_folder, write_output
from labbench.presets.declare import to_tree
from labbench.runs import History, Predictions, RunFolder
from labbench.runs.history import STEP_FIELDS
from labbench.runs.predictions import Split
from labbench.views.classes import ClassesView
from labbench.views.confusion import ConfusionView
from labbench.views.source import evaluate_predictions

WHOLE = ("step", "epoch", "memory_bytes")
"""Fields of a step that are whole numbers."""

EPOCH_FIELDS = (
    "epoch", "step", "elapsed_s", "duration_s", "train_loss", "train_accuracy", "val_loss",
    "val_accuracy", "learning_rate", "clips_per_s", "memory_bytes", "best",
)  # fmt: skip


def write_tables(run: RunFolder, folder: Path) -> tuple[Path, ...]:
    """Write all tables there are of a run into a folder.

    `run.csv`, `settings.csv`, `steps.csv`, `epochs.csv`, and of each split that was judged
    `predictions-SPLIT.csv`, `classes-SPLIT.csv` and `confusion-SPLIT.csv`.

    Raises:
        LabbenchError: the run is damaged, or the folder cannot be written.
    """
    make_folder(folder)
    written = []
    for name, text in _tables(run):
        path = folder / f"{name}.csv"
        write_output(path, spreadsheet(text))
        written.append(path)
    return tuple(written)


def _tables(run: RunFolder) -> Iterator[tuple[str, str]]:
    status = run.status()
    facts = {"run": run.id, **flat(msgspec.to_builtins(status)), **flat(run.about())}
    yield "run", csv_text(["key", "value"], list(facts.items()))
    yield "settings", csv_text(["key", "value"], list(flat(to_tree(run.preset())).items()))
    history = run.history()
    yield "steps", _steps(history)
    yield "epochs", _epochs(history)
    for split in get_args(Split):
        if not run.predictions_path(split).exists():
            continue
        found = run.predictions(split)
        yield f"predictions-{split}", _predictions(found)
        try:
            evaluate(found)
        except RunError:
            # A net whose weights diverged has no classes to tell of; its logits are written.
            continue
        evaluation = evaluate_predictions(run, status, found)
        yield f"classes-{split}", ClassesView(evaluation).as_csv()
        yield f"confusion-{split}", ConfusionView(evaluation).as_csv()


def _steps(history: History) -> str:
    columns: list[list[Any]] = [
        history.steps[name].astype("int64").tolist()
        if name in WHOLE
        else history.steps[name].tolist()
        for name in STEP_FIELDS
    ]
    return csv_text(STEP_FIELDS, zip(*columns, strict=True))


def _epochs(history: History) -> str:
    rows = [[getattr(epoch, name) for name in EPOCH_FIELDS] for epoch in history.epochs]
    return csv_text(EPOCH_FIELDS, rows)


def _predictions(found: Predictions) -> str:
    """One row a clip: what it is, what it was taken for, how surely, and all logits."""
    words, predicted, odds = found.words, found.predicted, found.probabilities
    header = ["clip", "row", "actual", "predicted", "right", "probability",
              *(f"logit_{word}" for word in words)]  # fmt: skip
    rows = (
        [
            name, int(found.clips[index]), words[found.actual[index]], words[predicted[index]],
            bool(predicted[index] == found.actual[index]), float(odds[index, predicted[index]]),
            *found.logits[index].tolist(),
        ]
        for index, name in enumerate(found.names)
    )  # fmt: skip
    return csv_text(header, rows)


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dicts as one, keys joined by dots; lists become text with spaces between."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            found[prefix + key] = " ".join(map(str, value))
        else:
            found[prefix + key] = value
    return found
