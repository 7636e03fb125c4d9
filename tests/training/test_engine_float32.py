"""The engine in float32, which goes through other kernels than float64: oneDNN's.

Shapes: N clips, T samples, C channels.
"""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

from labbench.architecture import ACTIVATIONS, MaxPool, Model
from labbench.nets.activations import activation as module_of
from labbench.training.engine import Engine
from labbench.training.engine.pointwise import pointwise
from labbench.training.engine.pooling import pool, unpool
from tests.training.reference import distance, make_clips, make_net, reference_step

CPU = torch.device("cpu")
SEED = 3
SIZES = [("custom", 4, 5), ("vgg", 4, 3), ("custom", 3, 4), ("large", 3, 12), ("base", 2, 5)]
"""Family, convolutions, first kernel."""
WIDTHS = (4, 5, 8, 16, 17)
MORE_WIDTHS = (7, 12, 33, 64)
ONE, SEVERAL = 1, 2_500_000
"""Bytes of a chunk that hold one clip, and several."""


def assert_close_step(model: Model, clips: int = 5, length: int = 200) -> None:
    """One step and the logits, as the net's own modules in float32 have them.

    What the engine does in another order differs in the last places; two samples of a pooling
    window that differ by no more may change their parts, hence a part in twenty.
    """
    net = make_net(model, length).float()
    clips_BT, labels_B = make_clips(clips, length)
    clips_BT = (
        clips_BT + 1e-3 * torch.randn(clips_BT.shape, generator=torch.manual_seed(0))
    ).float()
    expected = reference_step(net, clips_BT, labels_B, SEED)
    engine = Engine(net, CPU)
    loss, _ = engine.train_step(clips_BT, labels_B, generator=torch.Generator().manual_seed(SEED))
    assert float(loss) == pytest.approx(float(expected.loss), rel=1e-4)
    largest = max(float(p.grad.norm()) for p in expected.net.parameters())
    for (name, found), own in zip(net.named_parameters(), expected.net.parameters(), strict=True):
        error = float((found.grad - own.grad).norm())
        assert error < 0.05 * (float(own.grad.norm()) + 0.01 * largest), name
    for (name, found), own in zip(net.named_buffers(), expected.net.buffers(), strict=True):
        assert distance(found.double(), own.double()) < 1e-4, name
    with torch.no_grad():
        assert distance(engine.logits(clips_BT), expected.net.eval()(clips_BT)) < 1e-3


@pytest.mark.parametrize("chunk_bytes", [ONE, SEVERAL], ids=["one-clip", "several-clips"])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_the_nets_own(
    activation: str, batch_norm: bool, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbench.training.engine.block.CHUNK_BYTES", chunk_bytes)
    for (family, convs, kernel), width in zip(SIZES, WIDTHS, strict=True):
        assert_close_step(
            Model(family=family, convs=convs, channels=width, kernel=kernel, dropout=0.3,
                  activation=activation, batch_norm=batch_norm)
        )  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_every_width(
    activation: str, batch_norm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = itertools.product(SIZES, (*WIDTHS, *MORE_WIDTHS), (ONE, SEVERAL))
    for (family, convs, kernel), width, chunk_bytes in sizes:
        monkeypatch.setattr("labbench.training.engine.block.CHUNK_BYTES", chunk_bytes)
        model = Model(family=family, convs=convs, channels=width, kernel=kernel, dropout=0.3,
                      activation=activation, batch_norm=batch_norm)  # fmt: skip
        assert_close_step(model)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_gradients_of_filters_long_and_short(activation: str, batch_norm: bool) -> None:
    """Blocks by the transform between others, their rows in one window or in several."""
    for kernel, length in ((192, 400), (192, 1500), (100, 400)):
        model = Model(family="large", convs=4, channels=5, kernel=kernel, activation=activation,
                      batch_norm=batch_norm)  # fmt: skip
        assert_close_step(model, length=length)


GUARD = 77.0


def slice_of_padded_rows(like_NTC: Tensor) -> tuple[Tensor, Tensor]:
    """Rows full of a guard value, and the slice of them that has a sequence's shape."""
    clips, length, channels = like_NTC.shape
    rows_NLC = torch.full((clips, length + 5, channels), GUARD, dtype=like_NTC.dtype)
    return rows_NLC, rows_NLC[:, 2 : 2 + length]


def assert_written(rows_NLC: Tensor, expected_NTC: Tensor) -> None:
    """The slice holds what was expected, and nothing around it was touched."""
    torch.testing.assert_close(rows_NLC[:, 2:-3], expected_NTC, rtol=1e-5, atol=1e-6)
    assert (rows_NLC[:, :2] == GUARD).all()
    assert (rows_NLC[:, -3:] == GUARD).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "rrelu"])
