"""Means over the clips of a cell, against a plain loop with Grad-CAM written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import stft

from labbench.evaluation.sounds import clips_of
from labbench.interpret import context
from labbench.interpret.confusion_pair.answer import Pair, pair_question
from labbench.runs import predictions
from tests.opened import MODELS, opened


def by_hand(found: context.Context, samples: np.ndarray, word: str, layer: str) -> np.ndarray:
    """Grad-CAM of one clip after a layer (Selvaraju et al. 2017), in shares of its greatest."""
    x = torch.from_numpy(samples)[None, None]
    kept = None
    with torch.enable_grad():
        for name, part in found.net.named_children():
            x = part(x)
            if name == layer:
                x = kept = x.detach().requires_grad_()
        assert kept is not None
        (slope,) = torch.autograd.grad(x[0, found.words.index(word)], kept)
    weights = slope.mean(dim=2, keepdim=True)
    cam = torch.relu((weights * kept).sum(dim=1))[0].detach().numpy()
    return cam / cam.max() if cam.max() > 0 else cam


@pytest.mark.parametrize("model", list(MODELS))
def test_means_of_every_shape(model: str) -> None:
    found = context.load(opened(MODELS[model]))
    test = predictions.read(found.run.predictions_path("test"))
    ask = pair_question(found.run, Pair.of(test, "low", "high"), "1", most=3)
    told: list[tuple[int, int]] = []
    means = context.compute(found, ask, lambda done, total, what: told.append((done, total)))
    total = sum(means.counts)
    assert told == [(done, total) for done in range(total)]
    clips = clips_of(found.run).clips
    after = found.stage("1").activation.name
    for place, rows in enumerate(ask.rows):
        if not rows:
            continue
        sounds = [np.asarray(clips[row], np.float32) / np.float32(32768) for row in rows]
        cams = [by_hand(found, one, ask.words[place], after) for one in sounds]
        np.testing.assert_allclose(means.evidence_CM[place], np.mean(cams, axis=0), atol=1e-4)
        levels = [decibels(one) for one in sounds]
        np.testing.assert_allclose(means.decibels_CFW[place], np.mean(levels, axis=0), atol=1e-3)


def decibels(samples: np.ndarray) -> np.ndarray:
    """SciPy's older STFT, windows wholly inside, 70 dB under the loudest."""
    _, _, values = stft(
        samples.astype(np.float64), 16_000, "hann", 512, 512 - 128, boundary=None, padded=False
    )
    power = np.abs(values) ** 2
    power[1:-1] *= 2
    power[[0, -1]] *= 1
    return np.maximum(10 * np.log10(power / power.max()), -70)


def test_a_cell_without_clips_is_silent() -> None:
    found = context.load(opened())
    test = predictions.read(found.run.predictions_path("test"))
    ask = pair_question(found.run, Pair.of(test, "low", "high"), "1", most=1)
    empty = type(ask)(rows=((), (), (), ()), words=ask.words, layer="conv1", digest=ask.digest)
    means = context.compute(found, empty)
    assert means.counts == (0, 0, 0, 0)
    assert not means.evidence_CM.any()
    assert set(np.unique(means.decibels_CFW)) == {-70.0}
