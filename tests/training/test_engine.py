"""The engine against the net's own modules under autograd, in float64 unless said otherwise."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from labbench.architecture import ACTIVATIONS, Model, plan
from labbench.nets import Net, build
from labbench.training.engine import Engine
from labbench.training.engine.plain import PlainEngine
from tests.training.reference import distance, make_clips, make_net, reference_step

CPU = torch.device("cpu")
SEED = 3
SIZES = {
    "custom": {"convs": 4, "channels": 5, "kernel": 5},
    "vgg": {"convs": 4, "channels": 4, "kernel": 3},
    "large": {"convs": 4, "channels": 3, "kernel": 12},
    "base": {"convs": 2, "channels": 3, "kernel": 5},
}


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def step(engine: Engine, clips_BT, labels_B, seed: int = SEED):
    return engine.train_step(clips_BT, labels_B, generator=torch.Generator().manual_seed(seed))


def assert_same_step(net: Net, clips_BT, labels_B, *, tolerance: float = 1e-9) -> Engine:
    """One step of the engine and of the reference from the same weights; then the logits."""
    expected = reference_step(net, clips_BT, labels_B, SEED)
    engine = Engine(net, CPU)
    loss, correct = step(engine, clips_BT, labels_B)
    assert loss.shape == correct.shape == ()
    assert float(loss) == pytest.approx(float(expected.loss), rel=tolerance)
    assert int(correct) == expected.correct
    assert_same_gradients(net, expected.net, tolerance)
    for (name, found), buffer in zip(net.named_buffers(), expected.net.buffers(), strict=True):
        assert distance(found.double(), buffer.double()) < tolerance, name
    logits_BK = engine.logits(clips_BT)
    with torch.no_grad():
        assert distance(logits_BK, expected.net.eval()(clips_BT)) < tolerance
    return engine


def assert_same_gradients(net: Net, expected: Net, tolerance: float) -> None:
    norms = any(isinstance(layer, nn.BatchNorm1d) for layer in net)
    largest = max(float(p.grad.abs().max()) for p in expected.parameters())
    for (name, found), parameter in zip(net.named_parameters(), expected.parameters(), strict=True):
        if norms and name.startswith("conv") and name.endswith("bias"):
            # The norm takes the bias out: autograd's own answer is rounding around zero.
            assert float(found.grad.abs().max()) < 1e-12 * largest, name
        else:
            # A later norm can take out a shift too: beside the largest, that is rounding.
            allowed = tolerance * float(parameter.grad.abs().max()) + 1e-13 * largest
            assert float((found.grad - parameter.grad).abs().max()) <= allowed, name


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("family", SIZES)
def test_gradients_are_the_nets_own(family: str, activation: str, batch_norm: bool) -> None:
    model = Model(
        family=family, activation=activation, batch_norm=batch_norm, dropout=0.4, **SIZES[family]
    )
    assert_same_step(make_net(model, 131), *make_clips(5, 131))


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("clips", [1, 2, 3, 8])
def test_any_number_of_clips(clips: int, batch_norm: bool) -> None:
    model = Model(batch_norm=batch_norm, dropout=0.3, **SIZES["custom"])
    assert_same_step(make_net(model, 90), *make_clips(clips, 90))


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
def test_a_smaller_and_a_larger_batch_after_the_first(batch_norm: bool) -> None:
    model = Model(batch_norm=batch_norm, activation="prelu", dropout=0.3, **SIZES["custom"])
    net = make_net(model, 90)
    engine = Engine(net, CPU)
    for clips in (6, 1, 4, 9):
        clips_BT, labels_B = make_clips(clips, 90, seed=clips)
        expected = reference_step(net, clips_BT, labels_B, SEED)
        step(engine, clips_BT, labels_B)
        assert_same_gradients(net, expected.net, 1e-9)


@pytest.mark.parametrize("threads", [1, 3, 5])
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
def test_any_number_of_threads_set_after_construction(threads: int, batch_norm: bool) -> None:
    net = make_net(Model(batch_norm=batch_norm, activation="rrelu", **SIZES["custom"]), 90)
    clips_BT, labels_B = make_clips(4, 90)
    expected = reference_step(net, clips_BT, labels_B, SEED)
    engine = Engine(net, CPU)
    step(engine, clips_BT, labels_B)
    torch.set_num_threads(threads)
    step(engine, clips_BT, labels_B)
    assert_same_gradients(net, expected.net, 1e-9)
    assert torch.get_num_threads() == threads
    found = [p.grad.clone() for p in net.parameters()]
    step(Engine(net, CPU), clips_BT, labels_B)
    assert all(torch.equal(p.grad, grad) for p, grad in zip(net.parameters(), found, strict=True))


def test_chunks_of_clips_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.training.engine.block.CHUNK_BYTES", 2 * 94 * 5 * 4)
    for batch_norm in (False, True):
        model = Model(batch_norm=batch_norm, activation="rrelu", **SIZES["custom"])
        assert_same_step(make_net(model, 90), *make_clips(11, 90))


def test_silence_alone() -> None:
    for family, sizes in SIZES.items():
        net = make_net(Model(family=family, **sizes), 131)
        assert_same_step(net, torch.zeros(3, 131).double(), torch.tensor([0, 1, 2]))


def test_negative_prelu_slope_reverses_order() -> None:
    net = make_net(Model(activation="prelu", **SIZES["custom"]), 90)
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.PReLU):
                layer.weight[0] = -0.7
    assert_same_step(net, *make_clips(5, 90))


SMALL = st.builds(
    Model,
    family=st.sampled_from(["custom", "large", "base"]),
    convs=st.integers(1, 3),
    channels=st.integers(1, 7),
    kernel=st.integers(1, 9),
    activation=st.sampled_from(ACTIVATIONS),
    batch_norm=st.booleans(),
    dropout=st.just(0.25),
)
LENGTHS, CLIPS = st.integers(60, 150), st.integers(1, 6)


@settings(max_examples=15)
@given(model=SMALL, length=LENGTHS, clips=CLIPS)
def test_any_small_plan(model: Model, length: int, clips: int) -> None:
    assert_same_step_of(model, length, clips)


@pytest.mark.long
@settings(max_examples=300)
@given(model=SMALL, length=LENGTHS, clips=CLIPS)
def test_many_small_plans(model: Model, length: int, clips: int) -> None:
    assert_same_step_of(model, length, clips)


def assert_same_step_of(model: Model, length: int, clips: int) -> None:
    try:
        plan(model, 5, length=length)
    except ValueError:
        return
    assert_same_step(make_net(model, length), *make_clips(clips, length), tolerance=1e-8)


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("family", SIZES)
def test_float32_is_close_to_float64(family: str, batch_norm: bool) -> None:
    """float32 goes through other kernels (oneDNN's); channels as the report's, real lengths."""
    sizes = {"convs": 3, "channels": 8} if family == "base" else {"convs": 4, "channels": 16}
    model = Model(family=family, batch_norm=batch_norm, activation="tanh", dropout=0.3, **sizes)
    net = make_net(model, 2000)
    clips_BT, labels_B = make_clips(6, 2000)
    clips_BT = clips_BT + 1e-3 * torch.randn(clips_BT.shape, generator=torch.manual_seed(0))
    expected = reference_step(net, clips_BT, labels_B, SEED).net
    single = copy.deepcopy(net).float()
    engine = Engine(single, CPU)
    step(engine, clips_BT.float(), labels_B)
    largest = max(float(p.grad.norm()) for p in expected.parameters())
    for (name, found), parameter in zip(
        single.named_parameters(), expected.named_parameters(), strict=True
    ):
        error = (found.grad.double() - parameter[1].grad).norm()
        assert float(error) < 2e-3 * float(parameter[1].grad.norm()) + 1e-5 * largest, name
    with torch.no_grad():
        assert distance(engine.logits(clips_BT.float()).double(), expected.eval()(clips_BT)) < 1e-4


@pytest.mark.parametrize("model", [
    Model(convs=4, channels=16, dropout=0.4),
    Model(convs=4, channels=16, dropout=0.4, batch_norm=True, activation="rrelu"),
    Model(family="base", convs=3, activation="gelu"),
], ids=["custom", "bn-rrelu", "base"])  # fmt: skip
def test_the_same_to_the_bit(model: Model) -> None:
    """A new engine in the middle, as a resumed run has, changes nothing."""
    clips_BT, labels_B = make_clips(7, 1000)
    clips_BT = clips_BT.float()

    def train(renewed: bool) -> list[torch.Tensor]:
        net = build(plan(model, 5, length=1000), seed=0)
        adam = torch.optim.Adam(net.parameters())
        generator = torch.Generator().manual_seed(9)
        engine = Engine(net, CPU)
        for number in range(4):
            if renewed and number == 2:
                engine = Engine(net, CPU)
            count = 7 if number != 1 else 3
            engine.train_step(clips_BT[:count], labels_B[:count], generator=generator)
            adam.step()
        return [*net.state_dict().values(), engine.logits(clips_BT)]

    first, second = train(renewed=False), train(renewed=True)
    for found, again in zip(first, second, strict=True):
        assert torch.equal(found, again)


def test_gradients_are_overwritten_and_parameters_stay_the_nets_own() -> None:
    net = make_net(Model(**SIZES["custom"]), 90)
    before = list(net.parameters())
    engine = Engine(net, CPU)
    step(engine, *make_clips(4, 90))
    once = [p.grad.clone() for p in net.parameters()]
    step(engine, *make_clips(4, 90))
    assert all(torch.equal(p.grad, grad) for p, grad in zip(net.parameters(), once, strict=True))
    assert all(p is q for p, q in zip(net.parameters(), before, strict=True))
    assert engine.precision == "fp32"


def test_threads_of_the_process_are_left_alone() -> None:
    engine = Engine(make_net(Model(**SIZES["custom"]), 90), CPU)
    step(engine, *make_clips(4, 90))
    assert torch.get_num_threads() == 2
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("activation", ["relu", "rrelu"])
def test_the_engine_of_other_devices_has_the_same_interface(activation: str) -> None:
    net = make_net(Model(activation=activation, dropout=0.4, **SIZES["custom"]), 90)
    clips_BT, labels_B = make_clips(4, 90)
    expected = reference_step(net, clips_BT, labels_B, SEED)
    engine = PlainEngine(net, CPU, bf16=False)
    loss, correct = engine.train_step(clips_BT, labels_B, torch.Generator().manual_seed(SEED))
    assert loss.isfinite()
    assert correct.shape == ()
    if activation == "relu":
        # Its loss is taken in float32, whatever the net's own precision.
        assert_same_gradients(net, expected.net, 1e-6)
    assert engine.logits(clips_BT).shape == (4, 5)


def test_float32_is_not_multiplied_in_less() -> None:
    torch.set_float32_matmul_precision("medium")
    torch.backends.cudnn.allow_tf32 = True
    Engine(make_net(Model(**SIZES["custom"]), 90).float(), CPU)
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.backends.cudnn.allow_tf32
    a, b = torch.randn(2, 256, 256, generator=torch.Generator().manual_seed(0))
    assert distance((a @ b).double(), a.double() @ b.double()) < 1e-5


def test_what_it_refuses() -> None:
    net = make_net(Model(**SIZES["custom"]), 90)
    engine = Engine(net, CPU)
    for clips_BT in (torch.zeros(2, 91), torch.zeros(0, 90), torch.zeros(2, 1, 90)):
        with pytest.raises(ValueError, match="clips have shape"):
            engine.logits(clips_BT.double())
