"""The kernels alone, against torch's own functions: what they write, where, and of which NaN.

Shapes: N clips, T samples, W windows of the pooling, C channels in, O channels out, k taps.
"""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
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


ALL = [*native.VARIANTS, *native.BF16_VARIANTS]
ROUNDING = 2.0**-8
"""Of a number stored in bfloat16, at most so large a part."""


def random(*shape: int, seed: int = 0) -> Tensor:
    """Numbers that bfloat16 holds exactly."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator).bfloat16().float()


def stored(rows_NTC: Tensor, using: native.Kernels) -> Tensor:
    """Rows as these kernels want them."""
    like = torch.empty(0, dtype=torch.bfloat16 if using.bf16 else torch.float32)
    return native.padded_rows(like, *rows_NTC.shape).copy_(rows_NTC)


def assert_close(found: Tensor, expected: Tensor, using: native.Kernels) -> None:
    """Near by the size of the largest number: sums may cancel."""
    near = ROUNDING if found.dtype == torch.bfloat16 else 1e-5
    error = (found.float() - expected.detach()).abs().max()
    assert float(error) <= near * max(1.0, float(expected.detach().abs().max()))


def guarded(using: native.Kernels, *shape: int) -> tuple[Tensor, Tensor]:
    """Rows full of a guard value and the part of them to write to, with other rows around it."""
    clips, rows, channels = shape
    whole = stored(torch.full((clips, rows + 4, channels), GUARD), using)
    return whole, whole[:, 2 : 2 + rows]


def assert_only_inside(whole: Tensor) -> None:
    assert (whole[:, :2] == GUARD).all()
    assert (whole[:, -2:] == GUARD).all()


def sizes_of(out: int, pool: int, partial: bool) -> Sizes:
    windows = math.ceil(SAMPLES / pool) if partial else SAMPLES // pool
    return Sizes(SAMPLES, CHANNELS, out, TAPS, pool, windows)


def activated(y: Tensor, slope: float | None) -> Tensor:
    return y if slope is None else F.leaky_relu(y, slope) if slope else F.relu(y)


@pytest.mark.parametrize("variant", ALL)
@pytest.mark.parametrize("out", WIDTHS)
@pytest.mark.parametrize(("pool", "partial"), POOLS)
def test_a_block_forward_and_backward(
    variant: native.Variant, out: int, pool: int, partial: bool
) -> None:
    sizes = sizes_of(out, pool, partial)
    for slope in (None, 0.0, 0.25):
        assert_block(compiled.kernels(variant), sizes, slope)


def assert_block(using: native.Kernels, sizes: Sizes, slope: float | None) -> None:
    """All that comes of a block, both ways, as autograd in float64 has it of the same numbers."""
    out, taps, channels, pool = sizes.out, sizes.taps, sizes.channels, sizes.pool
    index = torch.full((CLIPS, sizes.windows, out), 255, dtype=torch.uint8) if pool > 1 else None
    x_NLC = random(CLIPS, sizes.samples + taps - 1, channels)
    weight_OCk = random(out, channels, taps, seed=1).double().requires_grad_()
    bias_O = random(out, seed=2).double().requires_grad_()
    y_NOT = F.conv1d(x_NLC.double().transpose(1, 2), weight_OCk, bias_O)
    y_NOT.retain_grad()
    partial = sizes.windows * pool > sizes.samples
    pooled_NOW = F.max_pool1d(y_NOT, pool, ceil_mode=partial) if pool > 1 else y_NOT
    expected_NOW = activated(pooled_NOW, slope)
    grad_NWO = random(CLIPS, sizes.windows, out, seed=3)
    torch.autograd.backward(expected_NOW, grad_NWO.transpose(1, 2).double())
    assert y_NOT.grad is not None

    filters = NativeFilters(weight_OCk.detach().float(), bias_O.detach().float(), using)
    product = {"x": stored(x_NLC, using), "weights": filters.forward, "bias": filters.bias}
    whole, out_NWO = guarded(using, CLIPS, sizes.windows, out)
    run(using.forward, sizes, CLIPS, slope, out=out_NWO, index=index, **product)
    assert_close(out_NWO, expected_NOW.transpose(1, 2), using)
    assert_only_inside(whole)

    whole, place_NTO = guarded(using, CLIPS, sizes.samples, out)
    depth, bias_sums = taps * channels, torch.ones(out)
    weight_sums = using.weight_sums(depth, out).add_(1)
    run(using.backward, sizes, CLIPS, slope, x=product["x"], out=out_NWO, index=index,
        grad=stored(grad_NWO, using), place=place_NTO, sums=bias_sums, weight_sums=weight_sums,
        work=using.work(channels, taps))  # fmt: skip
    assert_close(place_NTO, y_NOT.grad.transpose(1, 2), using)
    assert_only_inside(whole)
    found_kCO = using.weight_gradient(weight_sums, depth, out).sub(1).view(taps, channels, out)
    near = ROUNDING if using.bf16 and slope else 1e-5
    for found, leaf in ((bias_sums - 1, bias_O), (found_kCO.permute(2, 1, 0), weight_OCk)):
        assert leaf.grad is not None
        error = float((found - leaf.grad).abs().max())
        assert error <= near * max(
            1.0, float(leaf.grad.abs().max()), (sizes.samples * CLIPS) ** 0.5
        )


@settings(max_examples=20, deadline=None)
@given(
    variant=st.sampled_from(ALL), samples=st.integers(1, 500), channels=st.integers(1, 65),
    out=st.integers(1, 65), taps=st.integers(1, 192), pool=st.integers(1, 96),
    slope=st.sampled_from([None, 0.0, 0.25]),
)  # fmt: skip
def test_blocks_of_any_size(
    variant: native.Variant, samples: int, channels: int, out: int, taps: int, pool: int,
    slope: float | None,
) -> None:  # fmt: skip
    pool = min(pool, samples)
    sizes = Sizes(samples, channels, out, taps, pool, samples // pool)
    assert_block(compiled.kernels(variant), sizes, slope)


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


@pytest.mark.parametrize("variant", ALL)
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
        out_NWO = stored(torch.empty(1, 2, out), using)
        index_NWO = torch.empty(1, 2, out, dtype=torch.uint8)
        run(using.forward, sizes, 1, slope, kept=stored(y_NTO, using), out=out_NWO, index=index_NWO)
        pooled_NOW, places_NOW = F.max_pool1d(y_NTO.transpose(1, 2), 3, return_indices=True)
        expected_NWO = activated(pooled_NOW, slope).transpose(1, 2).to(out_NWO.dtype)
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
