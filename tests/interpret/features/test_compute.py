"""Features against the net's own forward pass, and what is drawn where there are too many."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from labbench.architecture import Dense
from labbench.architecture.stages import stages
from labbench.errors import RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret import context
from labbench.interpret.clip import of_row, samples_of
from labbench.interpret.context import Context
from labbench.interpret.feature_maps.answer import MapsQuestion
from labbench.interpret.features import answer as asking
from labbench.interpret.features import compute as computing
from labbench.interpret.features.answer import Features, FeaturesQuestion, drawn, features_question
from labbench.interpret.question import kept
from labbench.runs import predictions
from tests.opened import MODELS, build, opened, preset


def features_of(found: Context, ask: FeaturesQuestion) -> Features:
    return context.compute(found, ask)


@pytest.mark.parametrize("model", list(MODELS))
def test_own_head_on_the_flattened_features_gives_the_logits(model: str) -> None:
    found = context.load(opened(MODELS[model]))
    one = features_of(found, features_question(found.plan))
    test = predictions.read(found.run.predictions_path("test"))
    assert one.rows_N.tolist() == test.clips.tolist()
    assert one.labels_N.tolist() == test.actual.tolist()
    np.testing.assert_allclose(one.logits_NK, test.logits, atol=1e-5)
    assert (one.total, one.size) == (15, found.plan.features)
    if one.projected:
        assert one.features_ND.shape == (15, asking.PROJECTED)
        return
    x = torch.from_numpy(one.features_ND)
    state = found.net.state_dict()
    dense = [layer.name for layer in found.plan if isinstance(layer, Dense)]
    for name in dense:
        x = F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])
        x = x if name == dense[-1] else F.relu(x)
    np.testing.assert_allclose(x.numpy(), test.logits, atol=1e-5)


@pytest.mark.parametrize("pool", ["mean", "max"])
def test_pooled_layers_against_their_feature_maps(pool: str) -> None:
    found = context.load(opened(MODELS["base"]))
    clips = clips_of(found.run)
    for stage in stages(found.plan):
        one = features_of(
            found, features_question(found.plan, stage.name, pool, split="validation")
        )
        assert one.features_ND.shape == (12, stage.conv.channels)
        clip = of_row(clips, int(one.rows_N[4]))
        ask = MapsQuestion(clip=clip, layer=stage.name)
        after_CT = context.compute(found, ask).after_CT.astype(np.float64)
        expected = after_CT.mean(axis=1) if pool == "mean" else after_CT.max(axis=1)
        np.testing.assert_allclose(one.features_ND[4], expected, atol=1e-5)


def test_a_projection_keeps_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    found = context.load(opened(MODELS["custom-bn"]))
    whole = features_of(found, features_question(found.plan)).features_ND.astype(np.float64)
    monkeypatch.setattr(computing, "MOST_FEATURES", 100)
    monkeypatch.setattr(computing, "PROJECTED", 2000)
    one = features_of(found, features_question(found.plan))
    assert one.projected
    assert one.features_ND.shape == (15, 2000)
    before = np.linalg.norm(whole[:, None] - whole[None], axis=2)
    after = np.linalg.norm(one.features_ND[:, None] - one.features_ND[None], axis=2)
    apart = before > 0
    np.testing.assert_allclose(after[apart] / before[apart], 1, atol=0.25)


def test_a_limit_draws_the_same_share_of_every_class() -> None:
    found = context.load(opened())
    one = features_of(found, features_question(found.plan, split="train", limit=18))
    assert np.bincount(one.labels_N).tolist() == [6, 6, 6]
    assert one.total == 36
    clips = clips_of(found.run)
    words = [clips.words[clips.labels[row]] for row in one.rows_N]
    assert [one.words[label] for label in one.labels_N] == words
    again = features_of(found, features_question(found.plan, split="train", limit=18))
    assert (again.rows_N == one.rows_N).all()
    sample = torch.from_numpy(samples_of(found.run, of_row(clips, int(one.rows_N[7]))))
    with torch.inference_mode():
        np.testing.assert_allclose(found.net(sample[None])[0], one.logits_NK[7], atol=1e-5)


def test_drawn_by_share() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    chosen = drawn(labels, 50)
    assert np.bincount(labels[chosen]).tolist() == [30, 15, 5]
    assert (np.diff(chosen) > 0).all()
    assert drawn(labels, 2000).tolist() == list(range(1000))


def test_memory_bounds_the_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking.most_clips(448, 4_000) == 4_000
    assert asking.most_clips(1_024_000, 0) == asking.MOST_BYTES // (4 * asking.PROJECTED)
    monkeypatch.setattr(asking, "MOST_BYTES", 9 * 4 * 108)
    found = context.load(opened({"convs": 6, "channels": 2}))
    assert found.plan.features == 4 * 65
    assert len(features_of(found, features_question(found.plan, limit=0)).rows_N) == 9 * 108 // 260


def test_features_are_kept_with_the_run() -> None:
    found = context.load(opened())
    told: list[str] = []
    ask = features_question(found.plan, "conv2", "max")
    one = found.ask(ask, lambda done, total, what: told.append(what))
    assert told == ["features of test clips"]
    assert kept(found.run, ask) is not None
    told.clear()
    again = found.ask(ask, lambda done, total, what: told.append(what))
    assert not told
    np.testing.assert_array_equal(again.features_ND, one.features_ND)


@pytest.mark.parametrize(
    ("layer", "pool", "limit", "what"),
    [("conv9", "", 0, "no layer 'conv9'"), ("conv1", "median", 0, "no pooling 'median'"),
     ("flatten", "mean", 0, "not pooled"), ("flatten", "", 5, "too few for 3 classes")],
    ids=["layer", "pool", "pooled-flatten", "limit"],
)  # fmt: skip
def test_questions_that_make_no_sense(layer: str, pool: str, limit: int, what: str) -> None:
    plan = build(preset()).plan
    with pytest.raises(RunError, match=what) as caught:
        features_question(plan, layer, pool, limit=limit)
    assert caught.value.hint
    assert features_question(plan, "2").layer == "conv2"
    assert features_question(plan, "2").pool == "mean"


def test_a_net_that_diverged() -> None:
    net = build(preset())
    with torch.no_grad():
        net.get_parameter("conv1.bias")[0] = float("nan")
    found = context.load(opened(net=net))
    with pytest.raises(RunError, match="not finite"):
        features_of(found, features_question(found.plan))
