"""Training in bfloat16 on the CPU, against float32: near by what its rounding allows."""

from __future__ import annotations

import copy

import pytest
import torch

from labbench.architecture import ACTIVATIONS, Model
from labbench.errors import DeviceError
from labbench.nets import Net
from labbench.training.device import choose_precision
from labbench.training.engine import Engine, native
from labbench.training.engine.plain import PlainEngine
from tests.training import compiled
from tests.training.reference import distance, make_clips, make_net

CPU = torch.device("cpu")
FAMILIES = [("custom", 4, 5), ("vgg", 4, 3), ("large", 3, 12), ("base", 2, 5), ("large", 3, 192)]
WIDTHS = (4, 5, 16, 17, 33)


def batch(clips: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    clips_BT, labels_B = make_clips(clips, length)
    noise = 1e-2 * torch.randn(clips_BT.shape, generator=torch.manual_seed(0))
    return (clips_BT + noise).float(), labels_B


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def step(engine: Engine, clips: int, length: int) -> torch.Tensor:
    loss, _ = engine.train_step(*batch(clips, length), generator=generator())
    return loss


def gradient(net: Net) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None])


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "rrelu"])
def test_a_step_is_as_near_to_float32_as_torchs_own_bf16(activation: str, batch_norm: bool) -> None:
    """rrelu's slopes are drawn otherwise by torch's modules."""
    compiled.kernels("amx")
    for (family, convs, kernel), channels in zip(FAMILIES, WIDTHS, strict=True):
        model = Model(family=family, convs=convs, channels=channels, kernel=kernel, dropout=0.3,
                      activation=activation, batch_norm=batch_norm)  # fmt: skip
        net = make_net(model, 400).float()
        ours, torchs = copy.deepcopy(net), copy.deepcopy(net)
        engines = Engine(net, CPU), Engine(ours, CPU, "bf16")
        assert engines[1].products == "amx"
        loss, found = (step(engine, 8, 400) for engine in engines)
        PlainEngine(torchs, CPU, bf16=True).train_step(*batch(8, 400), generator())
        assert float(found) == pytest.approx(float(loss), rel=0.02)
        exact = gradient(net)
        error, allowed = (float((gradient(n) - exact).norm()) for n in (ours, torchs))
        assert error < 2 * allowed + 0.05 * float(exact.norm()), family
        assert float((gradient(ours) - exact).norm()) < 0.5 * float(exact.norm()), family
        for own, other in zip(ours.buffers(), net.buffers(), strict=True):
            assert distance(own.float(), other.float()) < 0.02
        clips_BT = make_clips(8, 400)[0].float()
        assert distance(engines[1].logits(clips_BT), engines[0].logits(clips_BT)) < 0.05


def test_a_step_with_slopes_drawn() -> None:
    compiled.kernels("amx")
    net = make_net(Model(convs=4, channels=8, activation="rrelu"), 400).float()
    ours = copy.deepcopy(net)
    step(Engine(net, CPU), 8, 400)
    step(Engine(ours, CPU, "bf16"), 8, 400)
    assert float((gradient(ours) - gradient(net)).norm()) < 0.1 * float(gradient(net).norm())


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
def test_the_same_bits_with_a_new_engine_in_the_middle(batch_norm: bool) -> None:
    compiled.kernels("amx")
    found = []
    for renewed in (False, True):
        net = make_net(Model(convs=4, channels=8, batch_norm=batch_norm), 400).float()
        adam = torch.optim.Adam(net.parameters())
        engine = Engine(net, CPU, "bf16")
        for number in range(4):
            if renewed and number == 2:
                engine = Engine(net, CPU, "bf16")
            step(engine, 5, 400)
            adam.step()
        found.append([*net.state_dict().values(), engine.logits(make_clips(5, 400)[0].float())])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_it_is_refused_in_words_where_it_is_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "load", lambda path: None)
    with pytest.raises(DeviceError, match="bf16 on a CPU needs tiles"):
        choose_precision("bf16", CPU)
    with pytest.raises(DeviceError, match="bf16 on a CPU needs tiles"):
        Engine(make_net(Model(convs=2, channels=4), 90).float(), CPU, "bf16")
    assert choose_precision("auto", CPU) == "fp32"


def test_it_is_only_taken_if_asked_for() -> None:
    compiled.kernels("amx")
    assert choose_precision("bf16", CPU) == "bf16"
    assert choose_precision("auto", CPU) == "fp32"
