"""`labbench show RUN` with views that an analyst answers, and the same from Python."""

from __future__ import annotations

import json

import numpy as np
import pytest

import labbench
from labbench.cli.app import run_app
from labbench.interpret.attribution.answer import METHODS, Method, evidence_question
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.clip import named
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
    keep(run, dead_question(run))
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
    keep(run, dead_question(run, "validation", 6))
    arguments = ("1", "dead", "--split", "validation", "--limit", "6", "--order", "label",
                 "--figure", "awake")  # fmt: skip
    text = shown(capsys, *arguments)
    assert "validation, 6 of 12 clips" in text
    assert "by label · share of clips that wake it" in text
    assert run_app(["show", *arguments, "--layer", "conv2"]) == 5
    assert "no layer 'conv2'" in capsys.readouterr().err


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
    assert "made again since the run" in capsys.readouterr().err


@pytest.mark.parametrize("model", list(MODELS))
def test_evidence_of_every_shape(capsys: pytest.CaptureFixture[str], model: str) -> None:
    run = opened(MODELS[model])
    clip = named(run, "high")
    methods: tuple[Method, ...] = tuple(one for one in METHODS if one != "cam" or model != "base")
    asks = [evidence_question(run, clip, method, stride_ms=50) for method in methods]
    keep(run, *asks)
    arguments = ("1", "cam", "--clip", "high", "--method", "all", "--stride-ms", "50")
    text = shown(capsys, *arguments, "--at", "0.5")
    assert "Grad-CAM at conv" in text
    assert "0.500 s · sound" in text
    assert ("2 hidden dense layers" in text) == (model == "base")
    document = json.loads(shown(capsys, *arguments, "-f", "json"))
    assert [one["method"] for one in document["evidence"]] == list(methods)
    found = labbench.open_run("1").evidence("high", method="occlusion", stride_ms=50)
    assert found.values_M.tolist() == document["evidence"][-1]["values"]


def test_options_of_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    run = opened({"convs": 2, "channels": 2})
    clip = named(run, "middle/test1.wav")
    keep(run, evidence_question(run, clip, word="low", layer="conv1"))
    arguments = ("1", "cam", "--clip", "middle/test1.wav", "--class", "low", "--layer", "1")
    text = shown(capsys, *arguments)
    assert "evidence for low" in text
    assert "Grad-CAM at conv1" in text
    assert run_app(["show", "1", "cam", "--class", "lowe"]) == 5
    assert "knows no class 'lowe'" in capsys.readouterr().err
    assert run_app(["show", "1", "cam", "--method", "occlusion", "--stride-ms", "99"]) == 5
    assert "do not cover the clip" in capsys.readouterr().err


def test_a_map_that_the_head_does_not_allow(capsys: pytest.CaptureFixture[str]) -> None:
    opened(MODELS["base"])
    assert run_app(["show", "1", "cam", "--method", "cam"]) == 5
    err = capsys.readouterr().err
    assert "2 hidden dense layers stand between its features and its classes" in err
    assert "grad-cam works at any layer" in err
