"""`labbench show RUN` with views that an analyst answers, and the same from Python."""

from __future__ import annotations

import json

import numpy as np
import pytest

import labbench
from labbench.cli.app import run_app
from labbench.results.inside.dead import ask_dead
from tests import tiny
from tests.answered import keep
from tests.opened import MODELS, opened


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What goes to stdout."""
    assert run_app(["show", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("model", list(MODELS))
def test_dead_channels_of_every_shape(capsys: pytest.CaptureFixture[str], model: str) -> None:
    run = opened(MODELS[model])
    keep(run, ask_dead(run))
    assert "average clip" in (text := shown(capsys, "1", "dead")) or "every one of" in text
    document = json.loads(shown(capsys, "1", "dead", "-f", "json", "--layer", "1"))
    [layer] = document["layers"]
    assert layer["layer"] == "conv1"
    assert document["clips"] == tiny.COUNTS["test"]
    found = labbench.open_run("1").dead_channels().layer("conv1")
    awake = [one["awake"] for one in layer["channels"]]
    np.testing.assert_allclose(found.awake_share, awake)


def test_options_of_dead_channels(capsys: pytest.CaptureFixture[str]) -> None:
    run = opened(MODELS["one-conv-tanh"])
    keep(run, ask_dead(run, "validation", 6))
    arguments = ("1", "dead", "--split", "validation", "--limit", "6", "--order", "label",
                 "--figure", "awake")  # fmt: skip
    text = shown(capsys, *arguments)
    assert "validation, 6 of 12 clips" in text
    assert "by label · share of clips that wake it" in text
    assert run_app(["show", *arguments, "--layer", "conv2"]) == 5
    assert "no convolution 'conv2'" in capsys.readouterr().err


def test_dead_channels_by_an_analyst(capsys: pytest.CaptureFixture[str]) -> None:
    opened({"convs": 1, "channels": 2})
    assert run_app(["show", "1", "dead", "--limit", "3"]) == 0
    out, err = capsys.readouterr()
    assert "test, 3 of 15 clips" in out
    assert "loading the net" in err


def test_clips_that_are_gone_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    opened({"convs": 1, "channels": 2})
    tiny.make_clips(seed=1)
    assert run_app(["show", "1", "dead"]) == 4
    assert "made anew since the run" in capsys.readouterr().err
