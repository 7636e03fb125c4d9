"""What the net says of sounds, against its kept predictions and against windows cut by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from labbench.errors import DataError
from labbench.interpret import context
from labbench.interpret.clip import named
from labbench.interpret.predict.answer import Predicted, PredictQuestion
from labbench.runs import predictions
from tests.opened import MODELS, opened

NOISE = np.random.default_rng(0).integers(-20_000, 20_000, 45_000, dtype=np.int16)


def asked(found: context.Context, text: str, stride_ms: int = 250) -> Predicted:
    ask = PredictQuestion(clip=named(found.run, text), stride_ms=stride_ms)
    return context.compute(found, ask)


@pytest.mark.parametrize("model", list(MODELS))
def test_clips_of_the_data_set_get_what_the_run_kept(model: str) -> None:
    found = context.load(opened(MODELS[model]))
    test = predictions.read(found.run.predictions_path("test"))
    for row in (0, 7, 14):
        one = asked(found, test.names[row])
        np.testing.assert_allclose(one.logits_WK, test.logits[row : row + 1], atol=1e-5)
        assert one.guesses()[0].word == test.words[int(test.predicted[row])]
        assert (one.seconds, one.padded_s) == (1.0, 0.0)


@pytest.mark.parametrize("model", list(MODELS))
def test_a_long_sound_is_heard_second_by_second(tmp_path: Path, model: str) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, NOISE, 16_000)
    found = context.load(opened(MODELS[model]))
    one = asked(found, str(path), stride_ms=500)
    assert one.starts_s.tolist() == [0.0, 0.5, 1.0, 1.5, 29_000 / 16_000]
    for start_s, logits in zip(one.starts_s, one.logits_WK, strict=True):
        start = round(start_s * 16_000)
        window = torch.from_numpy(NOISE[start : start + 16_000].astype(np.float32) / 32768)
        with torch.no_grad():
            np.testing.assert_allclose(logits, found.net(window[None])[0].numpy(), atol=1e-5)


def test_a_short_sound_is_followed_by_zeros(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, NOISE[:4_000], 16_000)
    found = context.load(opened())
    one = asked(found, str(path))
    assert (one.seconds, one.padded_s, len(one.starts_s)) == (0.25, 0.75, 1)
    window = torch.zeros(1, 16_000)
    window[0, :4_000] = torch.from_numpy(NOISE[:4_000].astype(np.float32) / 32768)
    with torch.no_grad():
        np.testing.assert_allclose(one.logits_WK, found.net(window).numpy(), atol=1e-5)


def test_more_windows_than_go_through_the_net_together(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.tile(NOISE[:16_000], 3), 16_000)
    found = context.load(opened())
    seen: list[tuple[int, int]] = []
    ask = PredictQuestion(clip=named(found.run, str(path)), stride_ms=100)
    answer = context.compute(found, ask, lambda done, total, what: seen.append((done, total)))
    assert seen == [(0, 0), (0, 21), (16, 21)]
    # The sound repeats every second: so must what is said of it.
    logits = answer.logits_WK
    np.testing.assert_allclose(logits[0], logits[10], atol=1e-5)
    np.testing.assert_allclose(logits[3], logits[13], atol=1e-5)


def test_a_file_that_changed_is_not_taken_for_the_old(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, NOISE, 16_000)
    found = context.load(opened())
    ask = PredictQuestion(clip=named(found.run, str(path)))
    soundfile.write(path, NOISE[::-1], 16_000)
    with pytest.raises(DataError, match="another sound now"):
        context.compute(found, ask)
