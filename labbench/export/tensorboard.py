"""A run's curves as a TensorBoard event file (optional extra `tensorboard`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbench.export.tables import flat
from labbench.outputs import fill_output, make_folder
from labbench.presets import to_toml
from labbench.presets.declare import to_tree
from labbench.runs import History, RunFolder
from labbench.text import shown

FILE = "events.out.tfevents.labbench"
"""One name, so that a second export replaces the first instead of adding to it."""

STEP_TAGS = {
    "loss": "loss/batch", "accuracy": "accuracy/batch", "learning_rate": "pace/learning_rate",
    "clips_per_s": "pace/clips_per_s", "memory_bytes": "pace/memory_bytes",
}  # fmt: skip
"""Field of a step -> tag."""

EPOCH_TAGS = {
    "train_loss": "loss/train", "val_loss": "loss/validation",
    "train_accuracy": "accuracy/train", "val_accuracy": "accuracy/validation",
}  # fmt: skip
"""Field of an epoch -> tag."""

Scalar = tuple[float, int, dict[str, float]]
"""Unix time, step, value by tag."""


def write_events(run: RunFolder, folder: Path) -> Path:
    """Write the curves, settings and test figures of a run; returns the event file.

    Raises:
        LabbenchError: the run is damaged, or the folder cannot be written.
    """
    from tensorboard.compat.proto import event_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    history, created = run.history(), run.status().created
    make_folder(folder)

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            writer = RecordWriter(file)
            head = event_pb2.Event(wall_time=created, file_version="brain.Event:2")
            writer.write(head.SerializeToString())
            for summary in _about(run, created):
                event = event_pb2.Event(wall_time=created, step=0, summary=summary)
                writer.write(event.SerializeToString())
            for moment, step, values in scalars(history, created):
                writer.write(_event(moment, step, values).SerializeToString())
            writer.flush()

    path = folder / FILE
    fill_output(path, fill)
    return path


def _event(moment: float, step: int, values: dict[str, float]) -> Any:
    from tensorboard.compat.proto import event_pb2, summary_pb2

    found = [summary_pb2.Summary.Value(tag=tag, simple_value=one) for tag, one in values.items()]
    return event_pb2.Event(wall_time=moment, step=step, summary=summary_pb2.Summary(value=found))


def _about(run: RunFolder, created: float) -> Iterator[Any]:
    """The settings as text and for the HParams page."""
    from tensorboard.compat.proto import summary_pb2
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb
    from tensorboard.plugins.text.metadata import create_summary_metadata
    from tensorboard.util.tensor_util import make_tensor_proto

    preset = run.preset()
    text = "    " + to_toml(preset).replace("\n", "\n    ")
    metadata = create_summary_metadata("preset", "The whole resolved preset.")
    tensor = make_tensor_proto(np.array(text.encode(), dtype=object))
    value = summary_pb2.Summary.Value(tag="preset", metadata=metadata, tensor=tensor)
    yield summary_pb2.Summary(value=[value])
    settings = {
        key: shown(value) if isinstance(value, str) else value
        for key, value in flat(to_tree(preset)).items()
    }
    yield hparams_pb(settings, trial_id=shown(run.id), start_time_secs=created)


def scalars(history: History, created: float) -> Iterator[Scalar]:
    """Every point of every curve, by step, with the Unix time at which it came."""
    steps = history.steps
    whole = steps["step"].astype(np.int64)
    times = _times(history, whole, steps["elapsed_s"], created)
    for index, step in enumerate(whole.tolist()):
        values = {tag: float(steps[name][index]) for name, tag in STEP_TAGS.items()}
        yield float(times[index]), step, values
    ends = np.array([one.step for one in history.epochs], dtype=np.int64)
    elapsed = np.array([one.elapsed_s for one in history.epochs], dtype=np.float64)
    moments = _times(history, ends, elapsed, created)
    for one, moment in zip(history.epochs, moments.tolist(), strict=True):
        yield moment, one.step, {tag: getattr(one, name) for name, tag in EPOCH_TAGS.items()}
    last = max([created, *times.tolist(), *moments.tolist()])
    by_epoch = {one.epoch: one.step for one in history.epochs}
    for split, evaluation in history.evaluations.items():
        values = {
            f"loss/best_{split}": evaluation.loss,
            f"accuracy/best_{split}": evaluation.accuracy,
        }
        yield last, by_epoch.get(evaluation.epoch, 0), values


def _times(
    history: History, at: NDArray[np.int64], elapsed_s: NDArray[np.float64], created: float
) -> NDArray[np.float64]:
    """Unix time of points (S,): an attempt's start, and the seconds trained since."""
    if not history.attempts:
        return created + elapsed_s
    first = np.array([one.step for one in history.attempts], dtype=np.int64)
    began = np.array([one.time for one in history.attempts], dtype=np.float64)
    steps, trained = history.steps["step"], history.steps["elapsed_s"]
    before = np.concatenate([[0.0], trained])[np.searchsorted(steps, first, side="right")]
    attempt = np.maximum(np.searchsorted(first, at, side="left") - 1, 0)
    found: NDArray[np.float64] = began[attempt] + elapsed_s - before[attempt]
    return found
