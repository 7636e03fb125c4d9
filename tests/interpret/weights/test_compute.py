"""Weights against numpy, from the checkpoint's own tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import labbench
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.weights.answer import Weights, WeightsQuestion, bins
from labbench.nets import Net
from labbench.runs import RunFolder
from labbench.runs.weights import read
from tests.opened import MODELS, build, opened, preset


def moved(model: dict[str, object], by: float = 0.25) -> tuple[RunFolder, Net]:
    """A run whose weights lie a known way from those it began with."""
    given = preset(model)
    net = build(given, given.training.seed)
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, nn.Conv1d | nn.Linear):
                part.weight.add_(by * torch.sign(part.weight))
    return opened(model, net=net), build(given, given.training.seed)


def computed(run: RunFolder) -> Weights:
    return context.compute(context.load(run), WeightsQuestion(seed=run.preset().training.seed))


@pytest.mark.parametrize("model", MODELS)
def test_figures_of_every_layer(model: str) -> None:
    run, start = moved(MODELS[model])
    kept = read(run.path).tensors
    begun = {name: tensor.numpy() for name, tensor in start.state_dict().items()}
    found = computed(run)
    layers = [name.removesuffix(".weight") for name, tensor in kept.items()
              if name.endswith(".weight") and tensor.ndim > 1]  # fmt: skip
    assert sorted(one.name for one in found.layers) == sorted(layers)
    for one in found.layers:
        now, first = (part[f"{one.name}.weight"].astype(np.float64) for part in (kept, begun))
        assert one.count == now.size
        assert one.norm == pytest.approx(np.sqrt((now**2).sum()))
        assert one.start_norm == pytest.approx(np.sqrt((first**2).sum()))
        assert one.moved == pytest.approx(0.25 * np.sqrt(np.count_nonzero(first)), rel=1e-4)
        cosine = (now * first).sum() / np.sqrt((now**2).sum() * (first**2).sum())
        assert one.cosine == pytest.approx(cosine)
        assert (one.mean, one.std) == (pytest.approx(now.mean()), pytest.approx(now.std()))
        assert one.now_B.sum() == one.start_B.sum() == one.moved_B.sum() == now.size
        assert one.edges_E[0] == min(now.min(), first.min())
        third = len(one.now_B) // 3
        inner = one.edges_E[third], one.edges_E[2 * third]
        between = np.count_nonzero((now >= inner[0]) & (now < inner[1]))
        assert one.now_B[third : 2 * third].sum() == between


@pytest.mark.parametrize(
    ("weights", "number"), [(1, 8), (80, 8), (1280, 35), (5120, 60), (1_000_000, 60)]
)
def test_few_weights_have_few_bins(weights: int, number: int) -> None:
    assert bins(weights) == number


def test_an_untrained_net_has_not_moved() -> None:
    found = computed(moved(MODELS["base"], by=0.0)[0])
    assert {one.moved for one in found.layers} == {0.0}
    assert all(one.cosine == pytest.approx(1) for one in found.layers)


def test_from_python() -> None:
    run, _ = moved(MODELS["base"])
    found = labbench.open_run(run.id).weights()
    assert found.layers[0].name == "conv1"
    assert found.layers[0].share > 0


def test_weights_that_are_no_numbers_are_told_of() -> None:
    net = build(preset(MODELS["base"]), 0)
    with torch.no_grad():
        net.get_parameter("conv1.weight")[0, 0, 0] = torch.nan
    with pytest.raises(RunError, match="conv1 has weights that are not finite"):
        computed(opened(MODELS["base"], net=net))
