"""The three products of a convolution, by every way there is, against autograd in float64.

Shapes: N clips, T samples, L padded rows, C channels in, O channels out, k taps.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from labbench.architecture import Model
from labbench.training.engine.block import Layers
from labbench.training.engine.convolution import DirectFilters, Filters
from labbench.training.engine.fourier import LONG_TAPS, FourierFilters, window_size
from labbench.training.engine.native import NativeFilters
from labbench.training.engine.spec import split
from tests.training import compiled
from tests.training.reference import make_net

WAYS: dict[str, Callable[[Tensor, Tensor, int], Filters]] = {
    "direct": lambda weight, bias, rows: DirectFilters(weight, bias),
    "fourier": FourierFilters,
    "avx2": lambda weight, bias, rows: NativeFilters(weight, bias, compiled.kernels("avx2")),
    "avx512": lambda weight, bias, rows: NativeFilters(weight, bias, compiled.kernels("avx512")),
}
DTYPES = [(way, dtype) for way in WAYS for dtype in (torch.float32, torch.float64)
          if dtype == torch.float32 or not way.startswith("avx")]  # fmt: skip
"""The kernels of our own are for float32 alone."""


def assert_products(
    way: str, dtype: torch.dtype, clips: int, length: int, sizes: tuple[int, int, int], *, left: int
) -> None:
    """All three products of random numbers, in `dtype`, are autograd's in float64."""
    channels, out, taps = sizes
    generator = torch.Generator().manual_seed(taps)
    x_NCT = torch.randn(clips, channels, length, generator=generator, dtype=torch.float64)
    w_OCk = torch.randn(out, channels, taps, generator=generator, dtype=torch.float64)
    bias_O = torch.randn(out, generator=generator, dtype=torch.float64)
    for leaf in (x_NCT, w_OCk, bias_O):
        leaf.requires_grad_()
    y_NOT = F.conv1d(F.pad(x_NCT, (left, taps - 1 - left)), w_OCk, bias_O)
    grad_NOT = torch.randn(y_NOT.shape, generator=generator, dtype=torch.float64)
    torch.autograd.backward(y_NOT, grad_NOT)

    rows = length + taps - 1
    x_NLC = torch.zeros(clips, rows, channels, dtype=dtype)
    x_NLC[:, left : left + length] = x_NCT.detach().transpose(1, 2)
    offset = taps - 1 - left
    grad_NLO = torch.zeros(clips, rows, out, dtype=dtype)
    grad_NLO[:, offset : offset + length] = grad_NOT.transpose(1, 2)
    filters = WAYS[way](w_OCk.detach().to(dtype), bias_O.detach().to(dtype), rows)
    into_kCO = torch.ones(taps * channels, out, dtype=dtype)
    filters.add_weight_gradient(x_NLC, grad_NLO, offset, into_kCO)
    sum_OCk = into_kCO.view(taps, channels, out).permute(2, 1, 0)

    assert x_NCT.grad is not None
    assert w_OCk.grad is not None
    found = filters.convolve(x_NLC).transpose(1, 2)
    assert_close(found, y_NOT.detach(), channels * taps)
    assert_close(filters.input_gradient(grad_NLO).transpose(1, 2), x_NCT.grad, out * taps)
    assert_close(sum_OCk, 1 + w_OCk.grad, clips * length)


def assert_close(found: Tensor, expected: Tensor, terms: int) -> None:
    """Near by the size of sums of so many random terms: the sums themselves may cancel."""
    limit = 1e-12 if found.dtype == torch.float64 else 2e-5
    size = max(float(expected.abs().max()), terms**0.5)
    assert float((found.double() - expected).abs().max()) < limit * size


cases = given(
    clips=st.integers(1, 3),
    length=st.integers(1, 300),
    sizes=st.tuples(st.integers(1, 65), st.integers(1, 65), st.integers(1, 192)),
    share=st.floats(0, 1),
)


@pytest.mark.parametrize(("way", "dtype"), DTYPES)
@settings(max_examples=6, deadline=None)
@cases
def test_products_are_autograds(
    way: str, dtype: torch.dtype, clips: int, length: int, sizes: tuple[int, int, int], share: float
) -> None:
    assert_products(way, dtype, clips, length, sizes, left=round(share * (sizes[2] - 1)))


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=300, deadline=None)
@cases
def test_products_of_many_sizes(
    way: str, clips: int, length: int, sizes: tuple[int, int, int], share: float
) -> None:
    assert_products(way, torch.float32, clips, length, sizes, left=round(share * (sizes[2] - 1)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("taps", [4, 96])
def test_products_of_a_whole_second(way: str, taps: int) -> None:
    assert_products(way, torch.float32, 2, 16_000, (3, 4, taps), left=(taps - 1) // 2)


@pytest.mark.parametrize(
    ("taps", "rows", "size"), [(48, 16_047, 256), (96, 16_095, 512), (192, 16_191, 1024),
                               (96, 300, 512), (96, 200, 256), (96, 96, 128)],
)  # fmt: skip
def test_windows_hold_some_five_times_the_taps(taps: int, rows: int, size: int) -> None:
    assert window_size(taps, rows) == size
    assert size >= taps


def test_long_filters_over_several_channels_are_spectra() -> None:
    def kinds(kernel: int) -> list[type]:
        net = make_net(Model(family="large", convs=3, channels=4, kernel=kernel), 400)
        modules = dict(net.named_children())
        specs, _ = split(net.plan)
        layers = [Layers(each, modules[each.conv.name], modules["act1"], None) for each in specs]  # type: ignore[arg-type]
        assert [each.conv.kernel for each in specs] == [kernel, kernel // 2, kernel // 4]
        return [type(each.inference_filters()) for each in layers]

    # The first layer has one channel: its direct products cost little.
    assert kinds(2 * LONG_TAPS) == [DirectFilters, FourierFilters, DirectFilters]
    assert kinds(2 * LONG_TAPS - 2) == [DirectFilters] * 3
