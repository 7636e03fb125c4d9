"""The four families of the report. A family is one function: it lays layers with a `Builder`.

To add one: write its function, name its defaults in `FAMILIES`, add its name to `model.Family`.
Every rule here is proven by the report's 303 parameter counts (data/published.csv).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from labbench.architecture.layers import Builder, Plan
from labbench.architecture.model import Model
from labbench.units import CLIP_SAMPLES


def custom(net: Builder, convs: int, channels: int, kernel: int) -> None:
    """Same-padded convolutions of one kernel, max pooling 3 after each but the first.

    Channels double after every fourth convolution.
    """
    for index in range(convs):
        net.conv(kernel, channels * 2 ** (index // 4))
        if index > 0:
            net.pool(3)


def vgg(net: Builder, convs: int, channels: int, kernel: int) -> None:
    """Blocks of two same-padded convolutions, max pooling 3 in front of each but the first.

    Channels double after every fourth block.
    """
    if convs % 2:
        raise ValueError(f"convs = {convs} is odd; vgg blocks hold two convolutions each")
    for block in range(convs // 2):
        if block > 0:
            net.pool(3)
        net.conv(kernel, channels * 2 ** (block // 4))
        net.conv(kernel, channels * 2 ** (block // 4))


def large(net: Builder, convs: int, channels: int, kernel: int) -> None:
    """As custom, with a kernel that halves by depth, down to 3: 192, 96, 48, 24, 12, 6, 3, 3, 3."""
    for index in range(convs):
        net.conv(max(3, kernel >> index), channels * 2 ** (index // 4))
        if index > 0:
            net.pool(3)


def base(net: Builder, convs: int, channels: int, kernel: int) -> None:
    """The flattened 2-D net: unpadded convolutions, channels doubling, max pooling 4.

    The last window of a pooling may be partial.
    """
    for index in range(convs):
        net.conv(kernel, channels * 2**index, same=False)
        net.pool(4, partial=True)


@dataclass(frozen=True, slots=True)
class Family:
    """A family: its function, the defaults of its sizes, the dense layers before the last one."""

    build: Callable[[Builder, int, int, int], None]
    convs: int
    channels: int
    kernel: int
    hidden: tuple[int, ...] = ()


FAMILIES: dict[str, Family] = {
    "custom": Family(custom, convs=8, channels=64, kernel=5),
    "vgg": Family(vgg, convs=16, channels=64, kernel=3),
    "large": Family(large, convs=8, channels=32, kernel=192),
    "base": Family(base, convs=5, channels=8, kernel=25, hidden=(1024, 512)),
}


def resolved(model: Model) -> Model:
    """The same model with the family's own sizes written out."""
    family = FAMILIES[model.family]
    return msgspec.structs.replace(
        model,
        convs=model.convs or family.convs,
        channels=model.channels or family.channels,
        kernel=model.kernel or family.kernel,
    )


def plan(model: Model, classes: int, *, length: int = CLIP_SAMPLES) -> Plan:
    """All layers of `model` for clips of `length` samples and so many `classes`.

    Raises:
        ValueError: the sizes do not fit together (a kernel or pooling longer than its input).
    """
    family = FAMILIES[model.family]
    net = Builder(activation=model.activation, batch_norm=model.batch_norm, length=length)
    try:
        family.build(
            net,
            model.convs or family.convs,
            model.channels or family.channels,
            model.kernel or family.kernel,
        )
    except ValueError as error:
        raise ValueError(f"family {model.family!r} cannot be built: {error}") from None
    net.flatten(model.dropout)
    for features in family.hidden:
        net.dense(features)
        net.activation()
    net.dense(classes)
    return Plan(tuple(net.layers), initializer=model.initializer, input_length=length)
