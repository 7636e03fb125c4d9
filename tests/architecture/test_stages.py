"""When and how fast a convolution's outputs come, against impulses sent through a plain net."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labbench import architecture
from labbench.architecture import MaxPool, Plan
from labbench.architecture.model import Model
from labbench.architecture.stages import features_clock, stage, stages
from labbench.errors import RunError
from labbench.nets import build

MODELS = {
    "custom": Model(convs=4, channels=2),
    "custom-bn": Model(convs=3, channels=2, batch_norm=True),
    "vgg": Model(family="vgg", convs=4, channels=2),
    "large-even": Model(family="large", convs=3, channels=2, kernel=24),
    "base": Model(family="base", convs=3, channels=2),
}


def plan(name: str) -> Plan:
    return architecture.plan(MODELS[name], 3)


def seen(whole: Plan, name: str, sample: int) -> tuple[int, int]:
    """The first and last input sample that an output sample of a convolution depends on."""
    net = build(whole).double()
    # Positive weights and averages for maxima: what an output depends on cannot cancel out.
    x = torch.zeros(1, 1, whole.input_length, dtype=torch.float64, requires_grad=True)
    out = x
    for layer, part in zip(whole, net, strict=True):
        if isinstance(part, torch.nn.Conv1d):
            torch.nn.init.ones_(part.weight)
            out = part(out)
        elif isinstance(layer, MaxPool):
            out = torch.nn.functional.avg_pool1d(out, layer.size, ceil_mode=layer.partial)
        if layer.name == name:
            break
    out[0, 0, sample].backward()
    assert x.grad is not None
    hit = np.flatnonzero(x.grad[0, 0].numpy())
    return int(hit[0]), int(hit[-1])


@pytest.mark.parametrize("name", list(MODELS))
def test_times_are_the_middle_of_what_is_seen(name: str) -> None:
    whole = plan(name)
    for one in stages(whole):
        # Far enough from both ends that no padding is seen.
        sample = one.conv.length // 2
        first, last = seen(whole, one.name, sample)
        assert one.time_s(sample) == pytest.approx((first + last) / 2 / 16_000)


def test_rates_fall_by_pooling() -> None:
    expected = [16_000, 16_000, 16_000 / 3, 16_000 / 9]
    assert [one.rate_hz for one in stages(plan("custom"))] == pytest.approx(expected)
    assert [one.rate_hz for one in stages(plan("base"))] == [16_000, 4_000, 1_000]


def test_a_stage_knows_what_follows_it() -> None:
    second = stages(plan("custom-bn"))[1]
    assert second.batch_norm is not None
    assert (second.name, second.batch_norm.name, second.activation.name) == ("conv2", "bn2", "act2")
    assert stages(plan("vgg"))[1].batch_norm is None


def test_no_name_is_the_last_stage() -> None:
    assert stage(plan("custom"), "") == stages(plan("custom"))[-1]


@pytest.mark.parametrize("name", ["conv2", "2"])
def test_a_stage_by_name_or_number(name: str) -> None:
    assert stage(plan("custom"), name).index == 1


def test_no_such_stage() -> None:
    with pytest.raises(RunError, match=r"no layer 'conv9'.*Did you mean"):
        stage(plan("custom"), "conv9")


@pytest.mark.parametrize("name", list(MODELS))
def test_the_features_are_clocked_as_a_convolution_behind_them_would_be(name: str) -> None:
    whole = plan(name)
    rate_hz, start_s = features_clock(whole)
    last = stages(whole)[-1]
    pools = [layer.size for layer in whole if isinstance(layer, MaxPool)]
    assert rate_hz == pytest.approx(16_000 / np.prod(pools))
    behind = list(whole)[list(whole).index(last.conv) :]
    [size] = [layer.size for layer in behind if isinstance(layer, MaxPool)] or [1]
    assert start_s == pytest.approx(last.time_s((size - 1) / 2))
