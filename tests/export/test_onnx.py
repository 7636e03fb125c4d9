"""ONNX nets asked by onnxruntime, against torch's answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from labbench import architecture, nets
from labbench.audio.clips import open_clips
from labbench.presets import Preset, from_tree
from labbench.runs import RunFolder, create
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Best
from labbench.training.restoring import load_net
from tests import tiny
from tests.scheduler.queueing import environment

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

MODELS: dict[str, dict[str, Any]] = {
    "custom-bn-tanh": {"convs": 5, "channels": 2, "batch_norm": True, "activation": "tanh"},
    "custom-prelu-dropout": {"convs": 3, "channels": 2, "activation": "prelu", "dropout": 0.5},
    "custom-even-kernel-gelu": {"convs": 2, "channels": 2, "kernel": 4, "activation": "gelu"},
    "vgg-rrelu": {"family": "vgg", "convs": 4, "channels": 2, "activation": "rrelu"},
    "large-bn": {"family": "large", "convs": 3, "channels": 2, "batch_norm": True},
    "base-partial-pools": {"family": "base", "convs": 4, "channels": 2},
}


def with_checkpoint(model: dict[str, Any]) -> RunFolder:
    """A run whose best net has random weights, and batch norms that saw something."""
    preset: Preset = from_tree(
        {"name": "net", "model": model, "data": {"words": list(tiny.WORDS)}}, "test_onnx"
    )
    run = create(preset)
    net = nets.build(architecture.plan(preset.model, 3), seed=1)
    generator = torch.Generator().manual_seed(2)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            part.running_mean.uniform_(-0.1, 0.1, generator=generator)  # type: ignore[union-attr]
            part.running_var.uniform_(0.01, 0.3, generator=generator)  # type: ignore[union-attr]
    best = Best(epoch=2, step=20, val_accuracy=0.5, val_loss=1.0)
    Checkpoints(run.checkpoints_path).save_best(net.state_dict(), best)
    return run


def session_of(path: Path) -> Any:
    """A session in one thread: more wait for each other where tests share the cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def answers(path: Path, clips: np.ndarray) -> np.ndarray:
    session = session_of(path)
    return np.asarray(session.run(None, {session.get_inputs()[0].name: clips})[0])


@pytest.mark.parametrize("name", MODELS)
def test_it_answers_as_the_torch_net_does_for_any_batch(name: str, tmp_path: Path) -> None:
    from labbench.worker.onnx import make

    run = with_checkpoint(MODELS[name])
    path = tmp_path / "net.onnx"
    make([str(run.path), str(path)])
    clips = np.random.default_rng(3).uniform(-1, 1, (5, 16_000)).astype(np.float32)
    with torch.inference_mode():
        wanted = load_net(run)(torch.from_numpy(clips)).numpy()
    assert np.allclose(answers(path, clips), wanted, rtol=1e-4, atol=1e-4)
    assert np.allclose(answers(path, clips[:1]), wanted[:1], rtol=1e-4, atol=1e-4)
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ""] == ["net.onnx"]


def test_the_command_and_the_rule_in_the_file(tmp_path: Path) -> None:
    run = with_checkpoint(MODELS["custom-bn-tanh"])
    done = subprocess.run(
        [sys.executable, "-m", "labbench", "export", "last", "--to", "onnx", "--json",
         "-o", str(tmp_path / "out")],
        capture_output=True, text=True, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (document,) = json.loads(done.stdout)
    (path,) = document["files"]
    session = session_of(path)
    rule = session.get_modelmeta().custom_metadata_map
    assert json.loads(rule["labbench.words"]) == list(tiny.WORDS)
    assert "int16 samples / 32768" in rule["labbench.preprocessing"]
    assert rule["labbench.run"] == document["run"] == run.id
    assert "batch_norm = true" in rule["labbench.settings"]
    # The rule is enough to use the net on clips as labbench keeps them.
    tiny.make_clips()
    clips = open_clips("tones").clips[:3].astype(np.float32) / 32768
    with torch.inference_mode():
        wanted = load_net(run)(torch.from_numpy(clips)).numpy()
    assert np.allclose(answers(Path(path), clips), wanted, rtol=1e-4, atol=1e-4)


def test_a_net_that_answers_otherwise_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labbench.errors import LabbenchError
    from labbench.worker import onnx

    run = with_checkpoint(MODELS["custom-even-kernel-gelu"])
    monkeypatch.setattr(onnx, "TOLERANCE", -1.0)
    with pytest.raises(LabbenchError, match="differ"):
        onnx.make([str(run.path), str(tmp_path / "net.onnx")])
    assert list(tmp_path.glob("*.onnx*")) == []


def test_without_a_checkpoint_nothing_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    from labbench.cli.app import run_app

    create(tiny.preset())
    assert run_app(["export", "last", "--to", "onnx"]) == 5
    assert "no checkpoint yet" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_told_by_the_child(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from labbench.cli.app import run_app

    run = with_checkpoint(MODELS["custom-even-kernel-gelu"])
    next(run.checkpoints_path.glob("*.safetensors")).write_bytes(b"torn")
    assert run_app(["export", "last", "--to", "onnx", "-o", str(tmp_path)]) == 5
    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert list(tmp_path.glob("*.onnx*")) == []