def test_activations_write_into_a_slice_and_nowhere_else(name: str, dtype: torch.dtype) -> None:
    for clips, length, channels in itertools.product((1, 3), (1, 50), (1, 4, 17)):
        generator = torch.Generator().manual_seed(channels)
        x_NTC = torch.randn(clips, length, channels, generator=generator, dtype=dtype)
        grad_NTC = torch.randn(clips, length, channels, generator=generator, dtype=dtype)
        module = module_of(name, channels).to(dtype)
        ours = pointwise(name, module, training=True)
        leaf_NCT = x_NTC.transpose(1, 2).requires_grad_()
        expected_NCT = module(leaf_NCT)
        (input_grad_NCT,) = torch.autograd.grad(expected_NCT, leaf_NCT, grad_NTC.transpose(1, 2))
        with torch.no_grad():
            ours.begin(())
            rows_NLC, out_NTC = slice_of_padded_rows(x_NTC)
            kept_NTC = ours.forward(x_NTC.detach(), out_NTC, slice(0, clips))
            assert_written(rows_NLC, expected_NCT.transpose(1, 2))
            kept_NTC = kept_NTC.clone()
            rows_NLC, out_NTC = slice_of_padded_rows(x_NTC)
            ours.backward(grad_NTC.clone(), kept_NTC, out_NTC)
            assert_written(rows_NLC, input_grad_NCT.transpose(1, 2))
            out_NTC.copy_(grad_NTC)
            ours.backward(out_NTC, kept_NTC, out_NTC)
            assert_written(rows_NLC, input_grad_NCT.transpose(1, 2))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("length", "partial"), [(30, False), (31, False), (32, True)])
def test_pooling_writes_into_a_slice_and_nowhere_else(
    length: int, partial: bool, dtype: torch.dtype
) -> None:
    for clips, channels in itertools.product((1, 3), (1, 4, 17)):
        y_NTC = torch.randn(clips, length, channels, dtype=dtype)
        leaf_NCT = y_NTC.transpose(1, 2).requires_grad_()
        expected_NCW = nn.functional.max_pool1d(leaf_NCT, 3, ceil_mode=partial)
        grad_NWC = torch.randn(expected_NCW.transpose(1, 2).shape, dtype=dtype)
        (input_grad_NCT,) = torch.autograd.grad(expected_NCW, leaf_NCT, grad_NWC.transpose(1, 2))
        layer = MaxPool("pool", channels, expected_NCW.shape[2], size=3, partial=partial)
        with torch.no_grad():
            rows_NLC, out_NWC = slice_of_padded_rows(grad_NWC)
            index_NWC = torch.empty(grad_NWC.shape, dtype=torch.int64)
            pool(y_NTC, layer, out_NWC, index_NWC)
            assert_written(rows_NLC, expected_NCW.transpose(1, 2))
            rows_NLC, out_NTC = slice_of_padded_rows(y_NTC)
            unpool(grad_NWC, layer, index_NWC, out_NTC)
            assert_written(rows_NLC, input_grad_NCT.transpose(1, 2))


def test_rrelu_draws_a_slope_for_every_negative_sample() -> None:
    """Its definition: x where x > 0, else a slope times x, uniform between 1/8 and 1/3."""
    x_NTC = torch.randn(3, 4000, 6, generator=torch.manual_seed(1))
    ours = pointwise("rrelu", module_of("rrelu", 6), training=True)
    ours.begin([11, 12, 13])
    rows_NLC, out_NTC = slice_of_padded_rows(x_NTC)
    kept_NTC = ours.forward(x_NTC, out_NTC, slice(0, 3))
    assert_written(rows_NLC, out_NTC)
    below = x_NTC < 0
    assert torch.equal(out_NTC[~below], x_NTC[~below])
    slopes = (out_NTC / x_NTC)[below].double()
    assert slopes.min() > 1 / 8 - 1e-6
    assert slopes.max() < 1 / 3 + 1e-6
    evenly = torch.linspace(1 / 8, 1 / 3, len(slopes), dtype=torch.float64)
    # Kolmogorov and Smirnov: 36,000 draws of a uniform law lie nearer than this to it.
    assert (slopes.sort().values - evenly).abs().max() < 2.5 / len(slopes) ** 0.5 * (1 / 3 - 1 / 8)
    assert len(slopes.unique()) > 0.99 * len(slopes)
    grad_NTC = torch.randn(x_NTC.shape)
    ours.backward(grad_NTC, kept_NTC, out_NTC)
    assert torch.equal(out_NTC[~below], grad_NTC[~below])
    torch.testing.assert_close((out_NTC / grad_NTC)[below].double(), slopes, rtol=1e-4, atol=1e-6)
