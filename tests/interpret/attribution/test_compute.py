"""Evidence against a net worked out by hand, float64 references and plain loops."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from labbench import architecture
from labbench.architecture.model import Model
from labbench.architecture.stages import stages
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.attribution import compute as computing
from labbench.interpret.attribution.answer import (
    METHODS,
    Evidence,
    EvidenceQuestion,
    Method,
    evidence_question,
    why_no_cam,
)
from labbench.interpret.clip import named
from labbench.interpret.context import Context, outputs
from labbench.nets import Net
from labbench.runs import RunFolder
from tests import tiny
from tests.opened import MODELS, opened


@pytest.fixture(scope="module")
def by_hand() -> Net:
    """One convolution of two channels, x and -x, relu, and a dense layer, on clips of 4 samples.

    logit 0 = 0.5 + sum over t of (t + 1) relu(x_t) - relu(-x_t).
    """
    model = Model(convs=1, channels=2, kernel=3, dropout=0.5)
    net = Net(architecture.plan(model, 2, length=4)).double().eval().requires_grad_(False)
    net.conv1.weight.copy_(torch.tensor([[[0, 1, 0]], [[0, -1, 0]]]))  # type: ignore[operator,union-attr]
    net.conv1.bias.zero_()  # type: ignore[operator,union-attr]
    net.dense1.weight.zero_()  # type: ignore[operator,union-attr]
    net.dense1.weight[0] = torch.tensor([1, -1, 2, -1, 3, -1, 4, -1])  # type: ignore[index]
    net.dense1.bias.copy_(torch.tensor([0.5, 7]))  # type: ignore[operator,union-attr]
    return net


CLIP = torch.tensor([[1, -2, 3, 0]], dtype=torch.float64)


def test_the_score_by_hand(by_hand: Net) -> None:
    assert by_hand(CLIP).tolist() == [[0.5 + 1 - 2 + 9, 7]]


def test_class_activation_map_by_hand(by_hand: Net) -> None:
    assert computing.class_activation_map(by_hand, CLIP, 0).tolist() == [1, -2, 9, 0]


def test_grad_cam_by_hand(by_hand: Net) -> None:
    # Mean gradients of the channels: (1 + 2 + 3 + 4) / 4 and -1; the second moment is below 0.
    assert computing.grad_cam(by_hand, CLIP, 0, "act1").tolist() == [2.5, 0, 7.5, 0]


def test_integrated_gradients_by_hand(by_hand: Net) -> None:
    found = computing.integrated_gradients(by_hand, CLIP, 0, 64)
    np.testing.assert_allclose(found.numpy(), [1, -2, 9, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("window", "stride", "expected"),
    [(1, 1, [1, -2, 9, 0]), (2, 1, [-1, 3, 8, 9]), (3, 2, [8, 8, 8.5, 9]), (2, 2, [-1, -1, 9, 9])],
    ids=["samples", "overlap", "cut-at-the-end", "side-by-side"],
)
def test_occlusion_by_hand(
    by_hand: Net, window: int, stride: int, expected: list[float]
) -> None:  # fmt: skip
    assert computing.occlusion(by_hand, CLIP, 0, window, stride).tolist() == expected


def answered(run: RunFolder, method: Method, **more: object) -> tuple[Context, Evidence]:
    found = context.load(run)
    ask = evidence_question(run, named(run, "high"), method, **more)  # type: ignore[arg-type]
    return found, context.compute(found, ask)


def doubled(found: Context, one: Evidence) -> tuple[Net, torch.Tensor]:
    return copy.deepcopy(found.net).double(), torch.from_numpy(one.samples_T).double()[None]


@pytest.mark.parametrize("model", list(MODELS))
def test_grad_cam_at_every_layer_against_float64(model: str) -> None:
    run = opened(MODELS[model], seed=4)
    found, clip_asked = context.load(run), named(run, "high")
    for stage in stages(found.plan):
        ask = evidence_question(run, clip_asked, word="middle", layer=stage.name)
        one = context.compute(found, ask)
        net, clip = doubled(found, one)
        logits, maps = outputs(net, clip.requires_grad_(), {stage.activation.name})
        map_BCT = maps[stage.activation.name]
        (gradient,) = torch.autograd.grad(logits[0, 1], map_BCT)
        expected = (gradient.mean(2, keepdim=True) * map_BCT).sum(1).relu()[0].detach()
        np.testing.assert_allclose(one.values_M, expected.numpy(), rtol=1e-3, atol=1e-6)
        assert (one.rate_hz, one.start_s) == (stage.rate_hz, stage.start_s)
        assert one.score == pytest.approx(logits[0, 1].item(), abs=1e-4)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "base"])
def test_a_class_activation_map_adds_up_to_the_logit(model: str) -> None:
    run = opened(MODELS[model], seed=1)
    found, one = answered(run, "cam", word="low")
    assert one.total == pytest.approx(one.due, abs=1e-5)
    net, clip = doubled(found, one)
    _, parts = outputs(net, clip, {"flatten"})
    weight = net.dense1.weight.detach()  # type: ignore[union-attr]
    channels = found.plan.convs[-1].channels
    moments = len(one.values_M)
    by_loop = [
        sum(
            float(weight[0, t * channels + c] * parts["flatten"][0, t * channels + c])  # type: ignore[index]
            for c in range(channels)
        )
        for t in ([0, 1, moments - 1] if moments > 100 else range(moments))
    ]
    chosen = one.values_M[[0, 1, -1]] if moments > 100 else one.values_M
    np.testing.assert_allclose(chosen, by_loop, atol=1e-6)


def test_the_clock_of_the_features_is_that_of_pooled_samples() -> None:
    # One convolution has no pooling: a value a sample. Each pooling of 3 after it is a third.
    _, plain = answered(opened(MODELS["one-conv-tanh"]), "cam")
    assert (plain.rate_hz, plain.start_s) == (16_000, 0)
    _, pooled = answered(opened({"convs": 2, "channels": 2}), "cam")
    assert pooled.rate_hz == pytest.approx(16_000 / 3)
    assert pooled.start_s == pytest.approx(1 / 16_000)
    assert len(pooled.values_M) == 5333


@pytest.mark.parametrize("model", list(MODELS))
def test_integrated_gradients_are_complete_and_right(model: str) -> None:
    run = opened(MODELS[model], seed=2)
    found, one = answered(run, "ig")
    assert one.word == tiny.WORDS[int(one.logits_K.argmax())]
    assert one.total is not None
    assert one.due is not None
    assert abs(one.total - one.due) <= max(0.01 * abs(one.due), 1e-4) or one.steps == 256
    net, clip = doubled(found, one)
    label = one.words.index(one.word)
    with torch.no_grad():
        silence = net(torch.zeros_like(clip))[0, label]
    assert one.baseline == pytest.approx(float(silence), abs=1e-5)
    if model != "one-conv-tanh":
        return
    # A smooth net: the integral by many equal steps is the same.
    steps = 64
    ways = (torch.arange(steps, dtype=torch.float64) + 0.5)[:, None] / steps * clip
    (gradients,) = torch.autograd.grad(net(ways.requires_grad_())[:, label].sum(), ways)
    expected = (gradients.mean(0) * clip[0]).numpy()
    np.testing.assert_allclose(one.values_M, expected, atol=1e-6)


def test_occlusion_against_a_plain_loop() -> None:
    run = opened(MODELS["vgg"], seed=3)
    found, one = answered(run, "occlusion", word="high", window_ms=130, stride_ms=90)
    net, clip = doubled(found, one)
    window, stride, label = 2080, 1440, 2
    falls, covering = np.zeros(16_000), np.zeros(16_000)
    with torch.no_grad():
        score = float(net(clip)[0, label])
        for start in range(0, 16_000 - window + stride, stride):
            silenced = clip.clone()
            silenced[:, start : start + window] = 0
            falls[start : start + window] += score - float(net(silenced)[0, label])
            covering[start : start + window] += 1
    assert covering.min() >= 1
    np.testing.assert_allclose(one.values_M, falls / covering, atol=1e-5)


def test_more_steps_where_completeness_takes_them() -> None:
    tried: list[int] = []

    def cubic(clips_BT: torch.Tensor) -> torch.Tensor:
        tried.append(len(clips_BT))
        return (clips_BT**3).sum(1, keepdim=True)

    clip = torch.linspace(-1, 2, 9)[None]
    found, steps = computing.complete(cubic, clip, 0, float((clip**3).sum()))
    assert steps == 64
    np.testing.assert_allclose(found, clip[0] ** 3, atol=1e-4)
    # A due that cannot be reached: the most steps, and no more.
    assert computing.complete(cubic, clip, 0, 99.0)[1] == 256
    assert max(tried) <= computing.BATCH


@pytest.mark.parametrize("method", ["ig", "occlusion"])
def test_progress_is_where_it_can_be_cancelled(method: Method) -> None:
    run = opened({"convs": 1, "channels": 2})
    found, ask = context.load(run), evidence_question(run, named(run, "low"), method, stride_ms=50)
    told: list[tuple[int, int, str]] = []
    context.compute(found, ask, lambda *far: told.append(far))
    assert len([far for far in told if far[1]]) > 2
    assert all(done <= total for done, total, _ in told[1:])

    def stop(done: int, total: int, what: str, /) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        context.compute(found, ask, stop)


def test_hidden_layers_allow_no_class_activation_map() -> None:
    run = opened(MODELS["base"])
    with pytest.raises(RunError, match="2 hidden dense layers stand between") as caught:
        evidence_question(run, named(run, "low"), "cam")
    assert "grad-cam" in caught.value.hint
    found = context.load(run)
    assert why_no_cam(found.plan)
    with pytest.raises(RunError, match="no class activation map"):
        context.compute(found, EvidenceQuestion(clip=named(run, "low"), method="cam"))


def test_what_is_asked_is_checked_at_the_door() -> None:
    run = opened()
    clip = named(run, "low")
    with pytest.raises(RunError, match="no class 'lowe'") as caught:
        evidence_question(run, clip, word="lowe")
    assert "low" in caught.value.hint
    with pytest.raises(RunError, match="no layer '9'"):
        evidence_question(run, clip, layer="9")
    for window, stride in ((10, 20), (2000, 10), (10, 0)):
        with pytest.raises(RunError, match="do not cover"):
            evidence_question(run, clip, "occlusion", window_ms=window, stride_ms=stride)
    assert evidence_question(run, clip, layer="2") == evidence_question(run, clip, layer="conv2")
    assert evidence_question(run, clip).layer == "conv4"
    # What a method has no use for makes no other question.
    for method in METHODS[1:3]:
        one = evidence_question(run, clip, method, layer="2", window_ms=10)
        assert one == evidence_question(run, clip, method)
