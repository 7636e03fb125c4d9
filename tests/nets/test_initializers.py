"""Initializers against their definitions, written out here a second time."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from labbench import nets
from labbench.architecture import INITIALIZERS, Model, plan
from labbench.nets.initializers import TRUNCATED_STD, fans, initialize_

SHAPES = {"dense": (300, 500), "conv": (96, 64, 25), "clip": (512, 1, 192)}
FANS = {"dense": (500, 300), "conv": (64 * 25, 96 * 25), "clip": (192, 512 * 192)}
"""fan_in, fan_out = kernel x channels in, kernel x channels out."""


def variance(name: str, fan_in: int, fan_out: int) -> float:
    return {
        "xavier": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in,
    }[name.split("_")[0]]  # fmt: skip


def limit(name: str, fan_in: int, fan_out: int) -> float:
    return {
        "xavier": math.sqrt(6 / (fan_in + fan_out)), "he": math.sqrt(6 / fan_in),
        "lecun": math.sqrt(3 / fan_in),
    }[name.split("_")[0]]  # fmt: skip


def drawn(name: str, shape: tuple[int, ...], seed: int = 0) -> torch.Tensor:
    return initialize_(torch.full(shape, math.nan), name, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", SHAPES)
def test_fans(kind: str) -> None:
    assert fans(torch.empty(SHAPES[kind])) == FANS[kind]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("_uniform")])
def test_uniform_fills_its_limits_evenly(name: str, kind: str) -> None:
    weight = drawn(name, SHAPES[kind]).double().ravel()
    bound = limit(name, *FANS[kind])
    assert weight.abs().max() <= bound * (1 + 1e-6)
    assert weight.abs().max() > bound * 0.999
    assert weight.var().item() == pytest.approx(variance(name, *FANS[kind]), rel=0.02)
    assert stats.kstest(weight.numpy(), stats.uniform(-bound, 2 * bound).cdf).pvalue > 1e-3


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("_normal")])
def test_normal_is_cut_at_two_deviations_and_keeps_its_variance(name: str, kind: str) -> None:
    weight = drawn(name, SHAPES[kind]).double().ravel()
    wanted = variance(name, *FANS[kind])
    untruncated = math.sqrt(wanted / stats.truncnorm(-2, 2).var())
    assert weight.abs().max() <= 2 * untruncated * (1 + 1e-6)
    assert weight.abs().max() > 2 * untruncated * 0.99
    assert weight.var().item() == pytest.approx(wanted, rel=0.02)
    cut = stats.truncnorm(-2, 2, scale=untruncated)
    assert stats.kstest(weight.numpy(), cut.cdf).pvalue > 1e-3


def test_the_constant_is_the_deviation_of_a_cut_normal() -> None:
    assert pytest.approx(stats.truncnorm(-2, 2).std(), abs=1e-12) == TRUNCATED_STD


@pytest.mark.parametrize("shape", [(40, 90), (90, 40), (12, 3, 5), (64, 2, 5)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    flat = drawn("orthogonal", shape).double().flatten(1)
    rows, columns = flat.shape
    gram = flat @ flat.T if rows <= columns else flat.T @ flat
    assert torch.allclose(gram, torch.eye(len(gram), dtype=torch.float64), atol=1e-5)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_draws_come_from_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    first = drawn(name, (20, 4, 5), seed=7)
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    assert torch.equal(first, drawn(name, (20, 4, 5), seed=7))
    assert torch.equal(before, torch.random.get_rng_state())
    assert not torch.equal(first, drawn(name, (20, 4, 5), seed=8))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="magic_uniform"):
        initialize_(torch.empty(2, 2), "magic_uniform", torch.Generator())


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_built_net_begins_by_its_plan(name: str) -> None:
    made = plan(Model(initializer=name, channels=32, convs=3, batch_norm=True), 16, length=900)
    net = nets.build(made, seed=5)
    for layer in (*made.convs, made.layers[-1]):
        part = net.get_submodule(layer.name)
        assert not part.bias.any()
        weight = part.weight.detach()
        if name != "orthogonal" and weight.numel() > 1000:
            wanted = variance(name, *fans(weight))
            assert weight.var().item() == pytest.approx(wanted, rel=0.1), layer.name
        if name.endswith("_uniform"):
            assert weight.abs().max() <= limit(name, *fans(weight)) * (1 + 1e-6), layer.name


def test_same_seed_same_weights_whatever_torch_drew_before() -> None:
    made = plan(Model(channels=8, convs=3), 16, length=900)
    torch.manual_seed(0)
    first = nets.build(made, seed=5).state_dict()
    torch.manual_seed(1)
    again = nets.build(made, seed=5).state_dict()
    other = nets.build(made, seed=6).state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["conv2.weight"], other["conv2.weight"])


def test_layers_do_not_repeat_each_others_draws() -> None:
    net = nets.build(plan(Model(channels=8, convs=4), 16, length=900))
    second, third = net.get_submodule("conv2").weight, net.get_submodule("conv3").weight
    assert second.shape == third.shape
    assert not torch.equal(second, third)
