"""The least memory of training, beside what a step really holds."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import torch

from labbench import nets
from labbench.errors import DeviceError
from labbench.presets import Preset, edited, memory
from labbench.training import optimizing
from labbench.training.engine import Engine
from tests import tiny

SETS = (
    (), ("model.family=vgg", "model.convs=6"), ("model.family=large",), ("model.family=base",),
    ("optimizer.name=sgd",), ("optimizer.name=sgd", "optimizer.momentum=0.9"),
)  # fmt: skip


def held_bytes() -> int:
    """Of all tensors there are; those that the compiler only imagines hold nothing."""
    real = (torch.Tensor, torch.nn.Parameter)
    tensors = [one for one in gc.get_objects() if type(one) in real]
    whole = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors}
    return sum(whole.values())


@pytest.mark.parametrize("changes", SETS, ids=" ".join)
def test_a_step_holds_no_less(changes: tuple[str, ...]) -> None:
    preset = edited(tiny.preset(), ["model.channels=8", "training.batch=16", *changes])
    gc.collect()
    before = held_bytes()
    net = nets.build(preset.plan, seed=0)
    engine = Engine(net, torch.device("cpu"), "fp32")
    optimizer = optimizing.make_optimizer(net, preset.optimizer)
    labels_B = torch.arange(16) % 3
    draw = torch.Generator().manual_seed(0)
    engine.train_step(torch.zeros(16, 16_000), labels_B, generator=draw)
    optimizing.take_step(optimizer)
    best = {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}
    held = held_bytes() - before
    least = memory.needed(preset, 1_000)
    assert best
    assert 0.1 * held < least.total <= held


def test_a_batch_holds_no_more_clips_than_there_are() -> None:
    preset = tiny.preset(batch=64)
    assert memory.needed(preset, 10).batch * 6.4 == pytest.approx(memory.needed(preset, 99).batch)


def test_a_gpu_may_keep_half_as_much_of_a_batch() -> None:
    def batch(kind: str, **training: Any) -> int:
        return memory.needed(tiny.preset(**training), 99, kind).batch

    assert batch("cpu") == 2 * batch("cuda") == batch("cuda", precision="fp32")


def test_what_does_not_fit_is_refused_with_both_sizes() -> None:
    preset: Preset = edited(tiny.preset(), ["model.channels=4096", "model.kernel=4096"])
    with pytest.raises(DeviceError, match=r"at least .* GB .* cpu has 25 GB.*channels"):
        memory.check(preset, 36, 25 * 10**9, "cpu")
    memory.check(tiny.preset(), 36, 25 * 10**9, "cpu")
