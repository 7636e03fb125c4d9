"""The convolutions of a plan with what follows each, and when and how fast their outputs come.

T samples of a layer's own rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labbench.architecture.layers import Activation, BatchNorm, Conv, MaxPool, Plan
from labbench.errors import RunError, nearest
from labbench.units import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Stage:
    """One convolution, its batch norm if any, and its activation."""

    index: int
    """From 0."""
    conv: Conv
    batch_norm: BatchNorm | None
    activation: Activation
    rate_hz: float
    """Samples a second of its input and its output: 16 kHz divided by the pooling before it."""
    start_s: float
    """Where in the clip the middle of what its first output sample sees lies."""

    @property
    def name(self) -> str:
        """The convolution's name: `conv3`."""
        return self.conv.name

    def time_s(self, sample: float) -> float:
        """Where in the clip the middle of what an output sample sees lies."""
        return self.start_s + sample / self.rate_hz


def stages(plan: Plan) -> tuple[Stage, ...]:
    """All convolutions of a plan, in order."""
    found: list[Stage] = []
    rate_hz, start_s = float(SAMPLE_RATE_HZ), 0.0
    layers = list(plan)
    for place, layer in enumerate(layers):
        if isinstance(layer, Conv):
            # Output sample 0 sees input samples -left ... kernel - 1 - left.
            start_s += ((layer.kernel - 1) / 2 - layer.left) / rate_hz
            after = layers[place + 1]
            norm = after if isinstance(after, BatchNorm) else None
            act = layers[place + (2 if norm else 1)]
            assert isinstance(act, Activation)
            found.append(Stage(len(found), layer, norm, act, rate_hz, start_s))
        elif isinstance(layer, MaxPool):
            start_s += (layer.size - 1) / 2 / rate_hz
            rate_hz /= layer.size
    return tuple(found)


def stage(plan: Plan, name: str) -> Stage:
    """The stage that a person means (`layer_named`).

    Raises:
        RunError: there is none.
    """
    by_name = {one.name: one for one in stages(plan)}
    return by_name[layer_named(tuple(by_name), name)]


def layer_named(names: Sequence[str], text: str) -> str:
    """The layer that a person means: a name, a convolution's number from 1, or nothing: the last.

    Raises:
        RunError: there is none.
    """
    name = f"conv{text}" if text.isdecimal() else text or names[-1]
    if name not in names:
        raise RunError(f"there is no layer {text!r}.", where="layer", hint=nearest(text, names))
    return name


def features_clock(plan: Plan) -> tuple[float, float]:
    """Rate in Hz of the flattened features along time, and where in the clip the first lies.

    The place is the middle of what the samples under the first window of the last pooling see.
    """
    last = stages(plan)[-1]
    rate_hz, start_s = last.rate_hz, last.start_s
    layers = list(plan)
    for layer in layers[layers.index(last.conv) :]:
        if isinstance(layer, MaxPool):
            start_s += (layer.size - 1) / 2 / rate_hz
            rate_hz /= layer.size
    return rate_hz, start_s
