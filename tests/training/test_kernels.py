"""The kernels alone, against torch's own functions: what they write, where, and of which NaN.

Shapes: N clips, T samples, W windows of the pooling, C channels in, O channels out, k taps.
"""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from labbench.training.engine import native
from labbench.training.engine.native import Above, NativeFilters, Sizes, run
from tests.training import compiled

GUARD = 77.0
WIDTHS = [1, 4, 8, 15, 16, 17, 31, 32, 33, 70]
POOLS = [(1, False), (2, False), (3, False), (3, True), (40, True)]
"""Samples of a window, and whether the last one may be shorter."""
CLIPS, SAMPLES, CHANNELS, TAPS = 2, 203, 3, 4


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def guarded(*shape: int) -> tuple[Tensor, Tensor]:
    """Rows full of a guard value and the part of them to write to, with other rows around it."""
    clips, rows, channels = shape
    whole = torch.full((clips, rows + 4, channels), GUARD)
    return whole, whole[:, 2 : 2 + rows]


def assert_only_inside(whole: Tensor) -> None:
    assert (whole[:, :2] == GUARD).all()
    assert (whole[:, -2:] == GUARD).all()


def sizes_of(out: int, pool: int, partial: bool) -> Sizes:
    windows = math.ceil(SAMPLES / pool) if partial else SAMPLES // pool
    return Sizes(SAMPLES, CHANNELS, out, TAPS, pool, windows)


def activated(y: Tensor, slope: float | None) -> Tensor:
    return y if slope is None else F.leaky_relu(y, slope) if slope else F.relu(y)


