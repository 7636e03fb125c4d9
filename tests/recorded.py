"""Run folders as a worker leaves them, made without torch: what views and `show` are tested on."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import numpy as np

from labbench import paths
from labbench.presets import Library, edited
from labbench.runs import EventLog, Predictions, RunFolder, create, events, predictions, status
from labbench.runs.events import AnyEvent

EPOCHS = 12
STEPS_PER_EPOCH = 10
BEST = 9


def report_matrix() -> tuple[tuple[str, ...], np.ndarray]:
    """Words and confusion matrix that the report printed."""
    path = paths.shipped_dir("data") / "confusion_custom_ch32_do0.75.csv"
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return tuple(header[1:]), np.array([row[1:] for row in rows], dtype=np.int64)


def predicted(
    matrix: np.ndarray, words: tuple[str, ...], *, split: str = "test", epoch: int = BEST
) -> Predictions:
    """Predictions that have this confusion matrix."""
    actual, taken_for = (
        np.repeat(side.ravel(), matrix.ravel()) for side in np.indices(matrix.shape)
    )
    return Predictions(
        split=split,
        epoch=epoch,
        words=words,
        clips=np.arange(len(actual)),
        names=tuple(f"{words[index]}/{number}.wav" for number, index in enumerate(actual)),
        actual=actual.astype(np.int64),
        logits=np.eye(len(words), dtype=np.float32)[taken_for] * 4,
    )


def course(epochs: int = EPOCHS) -> list[AnyEvent]:
    """A run that learns, best on validation at epoch 9."""
    found: list[AnyEvent] = [
        events.Started(
            time=1_000.0, attempt=1, epoch=0, step=0, device="cpu", precision="fp32", threads=2
        )
    ]
    for epoch in range(1, epochs + 1):
        for step in range(1 + (epoch - 1) * STEPS_PER_EPOCH, 1 + epoch * STEPS_PER_EPOCH):
            wave = 0.1 * np.sin(step * 2.1)
            found.append(
                events.Step(
                    step=step,
                    epoch=epoch,
                    elapsed_s=step * 1.5,
                    loss=float(2.8 * np.exp(-step / 40) + 0.1 + wave / 2),
                    accuracy=float(np.clip(0.97 - 0.9 * np.exp(-step / 35) + wave / 3, 0, 1)),
                    learning_rate=1e-3,
                    clips_per_s=96.0,
                    memory_bytes=0,
                )
            )
        last = epoch * STEPS_PER_EPOCH
        found.append(
            events.Epoch(
                epoch=epoch,
                step=last,
                elapsed_s=last * 1.5,
                duration_s=15.0,
                train_loss=float(2.8 * np.exp(-last / 40) + 0.1),
                train_accuracy=float(0.97 - 0.9 * np.exp(-last / 35)),
                val_loss=float(2.6 * np.exp(-last / 40) + 0.15 + 0.02 * max(epoch - BEST, 0)),
                val_accuracy=float(0.955 - 0.85 * np.exp(-last / 30) - 0.03 * max(epoch - BEST, 0)),
                learning_rate=1e-3,
                clips_per_s=96.0,
                memory_bytes=0,
                best=epoch <= BEST,
            )
        )
    return found


def about(synthetic: bool) -> dict[str, object]:
    """run.json as a worker writes it."""
    name = "synthetic" if synthetic else "speech_commands"
    return {
        "labbench": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6", "python": "3.11.2",
        "host": "bench", "device": "cpu", "precision": "fp32", "threads": 2, "seed": 0,
        "parameters": 230_000,
        "clips": {"name": name, "kind": name, "fingerprint": "0", "folder": "/clips",
                  "counts": {"train": 38_000, "validation": 4_815, "test": 4_815}},
    }  # fmt: skip


def record(
    root: Path | None = None,
    *,
    preset: str = "custom-ch32",
    state: status.State = "finished",
    epochs: int = EPOCHS,
    synthetic: bool = False,
    **changes: object,
) -> RunFolder:
    """A run folder in a state, `epochs` epochs in; `changes` are laid over its status.

    A finished run has the report's confusion matrix on test; any run with an epoch has it on
    validation.
    """
    run = create(edited(Library().get(preset), [f"training.epochs={EPOCHS}"]), root)
    log = EventLog(run.events_path)
    log.append(course(epochs))
    log.close()
    words, matrix = report_matrix()
    if epochs:
        newest = epochs if state != "finished" else BEST
        found = predicted(matrix, words, split="validation", epoch=newest)
        predictions.write(run.predictions_path("validation"), found)
    if state == "finished":
        predictions.write(run.predictions_path("test"), predicted(matrix, words))
    if state != "queued":
        (run.path / "run.json").write_bytes(msgspec.json.encode(about(synthetic)))
    done = [event for event in course(epochs) if isinstance(event, events.Epoch)]
    best = max(done, key=lambda event: event.val_accuracy, default=None)
    figures: dict[str, object] = {
        "state": state, "created": 1_000.0, "epoch": epochs, "synthetic": synthetic,
        "clips": "synthetic" if synthetic else "speech_commands", "device": "cpu",
        "parameters": 230_000, "elapsed_s": 15.0 * epochs, "step": STEPS_PER_EPOCH * epochs,
        "steps_per_epoch": STEPS_PER_EPOCH,
        "best_epoch": best.epoch if best else None,
        "best_val_accuracy": best.val_accuracy if best else None,
        "val_accuracy": done[-1].val_accuracy if done else None,
        "test_accuracy": 4590 / 4815 if state == "finished" else None,
        "ended": 1_200.0 if state in ("finished", "stopped", "failed") else None,
    }  # fmt: skip
    if state in status.LIVE:
        figures |= {"writer": status.this_process(), "left_s": 720.0}
    changed = msgspec.structs.replace(run.status(), **{**figures, **changes})
    status.write(run.status_path, changed)
    return run
