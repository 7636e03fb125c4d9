"""Evaluation by the kernels: the same logits as by torch's products."""

from __future__ import annotations

import itertools

import pytest
import torch

from labbench.architecture import ACTIVATIONS, Model
from labbench.training.engine import Engine, native
from tests.training import compiled
from tests.training.reference import distance, make_clips, make_net

FAMILIES = [("custom", 4, 5), ("vgg", 4, 3), ("large", 3, 12), ("base", 2, 5), ("large", 3, 192)]
"""Family, convolutions, first kernel: the last one's second layer goes through the transform."""

WIDTHS = (4, 5, 8, 13, 16, 17, 31, 32, 33)


@pytest.mark.parametrize("variant", native.VARIANTS)
@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize(("family", "convs", "kernel"), FAMILIES)
def test_logits_are_those_of_torchs_products(
    variant: native.Variant, batch_norm: bool, family: str, convs: int, kernel: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    using = compiled.kernels(variant)
    for activation, channels in zip(ACTIVATIONS, itertools.cycle(WIDTHS), strict=False):
        model = Model(family=family, convs=convs, channels=channels, kernel=kernel,
                      activation=activation, batch_norm=batch_norm)  # fmt: skip
        net = make_net(model, 400).float()
        clips_BT = make_clips(7, 400)[0].float()
        found = []
        for kernels in (None, using):
            monkeypatch.setattr(native, "kernels", lambda kept, kernels=kernels: kernels)
            engine = Engine(net, torch.device("cpu"))
            found.append(engine.logits(clips_BT))
        assert distance(found[1], found[0]) < 1e-5, activation
