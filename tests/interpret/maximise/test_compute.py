"""Activation maximisation on nets small enough to know what they answer to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import firwin, freqz

from labbench.errors import RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret import context
from labbench.interpret.context import Context
from labbench.interpret.maximise.answer import Maximised, MaximiseQuestion, checked, target_named
from labbench.interpret.maximise.compute import _roughness, goal_of
from labbench.runs import predictions
from tests.opened import MODELS, build, opened, preset

TAPS = 33


def banded(band: tuple[float, float]) -> Context:
    """A net whose only kernel lets one band through."""
    model: dict[str, object] = {"convs": 1, "channels": 1, "kernel": TAPS}
    net = build(preset(model))
    kernel = firwin(TAPS, band, pass_zero=False, fs=16_000)
    with torch.no_grad():
        net.get_parameter("conv1.weight")[0, 0] = torch.from_numpy(kernel.copy())
        net.get_parameter("conv1.bias").zero_()
    return context.load(opened(model, net=net))


def found(of: Context, target: str, **ask: object) -> Maximised:
    question = MaximiseQuestion(target=target, **ask)  # type: ignore[arg-type]
    return context.compute(of, question)


@pytest.mark.parametrize("band", [(400.0, 900.0), (2500.0, 3500.0)], ids=["low", "high"])
def test_a_channel_answers_most_to_what_its_kernel_lets_through(
    band: tuple[float, float],
) -> None:
    of = banded(band)
    one = found(of, "conv1:0", steps=150, seeds=2)
    frequencies, response = freqz(
        of.net.get_parameter("conv1.weight")[0, 0].numpy(), worN=8_001, fs=16_000,
        include_nyquist=True,
    )  # fmt: skip
    gain = np.abs(response)
    for samples in one.samples_ST.astype(np.float64):
        power = np.abs(np.fft.rfft(samples)) ** 2
        # Most of the sound lies where the kernel lets through half of its most or more.
        assert power[gain > gain.max() / 2].sum() > 0.75 * power.sum()
        centre = (frequencies * power).sum() / power.sum()
        assert band[0] - 200 < centre < band[1] + 300
        # By a convolution in float64.
        z = np.convolve(np.pad(samples, 16), _kernel(of)[::-1], "valid")
        assert np.maximum(z, 0).mean() == pytest.approx(one.reached_S[one.best], rel=0.1)
    assert one.reached_S.min() > one.real_score
    # Upwards, third by third, and at its end as high as ever.
    assert (np.diff(one.scores_SN.reshape(2, 3, 50).mean(axis=2), axis=1) > 0).all()
    assert (one.scores_SN[:, -10:].mean(axis=1) > 0.98 * one.scores_SN.max(axis=1)).all()


def _kernel(of: Context) -> np.ndarray:
    return of.net.get_parameter("conv1.weight")[0, 0].double().numpy()


@pytest.mark.parametrize("model", list(MODELS))
def test_every_shape_climbs_for_words_and_channels(model: str) -> None:
    of = context.load(opened(MODELS[model]))
    last = of.plan.convs[-1].name
    told: list[tuple[int, int, str]] = []
    for target in ("middle", f"{last}:1"):
        # Weights that nobody trained answer to the moment, too: no jitter.
        unweighed = {"jitter_ms": 0.0, "l2": 0.0, "smoothness": 0.0}
        ask = MaximiseQuestion(target=target, steps=12, seeds=2, **unweighed)
        one = context.compute(of, ask, lambda *far: told.append(far))
        assert one.samples_ST.shape == (2, 16_000)
        assert one.samples_ST.min() >= -1
        assert one.samples_ST.max() < 1
        assert np.isfinite(one.scores_SN).all()
        assert (one.scores_SN[:, -4:].mean(axis=1) > one.scores_SN[:, :4].mean(axis=1)).all()
        assert (one.reached_S > one.scores_SN[:, 0]).all()
        np.testing.assert_allclose(one.reached_S, one.scores_SN.max(axis=1), rtol=1e-4, atol=1e-5)
    assert [far[:2] for far in told[-12:]] == [(step, 12) for step in range(1, 13)]
    assert told[-1][2].startswith(f"climbing to {last}:1, score ")


def test_figures_are_those_of_the_net() -> None:
    of = context.load(opened())
    one = found(of, "high", steps=3, seeds=2)
    with torch.inference_mode():
        logits = of.net(torch.from_numpy(one.samples_ST)).numpy()
    np.testing.assert_allclose(one.logits_SK, logits, atol=1e-5)
    np.testing.assert_allclose(one.reached_S, logits[:, one.words.index("high")], atol=1e-5)
    test = predictions.read(of.run.predictions_path("test"))
    column = test.logits[:, test.words.index("high")]
    assert one.real_score == pytest.approx(float(column.max()), abs=1e-5)
    assert one.real_name == test.names[int(column.argmax())]
    row = int(test.clips[int(column.argmax())])
    assert (one.real_T * 32768 == clips_of(of.run).clips[row]).all()
    assert (one.real_clips, one.total) == (15, 15)
    word, probability = one.taken_for(0)
    odds = np.exp(logits[0].astype(np.float64))
    assert word == one.words[int(odds.argmax())]
    assert probability == pytest.approx(odds.max() / odds.sum(), abs=1e-5)


def test_the_same_every_time_and_a_seed_is_its_own() -> None:
    of = context.load(opened(MODELS["one-conv-tanh"]))
    one, again = (found(of, "conv1:2", steps=5, seeds=2) for _ in range(2))
    np.testing.assert_array_equal(one.samples_ST, again.samples_ST)
    alone = found(of, "conv1:2", steps=5, seeds=1)
    np.testing.assert_allclose(alone.samples_ST[0], one.samples_ST[0], atol=1e-4)
    assert np.abs(one.samples_ST[0] - one.samples_ST[1]).max() > 1e-3


def test_penalties_do_what_they_say() -> None:
    of = context.load(opened(MODELS["base"]))
    loud = found(of, "low", steps=12, seeds=1, l2=0.0, smoothness=0.0)
    soft = found(of, "low", steps=12, seeds=1, l2=20.0, smoothness=0.0)
    assert soft.samples_ST.std() < loud.samples_ST.std()
    flat = torch.ones(1, 100, dtype=torch.complex64)
    peak = torch.zeros(1, 100, dtype=torch.complex64)
    peak[0, 50] = 3
    assert float(_roughness(flat)) == pytest.approx(0, abs=1e-6)
    assert float(_roughness(peak)) == pytest.approx(2, abs=1e-3)


def test_a_silent_channel_is_woken() -> None:
    net = build(preset({"convs": 2, "channels": 2}))
    with torch.no_grad():
        net.get_parameter("conv2.weight")[0].abs_()
        net.get_parameter("conv2.bias")[0] = -0.5
    of = context.load(opened({"convs": 2, "channels": 2}, net=net))
    one = found(of, "conv2:0", steps=40, seeds=1, jitter_ms=0.0)
    assert one.scores_SN[0, 0] == 0
    assert one.reached_S[0] > 0


def test_names_of_targets() -> None:
    plan, words = build(preset()).plan, ("low", "middle", "high")
    assert target_named(plan, words, "low") == "low"
    assert target_named(plan, words, "conv3:2") == target_named(plan, words, "3:02") == "conv3:2"
    for text, what in (("lwo", "no word 'lwo'"), ("conv9:1", "no layer 'conv9'"),
                       ("conv1:4", "no channel '4'"), ("conv1:", "no channel ''")):  # fmt: skip
        with pytest.raises(RunError, match=what) as caught:
            target_named(plan, words, text)
        assert caught.value.hint
    assert goal_of(context.load(opened()), "conv2:1").layer == "bn2"


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"seeds": 33}, {"l2": -1.0}])
def test_numbers_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(RunError, match="not allowed"):
        checked(MaximiseQuestion(target="low", **wrong))  # type: ignore[arg-type]
