"""labbench from Python: open a run, read it, load its net, train."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import labbench
from labbench.audio.clips import open_clips
from labbench.errors import DataError, PresetError, RunError, TrainingError
from tests import tiny
from tests.opened import opened


@pytest.fixture(autouse=True)
def clips(labbench_home: Path) -> None:
    tiny.make_clips()


def test_a_run_is_trained_opened_and_its_net_gives_its_predictions() -> None:
    seen = []
    run = labbench.train(tiny.preset(epochs=3), on_status=lambda status: seen.append(status.state))
    assert seen[-1] == "finished"
    opened = labbench.open_run("last")
    assert opened.id == run.id
    assert [one.id for one in labbench.list_runs()] == [run.id]
    assert len(opened.history.epochs) == 3
    assert opened.preset.training.epochs == 3
    assert opened.about["clips"]["name"] == "tones"
    test = opened.predictions("test")
    samples = np.asarray(open_clips("tones").clips[test.clips]) / np.float32(32768)
    # The plain net, not the engine: an independent way to the same logits.
    with torch.no_grad():
        logits = opened.net()(torch.from_numpy(samples))
    np.testing.assert_allclose(logits.numpy(), test.logits, rtol=1e-3, atol=1e-4)
    assert opened.net("last").training is False
    with pytest.raises(ValueError, match="best or last"):
        opened.net("first")


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(RunError, match="none yet"):
        labbench.open_run("last")
    with pytest.raises(PresetError):
        labbench.train("no-such-preset")
    with pytest.raises(PresetError):
        labbench.train(tiny.preset(), ["training.batch=0"])
    with pytest.raises(TrainingError, match="the loss became"):
        labbench.train(tiny.preset(epochs=30), ["optimizer.learning_rate=1e9"])


def test_importing_it_is_light() -> None:
    code = "import labbench, sys; print(sorted({'torch', 'numpy', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sounds_are_heard_from_python(tmp_path: Path) -> None:
    run = labbench.open_run(opened().path)
    test = run.predictions("test")
    [heard] = run.predict(test.names[4])
    np.testing.assert_allclose(heard.logits_WK[0], test.logits[4], atol=1e-5)
    again = run.predict(test.names[4], "low")
    np.testing.assert_array_equal(again[0].logits_WK, heard.logits_WK)
    with pytest.raises(DataError, match="no such file"):
        run.predict("none.wav")


def test_maps_and_confused_words_from_python() -> None:
    run = labbench.open_run(opened().path)
    maps = run.feature_maps("high", "conv2")
    assert maps.after_CT.shape == (4, 16_000)
    assert maps.clip.name == "high/test2.wav"
    pair, means = run.confused("low", "high", layer="conv1", most=2)
    test = run.predictions("test")
    a, b = test.words.index("low"), test.words.index("high")
    taken_for = (test.actual == a) & (test.predicted == b)
    assert len(pair.confused[0].clips) == int(taken_for.sum())
    assert means.evidence_CM.shape == (4, 16_000)
