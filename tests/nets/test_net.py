"""The torch module of a plan: names, counts, gradients, and an independent forward pass."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import erf
from torch import nn
from torch.nn import functional as F

from labbench import architecture, nets
from labbench.architecture import ACTIVATIONS, FAMILIES, Model, plan
from labbench.nets.activations import NON_DECREASING

Array = NDArray[np.float64]

SHORT = {
    "custom": (Model(family="custom", convs=6, channels=3, dropout=0.5), 500),
    "vgg": (Model(family="vgg", convs=10, channels=3, dropout=0.5), 500),
    "large": (Model(family="large", convs=6, channels=3, kernel=48, dropout=0.5), 500),
    "base": (Model(family="base", convs=3, channels=3, dropout=0.5), 601),
}
"""A small model of every family, with all that is particular to it, and its clips' length."""

BY_HAND: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.where(x > 0, x, 0),
    "tanh": lambda x: 1 - 2 / (np.exp(2 * x) + 1),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "rrelu": lambda x: np.where(x > 0, x, (1 / 8 + 1 / 3) / 2 * x),
    "prelu": lambda x: np.where(x > 0, x, 0.25 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "selu": lambda x: (
        1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(np.minimum(x, 0)) - 1))
    ),
    "gelu": lambda x: x * 0.5 * (1 + erf(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
}


def changed(model: Model, **changes: object) -> Model:
    fields = {name: getattr(model, name) for name in model.__struct_fields__}
    return Model(**{**fields, **changes})  # type: ignore[arg-type]


def by_hand(made: architecture.Plan, weights: dict[str, Array], clips_BT: Array) -> Array:
    """Logits by loops and sums over numpy arrays laid (B, T, C), from the plan's words alone."""
    x = clips_BT[:, :, None]
    for layer in made:
        match layer:
            case architecture.Conv():
                weight = weights[f"{layer.name}.weight"]
                x = np.pad(x, ((0, 0), (layer.left, layer.right), (0, 0)))
                length = x.shape[1] - layer.kernel + 1
                x = weights[f"{layer.name}.bias"] + sum(
                    x[:, tap : tap + length] @ weight[:, :, tap].T for tap in range(layer.kernel)
                )
            case architecture.BatchNorm():
                mean = weights[f"{layer.name}.running_mean"]
                variance = weights[f"{layer.name}.running_var"]
                x = (x - mean) / np.sqrt(variance + 1e-3)
                x = x * weights[f"{layer.name}.weight"] + weights[f"{layer.name}.bias"]
            case architecture.Activation():
                x = BY_HAND[layer.function](x)
            case architecture.MaxPool():
                starts = range(0, x.shape[1], layer.size)
                windows = [x[:, start : start + layer.size] for start in starts]
                whole = [w for w in windows if layer.partial or w.shape[1] == layer.size]
                x = np.stack([window.max(axis=1) for window in whole], axis=1)
            case architecture.Flatten():
                x = np.stack([np.concatenate(list(clip)) for clip in x])
            case architecture.Dense():
                x = x @ weights[f"{layer.name}.weight"].T + weights[f"{layer.name}.bias"]
        if x.ndim == 3:
            assert x.shape[1:] == (layer.length, layer.channels), layer
        else:
            assert x.shape[1] == layer.channels, layer
    return x


def shaken(net: nets.Net, seed: int = 1) -> nets.Net:
    """The net in float64 with no parameter nor running figure left at its beginning."""
    generator = torch.Generator().manual_seed(seed)
    net = net.double()
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if "num_batches" in name:
                continue
            if not name.startswith("act"):
                drawn = torch.rand(tensor.shape, generator=generator, dtype=torch.float64)
                tensor += 0.2 * (drawn - 0.4)
    return net


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("function", ["relu", "prelu"])
@pytest.mark.parametrize("family", FAMILIES)
def test_names_and_counts_are_the_plans(family: str, function: str, batch_norm: bool) -> None:
    made = plan(Model(family=family, activation=function, batch_norm=batch_norm, dropout=0.5), 16)
    net = nets.build(made)
    assert [name for name, _ in net.named_children()] == [layer.name for layer in made]
    for layer in made:
        own = sum(p.numel() for p in net.get_submodule(layer.name).parameters() if p.requires_grad)
        assert own == layer.parameters, layer
    assert sum(p.numel() for p in net.parameters()) == made.parameters


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("function", ACTIVATIONS)
@pytest.mark.parametrize("family", FAMILIES)
def test_forward_agrees_with_a_pass_by_hand(family: str, function: str, batch_norm: bool) -> None:
    model, length = SHORT[family]
    made = plan(changed(model, activation=function, batch_norm=batch_norm), 5, length=length)
    net = shaken(nets.build(made, seed=3)).eval()
    clips_BT = np.random.default_rng(0).uniform(-1, 1, (2, length))
    with torch.no_grad():
        logits = net(torch.from_numpy(clips_BT)).numpy()
    weights = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    expected = by_hand(made, weights, clips_BT)
    assert logits.shape == (2, 5)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(logits, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("function", ACTIVATIONS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_gets_a_finite_gradient(
    family: str, function: str, batch_norm: bool
) -> None:
    model, length = SHORT[family]
    made = plan(changed(model, activation=function, batch_norm=batch_norm), 5, length=length)
    net = nets.build(made).train()
    torch.manual_seed(0)
    clips_BT = torch.rand(8, length) * 2 - 1
    F.cross_entropy(net(clips_BT), torch.arange(8) % 5).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("family", FAMILIES)
def test_full_length_clips_give_logits(family: str) -> None:
    net = nets.build(plan(Model(family=family, channels=4), 16)).eval()
    with torch.inference_mode():
        assert net(torch.zeros(1, 16000)).shape == (1, 16)


def test_features_are_laid_time_outermost() -> None:
    made = plan(Model(convs=2, channels=4), 3, length=30)
    net = nets.build(made)
    x_BCT = torch.arange(2 * 4 * 10).reshape(2, 4, 10)
    flat = net.get_submodule("flatten")(x_BCT)
    for t in range(10):
        for c in range(4):
            assert (flat[:, t * 4 + c] == x_BCT[:, c, t]).all()


@pytest.mark.parametrize("function", ACTIVATIONS)
def test_activation_by_its_definition(function: str) -> None:
    x = np.linspace(-4, 4, 33)
    layer = nets.activation(function, 1).double().eval()
    with torch.no_grad():
        given = layer(torch.from_numpy(x)[None, None]).numpy().ravel()
    np.testing.assert_allclose(given, BY_HAND[function](x), rtol=1e-12, atol=1e-14)


def test_rrelu_draws_its_slopes_between_an_eighth_and_a_third() -> None:
    torch.manual_seed(0)
    slopes = -nets.activation("rrelu", 1).train()(-torch.ones(1, 1, 20_000))
    assert 1 / 8 <= slopes.min() < 0.13
    assert 0.328 < slopes.max() <= 1 / 3
    assert slopes.mean().item() == pytest.approx((1 / 8 + 1 / 3) / 2, abs=0.002)


def test_prelu_has_one_slope_a_channel_from_a_quarter() -> None:
    layer = nets.activation("prelu", 7)
    assert isinstance(layer, nn.PReLU)
    assert layer.weight.tolist() == [0.25] * 7


@pytest.mark.parametrize("function", ACTIVATIONS)
def test_which_activations_keep_order(function: str) -> None:
    layer = nets.activation(function, 1).eval()
    with torch.no_grad():
        given = layer(torch.linspace(-6, 6, 4001)[None, None]).ravel()
    falls = bool((given.diff() < -1e-7).any())
    assert falls == (function in {"gelu", "silu"})
    assert (function in NON_DECREASING) == (not falls and function not in {"rrelu", "prelu"})


@pytest.mark.parametrize("function", sorted(NON_DECREASING))
def test_pooling_may_go_before_an_activation_that_keeps_order(function: str) -> None:
    torch.manual_seed(0)
    layer, pool = nets.activation(function, 3), nn.MaxPool1d(3)
    x = torch.randn(4, 3, 300)
    assert torch.equal(layer(pool(x)), pool(layer(x)))


def test_batch_norm_counts_as_keras_does() -> None:
    made = plan(Model(convs=1, channels=2, batch_norm=True), 3, length=64)
    net = nets.build(made).train()
    norm = net.get_submodule("bn1")
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.eps == 1e-3
    assert norm.weight.tolist() == [1.0, 1.0]
    assert norm.bias.tolist() == [0.0, 0.0]
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.running_mean.tolist() == [0.0, 0.0]
    assert norm.running_var.tolist() == [1.0, 1.0]
    x = torch.randn(16, 2, 64) * 3 + 5
    given = norm(x)
    mean = x.mean(dim=(0, 2))
    assert torch.allclose(norm.running_mean, 0.01 * mean, rtol=1e-4)
    variance = x.var(dim=(0, 2), unbiased=False)
    expected = (x - mean[:, None]) / torch.sqrt(variance[:, None] + 1e-3)
    assert torch.allclose(given, expected, atol=1e-4)


def test_dropout_is_off_in_inference_and_scales_in_training() -> None:
    model, length = SHORT["custom"]
    made = plan(model, 5, length=length)
    drop = nets.build(made).get_submodule("dropout")
    ones = torch.ones(1, 10_000)
    assert torch.equal(drop.eval()(ones), ones)
    torch.manual_seed(0)
    kept = drop.train()(ones)
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert kept.mean().item() == pytest.approx(1, abs=0.05)