@pytest.mark.parametrize("variant", native.VARIANTS)
@pytest.mark.parametrize("out", WIDTHS)
@pytest.mark.parametrize(("pool", "partial"), POOLS)
def test_a_block_forward_and_backward(
    variant: native.Variant, out: int, pool: int, partial: bool
) -> None:
    using = compiled.kernels(variant)
    x_NLC = random(CLIPS, SAMPLES + TAPS - 1, CHANNELS)
    weight_OCk = random(out, CHANNELS, TAPS, seed=1).requires_grad_()
    bias_O = random(out, seed=2).requires_grad_()
    sizes = sizes_of(out, pool, partial)
    filters = NativeFilters(weight_OCk.detach(), bias_O.detach(), using)
    for slope in (None, 0.0, 0.25):
        y_NOT = F.conv1d(x_NLC.transpose(1, 2), weight_OCk, bias_O)
        y_NOT.retain_grad()
        pooled_NOW = F.max_pool1d(y_NOT, pool, ceil_mode=partial) if pool > 1 else y_NOT
        expected_NOW = activated(pooled_NOW, slope)
        grad_NWO = random(CLIPS, sizes.windows, out, seed=3)
        weight_OCk.grad = bias_O.grad = None
        torch.autograd.backward(expected_NOW, grad_NWO.transpose(1, 2))

        whole, out_NWO = guarded(CLIPS, sizes.windows, out)
        index_NWO = torch.full((CLIPS, sizes.windows, out), 255, dtype=torch.uint8)
        product = {"x": x_NLC, "weights": filters.forward, "bias": filters.bias}
        index = index_NWO if pool > 1 else None
        run(using.forward, sizes, CLIPS, slope, out=out_NWO, index=index, **product)
        torch.testing.assert_close(out_NWO, expected_NOW.transpose(1, 2), rtol=1e-4, atol=1e-5)
        assert_only_inside(whole)

        whole, place_NTO = guarded(CLIPS, SAMPLES, out)
        sums = torch.ones(out), torch.ones(TAPS * CHANNELS, out)
        run(using.backward, sizes, CLIPS, slope, x=x_NLC, out=out_NWO, grad=grad_NWO, index=index,
            place=place_NTO, sums=sums[0], weight_sums=sums[1])  # fmt: skip
        assert y_NOT.grad is not None
        torch.testing.assert_close(place_NTO, y_NOT.grad.transpose(1, 2), rtol=1e-5, atol=1e-6)
        assert_only_inside(whole)
        found_OCk = sums[1].sub_(1).view(TAPS, CHANNELS, out).permute(2, 1, 0)
        torch.testing.assert_close(sums[0] - 1, bias_O.grad, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(found_OCk, weight_OCk.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("variant", native.VARIANTS)
@pytest.mark.parametrize("out", WIDTHS)
def test_the_sums_of_a_batch_norm(variant: native.Variant, out: int) -> None:
    using = compiled.kernels(variant)
    y_NTO = random(CLIPS, SAMPLES, out).mul_(0.01).add_(5)
    sizes = sizes_of(out, 1, False)
    part_2O = torch.full((2, out), GUARD)
    run(using.forward, sizes, CLIPS, kept=y_NTO, moments=part_2O)
    mean_O = y_NTO.double().mean((0, 1))
    squares_O = (y_NTO.double() - mean_O).square().sum((0, 1))
    torch.testing.assert_close(part_2O[0].double(), mean_O, rtol=1e-6, atol=0)
    torch.testing.assert_close(part_2O[1].double(), squares_O, rtol=1e-4, atol=0)

    rstd_O, grad_NTO = torch.full((out,), 100.0), random(CLIPS, SAMPLES, out, seed=1)
    out_NTO = random(CLIPS, SAMPLES, out, seed=2)
    expected_NTO = torch.where(out_NTO > 0, grad_NTO, 0)
    normal_NTO = (y_NTO - mean_O.float()) * rstd_O
    sums_2O = torch.ones(2, out)
    run(using.reduce, sizes, CLIPS, 0.0, kept=y_NTO, out=out_NTO, grad=grad_NTO,
        mean=mean_O.float(), rstd=rstd_O, sums=sums_2O)  # fmt: skip
    assert torch.equal(out_NTO, expected_NTO)
    torch.testing.assert_close(sums_2O[0], 1 + expected_NTO.sum((0, 1)), rtol=1e-4, atol=1e-4)
    expected_O = 1 + (expected_NTO * normal_NTO).sum((0, 1))
    torch.testing.assert_close(sums_2O[1], expected_O, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("variant", native.VARIANTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_maximum_and_an_activation_do_not_hide_nan(variant: native.Variant, at: int) -> None:
    """And the gradient goes to it, as torch's goes."""
    using = compiled.kernels(variant)
    for out, slope in itertools.product((3, 32), (None, 0.0, 0.25)):
        sizes = Sizes(6, 1, out, 1, 3, 2)
        y_NTO = random(1, 6, out)
        y_NTO[0, at, 1] = math.nan
        y_NTO[0, 3 + at, 2] = math.inf
        y_NTO[0, 3:, 0] = -math.inf
        out_NWO, index_NWO = torch.empty(1, 2, out), torch.empty(1, 2, out, dtype=torch.uint8)
        run(using.forward, sizes, 1, slope, kept=y_NTO, out=out_NWO, index=index_NWO)
        pooled_NOW, places_NOW = F.max_pool1d(y_NTO.transpose(1, 2), 3, return_indices=True)
        expected_NWO = activated(pooled_NOW, slope).transpose(1, 2)
        assert torch.equal(out_NWO.nan_to_num(nan=7.0), expected_NWO.nan_to_num(nan=7.0))
        starts_W1 = torch.tensor([[0], [3]])
        assert torch.equal(index_NWO.long() + starts_W1, places_NOW.transpose(1, 2))


@pytest.mark.parametrize("variant", native.VARIANTS)
@pytest.mark.parametrize("pool", [1, 3])
def test_a_gradient_as_the_block_above_tells_it(variant: native.Variant, pool: int) -> None:
    using, out, above_out = compiled.kernels(variant), 19, 37
    sizes = sizes_of(out, pool, False)
    above = NativeFilters(random(above_out, out, 5), random(above_out), using)
    padded_NLO = random(CLIPS, sizes.windows + 4, above_out, seed=1)
    x_NLC = random(CLIPS, SAMPLES + TAPS - 1, CHANNELS)
    out_NWO = random(CLIPS, sizes.windows, out, seed=2)
    index_NWO = torch.randint(pool, (CLIPS, sizes.windows, out)).to(torch.uint8)
    found = []
    for grad in (Above(padded_NLO, above), Above(padded_NLO, above).rows()):
        place_NTO = torch.empty(CLIPS, SAMPLES, out)
        sums = torch.zeros(out), torch.zeros(TAPS * CHANNELS, out)
        run(using.backward, sizes, CLIPS, 0.0, x=x_NLC, out=out_NWO, grad=grad, index=index_NWO,
            place=place_NTO, sums=sums[0], weight_sums=sums[1])  # fmt: skip
        found.append((place_NTO, *sums))
    for told, made in zip(*found, strict=True):
        torch.testing.assert_close(told, made)
