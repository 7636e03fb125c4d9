"""Feature maps against convolutions worked out by SciPy and plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import correlate

from labbench.architecture.stages import stages
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.clip import named, samples_of
from labbench.interpret.feature_maps.answer import Maps, MapsQuestion
from labbench.runs import predictions
from tests.opened import MODELS, opened


def test_first_layer_against_scipy_in_float64() -> None:
    run = opened({"convs": 2, "channels": 4, "activation": "tanh", "batch_norm": True}, seed=2)
    ask = MapsQuestion(clip=named(run, "low"), layer="conv1")
    found = context.load(run)
    maps = context.compute(found, ask)
    clip = samples_of(run, ask.clip).astype(np.float64)
    state = {name: t.double().numpy() for name, t in found.net.state_dict().items()}
    for channel in range(4):
        kernel = state["conv1.weight"][channel, 0]
        summed = correlate(np.pad(clip, (2, 2)), kernel, "valid") + state["conv1.bias"][channel]
        scale = state["bn1.weight"][channel] / np.sqrt(state["bn1.running_var"][channel] + 1e-3)
        shift = state["bn1.bias"][channel] - scale * state["bn1.running_mean"][channel]
        expected = summed * scale + shift
        np.testing.assert_allclose(maps.before_CT[channel], expected, atol=2e-5)
        np.testing.assert_allclose(maps.after_CT[channel], np.tanh(expected), atol=2e-5)


@pytest.mark.parametrize("model", list(MODELS))
def test_every_layer_of_every_shape(model: str) -> None:
    run = opened(MODELS[model])
    found = context.load(run)
    clip = named(run, "middle/test1.wav")
    test = predictions.read(run.predictions_path("test"))
    for one in stages(found.plan):
        ask = MapsQuestion(clip=clip, layer=one.name)
        maps = context.compute(found, ask)
        assert maps.before_CT.shape == maps.after_CT.shape == (one.conv.channels, one.conv.length)
        assert maps.rate_hz == one.rate_hz
        # The way to the maps is the way to the logits.
        row = test.names.index(clip.name)
        np.testing.assert_allclose(maps.logits_K, test.logits[row], atol=1e-5)
        act = {"relu": torch.relu, "tanh": torch.tanh}[maps.activation]
        np.testing.assert_allclose(
            maps.after_CT, act(torch.from_numpy(maps.before_CT)).numpy(), atol=1e-6
        )


def test_order_and_silence() -> None:
    ask = MapsQuestion(clip=named(opened(), "low"), layer="conv1")
    after = np.array([[0, 1, 0], [0, 0, 0], [2, 2, 2]], np.float32)
    maps = Maps(clip=ask.clip, layer="conv1", samples_T=after[0], before_CT=after, after_CT=after,
                rate_hz=1.0, start_s=0.0, activation="relu", words=("a",),
                logits_K=np.zeros(1, np.float32))  # fmt: skip
    assert maps.strongest.tolist() == [2, 0, 1]
    assert maps.silent == 1


def test_no_such_layer() -> None:
    run = opened()
    with pytest.raises(RunError, match="no layer 'conv9'") as caught:
        context.compute(context.load(run), MapsQuestion(clip=named(run, "low"), layer="conv9"))
    assert "conv" in caught.value.hint


def test_weights_of_another_net() -> None:
    run = opened()
    other = opened({"convs": 2, "channels": 4})
    for path in run.checkpoints_path.glob("best-*"):
        path.write_bytes(next(other.checkpoints_path.glob("best-*.safetensors")).read_bytes())
    with pytest.raises(RunError, match="does not fit"):
        context.load(run)
