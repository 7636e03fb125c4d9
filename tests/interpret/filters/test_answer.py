"""Filter responses against scipy's freqz, filters of known frequency, and cases done by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import freqz

from labbench.architecture import Model, plan
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.filters.answer import (
    FLOOR_DB,
    FilterBank,
    decibels,
    filter_bank,
    run_filters,
)
from labbench.interpret.filters.options import SORTS
from tests.opened import opened

RATE = 16_000.0


def bank(kernels_OIK: np.ndarray, rate_hz: float = RATE, **more: object) -> FilterBank:
    return FilterBank("conv1", rate_hz, kernels_OIK, np.zeros(len(kernels_OIK)), **more)  # type: ignore[arg-type]


def tensors_of(model: Model, classes: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    """Random tensors under the names and with the shapes of a state dict."""
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    layers = plan(model, classes)
    for conv in layers.convs:
        shape = (conv.channels, conv.in_channels, conv.kernel)
        found[f"{conv.name}.weight"] = rng.normal(size=shape).astype(np.float32)
        found[f"{conv.name}.bias"] = rng.normal(size=conv.channels).astype(np.float32)
    for layer in layers:
        if layer.kind == "batch_norm":
            found[f"{layer.name}.weight"] = rng.normal(size=layer.channels).astype(np.float32)
            spread = rng.uniform(0.1, 2, layer.channels).astype(np.float32)
            found[f"{layer.name}.running_var"] = spread
    return found


@pytest.mark.parametrize("taps", [1, 2, 5, 25, 192, 1000])
def test_responses_to_one_channel_are_those_of_freqz(taps: int) -> None:
    kernels = np.random.default_rng(taps).normal(size=(3, 2, taps))
    for channel in range(2):
        found = bank(kernels).responses(channel)
        for kernel, magnitude in zip(kernels[:, channel], found.magnitude_OF, strict=True):
            # torch correlates: the impulse response is the kernel reversed.
            hertz, response = freqz(kernel[::-1], worN=found.frequencies_hz, fs=RATE)
            np.testing.assert_allclose(magnitude, np.abs(response), atol=1e-11 * taps)
            np.testing.assert_allclose(hertz, found.frequencies_hz)
        assert found.frequencies_hz[0] == 0
        assert found.frequencies_hz[-1] == RATE / 2
        assert len(found.frequencies_hz) > 4 * taps


@pytest.mark.parametrize("taps", [1, 2, 3, 12, 96])
def test_the_norm_is_the_root_of_the_summed_squares(taps: int) -> None:
    kernels = np.random.default_rng(taps).normal(size=(4, 6, taps))
    found = bank(kernels).responses()
    powers = [
        sum(np.abs(freqz(k, worN=found.frequencies_hz, fs=RATE)[1]) ** 2 for k in kernel)
        for kernel in kernels
    ]
    np.testing.assert_allclose(found.magnitude_OF, np.sqrt(powers), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("hertz", [500, 1000, 2200, 4000, 7000])
def test_a_windowed_cosine_has_its_frequency_bandwidth_and_gain(hertz: int) -> None:
    taps = 401
    window = np.hanning(taps)
    kernel = window * np.cos(2 * np.pi * hertz * np.arange(taps) / RATE)
    found = bank(kernel[None, None]).responses()
    bin_hz = found.frequencies_hz[1]
    assert found.centre_hz[0] == pytest.approx(hertz, abs=bin_hz)
    # A Hann window's half-power width is 1.44 bins of its length; half its sum is the gain.
    assert found.bandwidth_hz[0] == pytest.approx(1.44 * RATE / (taps - 1), rel=0.02)
    assert found.gain_db[0] == pytest.approx(20 * math.log10(window.sum() / 2), abs=0.05)


def test_two_tap_filters_by_hand() -> None:
    # |1 + e^-jw| = 2 cos(w/2): 2 at 0, half the power at half of Nyquist; the difference mirrored.
    found = bank(np.array([[[1.0, 1.0]], [[1.0, -1.0]]])).responses()
    np.testing.assert_allclose(found.centre_hz, [0, 8000])
    np.testing.assert_allclose(found.bandwidth_hz, [4000, 4000], atol=0.01)
    np.testing.assert_allclose(found.gain_db, 20 * math.log10(2))
    half = len(found.frequencies_hz) // 2
    np.testing.assert_allclose(found.magnitude_OF[:, half], math.sqrt(2))


def test_a_single_tap_passes_all_alike() -> None:
    found = bank(np.array([[[-0.5]]])).responses()
    assert found.centre_hz[0] == 0
    assert found.bandwidth_hz[0] == 8000
    assert found.gain_db[0] == pytest.approx(-6.0206, abs=1e-4)


def test_the_norm_of_two_channels_by_hand() -> None:
    # |3|^2 + |4|^2 = 5^2 at every frequency.
    found = bank(np.array([[[3.0], [4.0]]])).responses()
    np.testing.assert_allclose(found.magnitude_OF, 5.0)
    assert bank(np.array([[[3.0], [4.0]]])).kernel(0).tolist() == [4.0]
    assert bank(np.array([[[3.0], [4.0]]])).kernel(0, 0).tolist() == [3.0]


def test_a_filter_of_zeros_has_no_figures_and_comes_last() -> None:
    found = bank(np.array([[[0.0, 0.0]], [[1.0, -1.0]], [[1.0, 1.0]]])).responses()
    assert np.isnan([found.centre_hz[0], found.bandwidth_hz[0], found.gain_db[0]]).all()
    assert found.levels_db[0].tolist() == [FLOOR_DB] * len(found.frequencies_hz)
    assert found.order("centre").tolist() == [2, 1, 0]
    assert found.order("gain").tolist()[-1] == 0
    assert found.order("index").tolist() == [0, 1, 2]


def test_order_by_each_figure() -> None:
    kernels = np.random.default_rng(3).normal(size=(20, 1, 5))
    found = bank(kernels).responses()
    assert (np.diff(found.centre_hz[found.order("centre")]) >= 0).all()
    assert (np.diff(found.bandwidth_hz[found.order("bandwidth")]) >= 0).all()
    assert (np.diff(found.gain_db[found.order("gain")]) <= 0).all()
    assert all(sorted(found.order(by)) == list(range(20)) for by in SORTS)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        # Custom pools by 3 after each convolution but the first.
        (Model(convs=4), [16_000, 16_000, 16_000 / 3, 16_000 / 9]),
        # vgg in front of each block but the first.
        (Model(family="vgg", convs=4), [16_000, 16_000, 16_000 / 3, 16_000 / 3]),
        # base by 4, where the last window may be partial: the rate is that of whole windows.
        (Model(family="base"), [16_000, 4_000, 1_000, 250, 62.5]),
        (Model(convs=1), [16_000]),
    ],
    ids=["custom", "vgg", "base", "one"],
)
def test_effective_rates(model: Model, expected: list[float]) -> None:
    layers, tensors = plan(model, 3), tensors_of(model)
    for conv, rate in zip(layers.convs, expected, strict=True):
        found = filter_bank(layers, tensors, conv.name)
        assert found.rate_hz == pytest.approx(rate)
        assert found.responses().frequencies_hz[-1] == pytest.approx(rate / 2)


@pytest.mark.parametrize(
    "model",
    [
        Model(convs=1), Model(family="base"), Model(family="large"), Model(kernel=4, convs=3),
        Model(family="vgg"), Model(convs=3, batch_norm=True), Model(kernel=1, convs=2),
    ],
    ids=["one", "base", "large", "even", "vgg", "norm", "tap"],
)  # fmt: skip
def test_every_layer_of_every_shape_has_filters(model: Model) -> None:
    layers, tensors = plan(model, 3), tensors_of(model)
    for conv in layers.convs:
        found = filter_bank(layers, tensors, conv.name)
        assert (found.channels, found.inputs) == (conv.channels, conv.in_channels)
        assert found.taps == conv.kernel
        responses = found.responses()
        assert np.isfinite(responses.centre_hz).all()
        assert (responses.bandwidth_hz <= responses.frequencies_hz[-1]).all()
        assert (found.norm_O is not None) == model.batch_norm


def test_folding_is_what_batch_norm_does_to_a_tone() -> None:
    model = Model(convs=2, channels=4, batch_norm=True)
    tensors = tensors_of(model)
    plain = filter_bank(plan(model, 3), tensors, "conv2")
    folded = plain.fold()
    factor = tensors["bn2.weight"] / np.sqrt(tensors["bn2.running_var"].astype(float) + 1e-3)
    np.testing.assert_allclose(
        folded.responses().gain_db - plain.responses().gain_db, 20 * np.log10(np.abs(factor))
    )
    np.testing.assert_allclose(folded.responses().centre_hz, plain.responses().centre_hz)
    np.testing.assert_allclose(folded.kernel(0, 1), plain.kernel(0, 1) * factor[0])
    assert folded.fold() is folded
    with pytest.raises(ValueError, match="no batch norm"):
        bank(np.ones((1, 1, 1))).fold()


def test_a_layer_is_named_by_its_number_too() -> None:
    model = Model(convs=2)
    found = filter_bank(plan(model, 3), tensors_of(model), "2")
    assert found.layer == "conv2"


def test_decibels() -> None:
    np.testing.assert_allclose(decibels(np.array([1, 10, 0.1, 0])), [0, 20, -20, FLOOR_DB])


def test_refusals_name_what_is_wrong() -> None:
    model = Model(convs=2)
    layers, tensors = plan(model, 3), tensors_of(model)
    with pytest.raises(RunError, match=r"there is no layer 'conv3'.*conv2"):
        filter_bank(layers, tensors, "conv3")
    with pytest.raises(RunError, match=r"conv1\.weight is missing"):
        filter_bank(layers, {}, "conv1")
    with pytest.raises(RunError, match=r"conv1\.bias has the shape"):
        filter_bank(layers, {**tensors, "conv1.bias": np.zeros(3)}, "conv1")
    with pytest.raises(ValueError, match="no input channel 7"):
        filter_bank(layers, tensors, "conv1").responses(7)


def test_the_share_of_clips_that_wake_a_filter_is_what_was_kept() -> None:
    run = opened()
    assert run_filters(run, "conv2").awake_O is None
    question = dead_question(run)
    found = context.load(run).ask(question)
    expected = found.layer("conv2").awake_CK.sum(axis=1) / found.clips_K.sum()
    kept = run_filters(run, "conv2")
    assert kept.awake_O is not None
    np.testing.assert_allclose(kept.awake_O, expected)
    # Filters are seen without the clips, too.
    (run.path / "run.json").write_text("{}")
    assert run_filters(run, "conv2").awake_O is None
    assert (kept.epoch, kept.activation, kept.initializer) == (3, "relu", "xavier_uniform")
