"""The layers a plan is made of. Lengths are in samples of the layer's own rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its name in the state dict, and the shape of what it gives."""

    kind: ClassVar[str] = "layer"
    name: str
    channels: int
    """Channels it gives (features, where `length` is 1)."""
    length: int
    """Samples it gives a channel."""

    @property
    def parameters(self) -> int:
        """Trainable parameters."""
        return 0


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """A 1-D convolution with bias and stride 1, zero-padded by `left` and `right` samples."""

    kind: ClassVar[str] = "conv"
    in_channels: int
    kernel: int
    left: int
    right: int

    @property
    def parameters(self) -> int:
        return self.kernel * self.in_channels * self.channels + self.channels


@dataclass(frozen=True, slots=True)
class BatchNorm(Layer):
    """Batch normalisation over clips and time (Keras' defaults: momentum 0.99, epsilon 1e-3)."""

    kind: ClassVar[str] = "batch_norm"
    momentum: float = 0.99
    epsilon: float = 1e-3

    @property
    def parameters(self) -> int:
        return 2 * self.channels


@dataclass(frozen=True, slots=True)
class Activation(Layer):
    """A pointwise non-linearity; prelu has one slope a channel."""

    kind: ClassVar[str] = "activation"
    function: str

    @property
    def parameters(self) -> int:
        return self.channels if self.function == "prelu" else 0


@dataclass(frozen=True, slots=True)
class MaxPool(Layer):
    """Max pooling with stride = size; `partial` keeps a last window that is not full."""

    kind: ClassVar[str] = "max_pool"
    size: int
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """Channels x samples -> one row of features; feature t * channels + c, as Keras lays them."""

    kind: ClassVar[str] = "flatten"


@dataclass(frozen=True, slots=True)
class Dropout(Layer):
    """Dropout on the features."""

    kind: ClassVar[str] = "dropout"
    rate: float


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """A fully connected layer with bias."""

    kind: ClassVar[str] = "dense"
    in_features: int

    @property
    def parameters(self) -> int:
        return self.in_features * self.channels + self.channels


@dataclass(frozen=True, slots=True)
class Plan:
    """All layers of a net, in order, and what they were planned from."""

    layers: tuple[Layer, ...]
    initializer: str
    input_length: int

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    @property
    def parameters(self) -> int:
        """Trainable parameters of the whole net."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def convs(self) -> tuple[Conv, ...]:
        """The convolutions, in order."""
        return tuple(layer for layer in self.layers if isinstance(layer, Conv))

    @property
    def features(self) -> int:
        """Length of the flattened features."""
        return next(layer.channels for layer in self.layers if isinstance(layer, Flatten))

    @property
    def classes(self) -> int:
        """Length of the logits."""
        return self.layers[-1].channels


class Builder:
    """Puts layers one behind the other, keeping track of channels and length.

    Args:
        activation: name of the non-linearity that `activation()` adds.
        batch_norm: whether `conv()` is followed by a batch normalisation.
        length: samples that go in.
    """

    def __init__(self, *, activation: str, batch_norm: bool, length: int) -> None:
        self.layers: list[Layer] = []
        self.channels = 1
        self.length = length
        self._function = activation
        self._batch_norm = batch_norm
        self._count: dict[str, int] = {}

    def _name(self, kind: str) -> str:
        self._count[kind] = self._count.get(kind, 0) + 1
        return f"{kind}{self._count[kind]}"

    def conv(self, kernel: int, channels: int, *, same: bool = True) -> None:
        """A convolution ('same' zero padding or none), its batch norm if any, the activation.

        An even kernel k pads (k-1)//2 on the left and k//2 on the right, as Keras does.
        """
        left, right = ((kernel - 1) // 2, kernel // 2) if same else (0, 0)
        length = self.length + left + right - kernel + 1
        if length < 1:
            raise ValueError(f"a kernel of {kernel} does not fit {self.length} samples")
        name = self._name("conv")
        self.layers.append(
            Conv(
                name,
                channels,
                length,
                in_channels=self.channels,
                kernel=kernel,
                left=left,
                right=right,
            )
        )
        self.channels, self.length = channels, length
        if self._batch_norm:
            self.layers.append(BatchNorm(self._name("bn"), channels, length))
        self.activation()

    def activation(self) -> None:
        """The non-linearity."""
        self.layers.append(
            Activation(self._name("act"), self.channels, self.length, function=self._function)
        )

    def pool(self, size: int, *, partial: bool = False) -> None:
        """Max pooling, stride = size."""
        length = -(-self.length // size) if partial else self.length // size
        if length < 1:
            raise ValueError(f"max pooling {size} does not fit {self.length} samples")
        self.length = length
        self.layers.append(
            MaxPool(self._name("pool"), self.channels, length, size=size, partial=partial)
        )

    def flatten(self, dropout: float) -> None:
        """Flatten, and the dropout on the features."""
        self.channels, self.length = self.channels * self.length, 1
        self.layers.append(Flatten("flatten", self.channels, 1))
        if dropout > 0:
            self.layers.append(Dropout("dropout", self.channels, 1, rate=dropout))

    def dense(self, features: int) -> None:
        """A fully connected layer, without activation."""
        name = self._name("dense")
        self.layers.append(Dense(name, features, 1, in_features=self.channels))
        self.channels = features


def as_dict(layer: Layer) -> dict[str, object]:
    """A layer as JSON-ready data."""
    return {"kind": layer.kind, **dataclasses.asdict(layer), "parameters": layer.parameters}
