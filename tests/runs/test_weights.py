"""Weights without torch."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from labbench.errors import RunError
from labbench.presets import Library
from labbench.runs import create, weights
from tests.opened import build, opened, preset


@pytest.mark.parametrize("which", ["best", "last"])
def test_the_tensors_of_a_checkpoint(which: weights.Which) -> None:
    net = build(preset(), seed=3)
    run = opened(net=net)
    found = weights.read(run.path, which)
    state = net.state_dict()
    assert set(found.tensors) == set(state)
    for name, tensor in found.tensors.items():
        np.testing.assert_array_equal(tensor, state[name].numpy())
    assert found.epoch == 3


def test_the_digest_is_of_the_file() -> None:
    run = opened()
    path = next(run.checkpoints_path.glob("best-*.safetensors"))
    expected = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert weights.checkpoint(run.path).digest == expected
    assert weights.checkpoint(opened(seed=1).path).digest != expected


def test_no_checkpoint_yet() -> None:
    run = create(Library().get("custom-ch32"))
    with pytest.raises(RunError, match="no checkpoint yet") as caught:
        weights.read(run.path)
    assert "first complete epoch" in caught.value.hint


def test_a_damaged_checkpoint() -> None:
    run = opened()
    next(run.checkpoints_path.glob("best-*.safetensors")).write_bytes(b"no tensors")
    with pytest.raises(RunError, match="cannot be read"):
        weights.read(run.path)
    (run.checkpoints_path / "best.json").write_text("{}")
    with pytest.raises(RunError, match="is damaged"):
        weights.checkpoint(run.path)


def test_loads_no_torch() -> None:
    run = opened()
    code = (
        "import sys; from pathlib import Path; from labbench.runs import weights;"
        f"weights.read(Path({str(run.path)!r})); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["\ud800", "\0", "../../etc/passwd", 7, None, "", "/dev/null"])
def test_a_checkpoints_name_that_is_none_leads_nowhere(name: object) -> None:
    run = opened()
    about = {"file": name, "best": {"epoch": 1}}
    (run.checkpoints_path / "best.json").write_text(json.dumps(about))
    with pytest.raises(RunError):
        weights.read(run.path)
