"""The declaration of a model: the `[model]` part of a preset."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Family = Literal["custom", "vgg", "large", "base"]
ActivationName = Literal[
    "relu", "tanh", "leaky_relu", "rrelu", "prelu", "elu", "selu", "gelu", "silu", "sigmoid",
    "softsign",
]  # fmt: skip
InitializerName = Literal[
    "xavier_uniform", "xavier_normal", "he_uniform", "he_normal",
    "lecun_uniform", "lecun_normal", "orthogonal",
]  # fmt: skip

ACTIVATIONS: tuple[str, ...] = ActivationName.__args__  # type: ignore[attr-defined]
INITIALIZERS: tuple[str, ...] = InitializerName.__args__  # type: ignore[attr-defined]

Count = Annotated[int, msgspec.Meta(ge=1, le=4096)]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which net to train. `convs`, `channels` and `kernel` left out mean the family's own."""

    family: Family = "custom"
    convs: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    channels: Count | None = None
    """Channels of the first convolution; later ones follow the family's rule."""
    kernel: Count | None = None
    """Kernel of the first convolution; later ones follow the family's rule."""
    activation: ActivationName = "relu"
    initializer: InitializerName = "xavier_uniform"
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    """Rate of the one dropout, on the flattened features."""
    batch_norm: bool = False
    """One batch normalisation after each convolution."""
