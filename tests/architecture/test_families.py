"""What the four families lay: lengths, channels, kernels, padding, counts and refusals."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from labbench.architecture import (
    ACTIVATIONS,
    FAMILIES,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    Model,
    Plan,
    plan,
)
from labbench.architecture.families import resolved
from labbench.architecture.layers import as_dict
from labbench.architecture.model import Family

LENGTHS = (16000, 5333, 1777, 592, 197, 65, 21, 7, 2)
"""The report's: a third, rounded down, after each pooling."""


def kinds(made: Plan) -> list[str]:
    return [layer.kind for layer in made]


def sizes(made: Plan, kind: type) -> list[tuple[int, int]]:
    return [(layer.length, layer.channels) for layer in made if isinstance(layer, kind)]


def test_every_declared_family_is_there() -> None:
    assert set(FAMILIES) == set(Family.__args__)


def test_custom_lengths_and_channels() -> None:
    made = plan(Model(family="custom", convs=9, channels=64), 16)
    assert [length for length, _ in sizes(made, Conv)] == [16000, *LENGTHS[:-1]]
    assert [channels for _, channels in sizes(made, Conv)] == [64] * 4 + [128] * 4 + [256]
    assert [length for length, _ in sizes(made, MaxPool)] == list(LENGTHS[1:])
    assert {(conv.kernel, conv.left, conv.right) for conv in made.convs} == {(5, 2, 2)}
    assert made.features == 2 * 256
    assert kinds(made)[:5] == ["conv", "activation", "conv", "activation", "max_pool"]


def test_vgg_lengths_and_channels() -> None:
    made = plan(Model(family="vgg", convs=18, channels=64), 16)
    assert [length for length, _ in sizes(made, Conv)] == [n for n in LENGTHS for _ in range(2)]
    assert [channels for _, channels in sizes(made, Conv)] == [64] * 8 + [128] * 8 + [256] * 2
    assert {(conv.kernel, conv.left, conv.right) for conv in made.convs} == {(3, 1, 1)}
    assert made.features == 2 * 256
    one = ["conv", "activation"]
    assert kinds(made)[:7] == [*one, *one, "max_pool", *one]


def test_large_kernels_and_padding() -> None:
    made = plan(Model(family="large", convs=9, channels=32), 16)
    assert [(conv.kernel, conv.left, conv.right) for conv in made.convs] == [
        (192, 95, 96), (96, 47, 48), (48, 23, 24), (24, 11, 12), (12, 5, 6), (6, 2, 3),
        (3, 1, 1), (3, 1, 1), (3, 1, 1),
    ]  # fmt: skip
    assert [length for length, _ in sizes(made, Conv)] == [16000, *LENGTHS[:-1]]
    assert [channels for _, channels in sizes(made, Conv)] == [32] * 4 + [64] * 4 + [128]


def test_base_pools_partial_windows_down_to_8_by_128() -> None:
    made = plan(Model(family="base"), 16)
    # By hand: 16000 - 24 = 15976, / 4 = 3994; 3970 / 4 = 992.5 -> 993; 969 / 4 -> 243;
    # 219 / 4 -> 55; 31 / 4 -> 8.
    assert sizes(made, Conv) == [(15976, 8), (3970, 16), (969, 32), (219, 64), (31, 128)]
    assert sizes(made, MaxPool) == [(3994, 8), (993, 16), (243, 32), (55, 64), (8, 128)]
    assert {(conv.kernel, conv.left, conv.right) for conv in made.convs} == {(25, 0, 0)}
    assert [(d.in_features, d.channels) for d in made if isinstance(d, Dense)] == [
        (1024, 1024), (1024, 512), (512, 16),
    ]  # fmt: skip
    assert kinds(made)[-6:] == ["flatten", "dense", "activation", "dense", "activation", "dense"]
    assert made.parameters == 1_855_056


@pytest.mark.parametrize("family", FAMILIES)
def test_batch_norm_follows_each_convolution_and_nothing_else(family: str) -> None:
    made = list(plan(Model(family=family, batch_norm=True), 16))
    for before, layer in itertools.pairwise(made):
        assert isinstance(layer, BatchNorm) == isinstance(before, Conv)
    norms = [layer for layer in made if isinstance(layer, BatchNorm)]
    assert {(norm.momentum, norm.epsilon) for norm in norms} == {(0.99, 1e-3)}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_one_dropout_is_on_the_flattened_features(family: str) -> None:
    made = list(plan(Model(family=family, dropout=0.75), 16))
    places = [index for index, layer in enumerate(made) if isinstance(layer, Dropout)]
    assert len(places) == 1
    assert isinstance(made[places[0] - 1], Flatten)
    assert made[places[0]].rate == 0.75
    assert not any(isinstance(layer, Dropout) for layer in plan(Model(family=family), 16))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("function", ACTIVATIONS)
def test_only_prelu_has_parameters_of_its_own(family: str, function: str) -> None:
    plain = plan(Model(family=family), 16)
    made = plan(Model(family=family, activation=function), 16)
    hidden = sum(FAMILIES[family].hidden)
    slopes = sum(conv.channels for conv in made.convs) + hidden if function == "prelu" else 0
    assert made.parameters == plain.parameters + slopes


@pytest.mark.parametrize("classes", [2, 16, 35])
def test_classes_are_the_last_layer(classes: int) -> None:
    made = plan(Model(), classes)
    assert made.classes == classes
    assert made.layers[-1].parameters == (made.features + 1) * classes


@pytest.mark.parametrize("family", FAMILIES)
def test_layer_names_differ(family: str) -> None:
    names = [layer.name for layer in plan(Model(family=family, batch_norm=True, dropout=0.5), 16)]
    assert len(set(names)) == len(names)


def test_resolved_writes_the_familys_own_sizes_and_keeps_given_ones() -> None:
    assert resolved(Model(family="large")) == Model(
        family="large", convs=8, channels=32, kernel=192
    )
    assert resolved(Model(family="vgg", convs=4)) == Model(
        family="vgg", convs=4, channels=64, kernel=3
    )
    for family in FAMILIES:
        model = Model(family=family)
        assert plan(resolved(model), 16) == plan(model, 16)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Model(family="custom", convs=10), "max pooling 3 does not fit 2 samples"),
        (Model(family="vgg", convs=20), "max pooling 3 does not fit 2 samples"),
        (Model(family="vgg", convs=7), "convs = 7 is odd"),
        (Model(family="base", convs=6), "a kernel of 25 does not fit 8 samples"),
        # 16000 - 1599 = 14401, / 4 -> 3601; 2002 / 4 -> 501.
        (Model(family="base", kernel=1600), "a kernel of 1600 does not fit 501 samples"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_by_name(model: Model, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        plan(model, 16)
    assert f"family {model.family!r}" in str(caught.value)


def test_deepest_custom_net_for_one_second_has_nine_convolutions() -> None:
    assert plan(Model(convs=9), 16).layers[-2].name == "flatten"
    plan(Model(convs=10), 16, length=3**9)


def test_a_layer_as_dict_is_json() -> None:
    first = as_dict(next(iter(plan(Model(), 16))))
    assert msgspec.json.decode(msgspec.json.encode(first)) == {
        "kind": "conv", "name": "conv1", "channels": 64, "length": 16000, "in_channels": 1,
        "kernel": 5, "left": 2, "right": 2, "parameters": 5 * 64 + 64,
    }  # fmt: skip
