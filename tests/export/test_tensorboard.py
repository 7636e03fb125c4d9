"""Event files read back with TensorBoard's own EventAccumulator."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from labbench.cli.app import run_app
from labbench.distribution import install_command
from labbench.export import export
from labbench.runs import EventLog, events
from tests.recorded import course, record

READER = "tensorboard.backend.event_processing.event_accumulator"


def accumulated(folder: Path):  # type: ignore[no-untyped-def]
    accumulator = pytest.importorskip(READER)
    found = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    return found.Reload()


def test_the_curves_come_back(tmp_path: Path) -> None:
    run = record()
    log = EventLog(run.events_path)
    log.append([events.Evaluated(split="test", epoch=9, clips=4815, loss=0.2, accuracy=0.95)])
    log.close()
    for _ in range(2):
        export(run, "tensorboard", tmp_path)
    found, history = accumulated(tmp_path / run.id), run.history()
    batch = found.Scalars("loss/batch")
    assert [point.step for point in batch] == history.steps["step"].tolist()
    assert np.allclose([point.value for point in batch], history.steps["loss"])
    for name, tag in (("val_accuracy", "accuracy/validation"), ("train_loss", "loss/train")):
        points = found.Scalars(tag)
        assert [point.step for point in points] == [epoch.step for epoch in history.epochs]
        wanted = [getattr(epoch, name) for epoch in history.epochs]
        assert np.allclose([point.value for point in points], wanted)
    (best,) = found.Scalars("accuracy/best_test")
    assert (best.step, best.value) == (90, pytest.approx(0.95))
    (text,) = found.Tensors("preset")
    assert b"channels = 32" in text.tensor_proto.string_val[0]
    assert "_hparams_/session_start_info" in found.summary_metadata


def test_a_resumed_runs_points_have_the_times_of_their_attempt(tmp_path: Path) -> None:
    run = record()
    log = EventLog(run.events_path)
    log.cut(0)
    first = course(2)
    again = events.Started(
        time=50_000.0, attempt=2, epoch=2, step=20, device="cpu", precision="fp32", threads=2
    )
    log.append([*first, again, *[event for event in course(3) if event not in first]])
    log.close()
    export(run, "tensorboard", tmp_path)
    points = accumulated(tmp_path / run.id).Scalars("loss/batch")
    assert points[0].wall_time == pytest.approx(1_001.5)
    assert points[19].wall_time == pytest.approx(1_030.0)
    assert points[20].wall_time == pytest.approx(50_001.5)


@pytest.mark.parametrize("target", ["tensorboard", "onnx"])
def test_a_missing_extra_is_named_with_the_line_that_installs_it(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record()
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == target else real(name, *a)
    )
    assert run_app(["export", "last", "--to", target, "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert f"{target} not installed" in said
    assert install_command(target) in said
    assert not (tmp_path / "out").exists()
