"""Dead channels against a plain loop over clips, channels and samples in float64."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest
import torch

from labbench.errors import DataError
from labbench.evaluation.sounds import clips_of
from labbench.interpret import context
from labbench.interpret.channels import compute as dead
from labbench.interpret.channels.answer import LIMITS, Dead, DeadQuestion, dead_question, listened
from labbench.interpret.context import Context, before_activation, outputs
from labbench.runs import RunFolder
from tests import tiny
from tests.opened import build, opened, preset

ACTIVATIONS = ("relu", "tanh", "sigmoid", "prelu")
SMALL = {"convs": 2, "channels": 3}


def found(run: RunFolder, ask: DeadQuestion | None = None) -> tuple[Context, Dead]:
    opened_run = context.load(run)
    ask = ask or dead_question(run)
    return opened_run, context.compute(opened_run, ask)


def by_loop(of: Context, ask: DeadQuestion, name: str) -> dict[str, np.ndarray]:
    """The figures of a layer, sample by sample."""
    clips = clips_of(of.run)
    chosen = listened(clips, of.words, ask)
    one = of.stage(name)
    net = copy.deepcopy(of.net).double()
    shape = (one.conv.channels, len(of.words))
    awake, mean, above, limits = (np.zeros(shape) for _ in range(4))
    strength, peak, low = np.zeros(shape), np.full(shape, -np.inf), np.full(shape, np.inf)
    count = Counter(chosen.labels.tolist())
    for row, label in zip(chosen.rows, chosen.labels, strict=True):
        clip = torch.from_numpy(np.asarray(clips.clips[row], np.float64) / 32768)[None]
        names = {before_activation(one), one.activation.name}
        with torch.no_grad():
            _, maps = outputs(net, clip, names)
        for channel in range(one.conv.channels):
            a = maps[one.activation.name][0, channel].numpy()
            b = maps[before_activation(one)][0, channel].numpy()
            place = channel, label
            mean[place] += a.mean() / count[label]
            strength[place] += np.abs(a).mean() / count[label]
            above[place] += np.mean(b > 0) / count[label]
            peak[place], low[place] = max(peak[place], a.max()), min(low[place], a.min())
            if one.activation.function in LIMITS:
                least, most = LIMITS[one.activation.function]
                shares = (a - least) / (most - least)
                limits[place] += np.mean((shares < 0.025) | (shares > 0.975)) / count[label]
                awake[place] += shares.max() - shares.min() > 0.01
            else:
                awake[place] += any(value > 0 for value in b)
    return {"awake": awake, "mean": mean, "strength": strength, "peak": peak, "low": low,
            "above": above, "limits": limits}  # fmt: skip


@pytest.mark.parametrize("function", ACTIVATIONS)
def test_against_a_plain_loop(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = preset({**SMALL, "activation": function})
    net = build(chosen, seed=3)
    with torch.no_grad():
        net.conv2.bias.copy_(torch.tensor([-5.0, -0.3, 4.0]))  # type: ignore[union-attr]
        if function == "prelu":
            net.act1.weight[0] = -0.5  # type: ignore[index]
    run = opened({**SMALL, "activation": function}, net=net)
    ask = dead_question(run, most=5)
    # Batches that do not divide the clips.
    monkeypatch.setattr(dead, "MOST_CLIPS", 2)
    of, answer = found(run, ask)
    assert answer.clips == 5
    assert answer.of == tiny.COUNTS["test"]
    for layer in answer.layers:
        for name, figure in by_loop(of, ask, layer.name).items():
            got = getattr(layer, f"{name}_CK")
            np.testing.assert_allclose(got, figure, atol=2e-5, err_msg=f"{layer.name} {name}")


def test_what_is_known_to_be_dead_is_dead() -> None:
    net = build(preset(SMALL))
    with torch.no_grad():
        net.conv1.bias[1] = -100  # type: ignore[index]
        net.conv2.bias[:] = -100  # type: ignore[index]
    _, answer = found(opened(SMALL, net=net))
    first, second = answer.layers
    assert first.described()[1].state == "dead"
    assert first.described()[1].silent_for == tiny.WORDS
    assert {channel.state for channel in second.described()} == {"dead"}
    assert second.selectivity.tolist() == [0, 0, 0]


def test_a_word_without_clips() -> None:
    run = opened()
    ask = dead_question(run, "validation", most=2)
    _, answer = found(run, ask)
    layer = answer.layers[-1]
    [bare] = np.flatnonzero(answer.clips_K == 0)
    assert np.isnan(layer.strength_CK[:, bare]).all()
    assert np.isnan(layer.share_by_label[:, bare]).all()
    assert np.isfinite(layer.selectivity).all()
    assert tiny.WORDS[bare] not in layer.described()[0].silent_for


def test_progress_and_cancelling() -> None:
    run = opened(SMALL)
    told: list[tuple[int, int, str]] = []
    opened_run, ask = context.load(run), dead_question(run)
    context.compute(opened_run, ask, lambda *far: told.append(far))
    assert told[0] == (0, 15, "listening to clips")
    assert told[-1] == (15, 15, "listening to clips")

    def stop(done: int, total: int, what: str, /) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        context.compute(opened_run, ask, stop)


def test_other_clips_under_the_name() -> None:
    run = opened(SMALL)
    opened_run = context.load(run)
    with pytest.raises(DataError, match="other clips"):
        context.compute(opened_run, DeadQuestion(digest="of old ones"), lambda *far: None)
    tiny.make_clips(seed=1)
    with pytest.raises(DataError, match="made again"):
        dead_question(run)
