from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from labbench.presets import Optimizer, Schedule
from labbench.training.optimizing import learning_rate, make_optimizer, take_step
from labbench.training.progress import Plateau


def rates(how: Schedule, *, epochs: int, per_epoch: int, base: float = 0.1) -> list[float]:
    return [
        learning_rate(base, how, step=s, steps_per_epoch=per_epoch, epochs=epochs, plateau=1.0)
        for s in range(epochs * per_epoch)
    ]


def torch_rates(make: object, steps: int, base: float = 0.1) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    schedule = make(optimizer)  # type: ignore[operator]
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_cosine_is_torchs() -> None:
    expected = torch_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=20), 20)
    assert rates(Schedule(name="cosine"), epochs=5, per_epoch=4) == pytest.approx(expected)


def test_step_is_torchs() -> None:
    expected = torch_rates(lambda o: lr_scheduler.StepLR(o, step_size=8, gamma=0.5), 24)
    found = rates(Schedule(name="step", every_epochs=2, factor=0.5), epochs=6, per_epoch=4)
    assert found == pytest.approx(expected)


def test_warmup_rises_to_the_base_and_minimum_holds() -> None:
    how = Schedule(name="cosine", warmup_epochs=1.0, minimum=0.01)
    found = rates(how, epochs=5, per_epoch=4)
    assert found[:4] == pytest.approx([0.025, 0.05, 0.075, 0.1])
    assert found[4] == pytest.approx(0.1)
    assert min(found[4:]) == pytest.approx(0.01)


def test_plateau_is_torchs() -> None:
    losses = [1.0, 0.9, 0.95, 0.91, 0.92, 0.93, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    # torch reduces after more than `patience` bad epochs, we (as Keras) after `patience` of them.
    reference = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0)
    state, how = Plateau(), Schedule(name="plateau", factor=0.5, patience=2)
    for loss in losses:
        reference.step(loss)
        state = state.after(loss, how)
        assert state.scale == pytest.approx(optimizer.param_groups[0]["lr"])


def test_adam_follows_the_papers_algorithm_1() -> None:
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=5), rng.normal(size=(6, 5))
    weights, mean, square = start.copy(), np.zeros(5), np.zeros(5)
    for t, gradient in enumerate(gradients, start=1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        step = (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-7)
        weights -= 1e-3 * step
    net = torch.nn.Linear(5, 1, bias=False).double()
    with torch.no_grad():
        net.weight.copy_(torch.from_numpy(start))
    optimizer = make_optimizer(net, Optimizer())
    for gradient in gradients:
        net.weight.grad = torch.from_numpy(gradient)[None]
        optimizer.step()
    np.testing.assert_allclose(net.weight.detach().numpy()[0], weights, rtol=1e-10)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (Optimizer(), torch.optim.Adam),
        (Optimizer(name="adamw", weight_decay=0.1), torch.optim.AdamW),
        (Optimizer(name="sgd", momentum=0.9), torch.optim.SGD),
    ],
)
def test_each_optimizer_takes_its_settings(how: Optimizer, kind: type) -> None:
    optimizer = make_optimizer(torch.nn.Linear(2, 2), how)
    assert type(optimizer) is kind
    group = optimizer.param_groups[0]
    assert group["lr"] == 1e-3
    assert group["weight_decay"] == how.weight_decay
    assert group.get("eps", 1e-7) == 1e-7
    assert group.get("momentum", how.momentum) == how.momentum


def test_making_an_optimizer_does_not_load_the_compiler() -> None:
    code = """
import sys, torch
from labbench.presets import Optimizer
from labbench.training.optimizing import make_optimizer, take_step
net = torch.nn.Linear(2, 2)
for name in ("adam", "adamw", "sgd"):
    optimizer = make_optimizer(net, Optimizer(name=name))
    net(torch.ones(1, 2)).sum().backward()
    take_step(optimizer)
    optimizer.zero_grad()
    optimizer.load_state_dict(optimizer.state_dict())
print("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_a_step_is_torchs_own(name: str) -> None:
    def trained(own: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        net = torch.nn.Linear(3, 2)
        optimizer = make_optimizer(net, Optimizer(name=name, momentum=0.9, weight_decay=0.01))
        for _ in range(3):
            optimizer.zero_grad()
            net(torch.ones(4, 3)).square().sum().backward()
            take_step(optimizer) if own else optimizer.step()
        return [parameter.detach() for parameter in net.parameters()]

    for ours, theirs in zip(trained(True), trained(False), strict=True):
        assert torch.equal(ours, theirs)
