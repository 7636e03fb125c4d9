"""Activations with hand-written derivatives, so that a step needs no autograd graph.

Each keeps as little as its derivative needs: most can be told from their own output.
Shapes: N clips of a chunk, T time samples, C channels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from labbench.nets.activations import NON_DECREASING

aten = torch.ops.aten


class Pointwise(ABC):
    """One activation of one rank.

    `ordered`: it keeps order, so max pooling may go first with the same result.
    `from_output`: its derivative is told by its output; else by what `forward` returns.
    `negative_slope`: of what is x above zero and slope * x below; None if it is something else.
    """

    ordered = False
    from_output = False
    negative_slope: float | None = None

    @abstractmethod
    def forward(self, x_NTC: Tensor, out_NTC: Tensor, clips: slice) -> Tensor:
        """Write the activation of `x` into `out`; returns what `backward` needs."""

    @abstractmethod
    def backward(self, grad_NTC: Tensor, kept_NTC: Tensor, out_NTC: Tensor) -> None:
        """Write grad x derivative into `out`, which may be `grad` itself."""

    def begin(self, seeds: Sequence[int]) -> None:  # noqa: B027
        """Called before each step, with one seed a clip; most have nothing to begin."""

    def slope_gradient(self) -> Tensor | None:
        """Gradient of the activation's own parameter over the step, where it has one."""
        return None


Forward = Callable[[Tensor, Tensor], object]
Backward = Callable[[Tensor, Tensor, Tensor], object]


class Plain(Pointwise):
    """An activation without parameters or noise, told from its output or its input."""

    def __init__(
        self, name: str, forward: Forward, backward: Backward, from_output: bool,
        negative_slope: float | None = None,
    ) -> None:  # fmt: skip
        self.ordered = name in NON_DECREASING
        self.from_output = from_output
        self.negative_slope = negative_slope
        self._forward, self._backward = forward, backward

    def forward(self, x_NTC: Tensor, out_NTC: Tensor, clips: slice) -> Tensor:
        self._forward(x_NTC, out_NTC)
        return out_NTC if self.from_output else x_NTC

    def backward(self, grad_NTC: Tensor, kept_NTC: Tensor, out_NTC: Tensor) -> None:
        self._backward(grad_NTC, kept_NTC, out_NTC)


class PReLU(Pointwise):
    """One learnt slope a channel. Ordered as long as no slope is negative."""

    def __init__(self, slope_C: Tensor) -> None:
        self._slope_C = slope_C.detach()
        self._grad_C = torch.zeros_like(self._slope_C)

    def begin(self, seeds: Sequence[int]) -> None:
        self.ordered = bool((self._slope_C >= 0).all())
        self._grad_C.zero_()

    def forward(self, x_NTC: Tensor, out_NTC: Tensor, clips: slice) -> Tensor:
        torch.mul(x_NTC.clamp_max(0), self._slope_C, out=out_NTC)
        out_NTC.add_(x_NTC.clamp_min(0))
        return x_NTC

    def backward(self, grad_NTC: Tensor, kept_NTC: Tensor, out_NTC: Tensor) -> None:
        self._grad_C += (grad_NTC * kept_NTC.clamp_max(0)).flatten(0, 1).sum(0)
        torch.where(kept_NTC > 0, grad_NTC, grad_NTC * self._slope_C, out=out_NTC)

    def slope_gradient(self) -> Tensor:
        return self._grad_C


def random_slopes(like: Tensor, seed: int, lower: float, upper: float) -> Tensor:
    """The slopes rrelu draws for one clip, (1, T, C), from the clip's own seed."""
    generator = torch.Generator().manual_seed(seed)
    return like.new_empty(like.shape).uniform_(lower, upper, generator=generator)


class RReLU(Pointwise):
    """A slope drawn for every element: each clip draws its own, whichever rank has it."""

    def __init__(self, module: nn.RReLU) -> None:
        self._lower, self._upper = module.lower, module.upper
        self._seeds: Sequence[int] = ()

    def begin(self, seeds: Sequence[int]) -> None:
        self._seeds = seeds

    def forward(self, x_NTC: Tensor, out_NTC: Tensor, clips: slice) -> Tensor:
        slopes = [
            random_slopes(x_NTC[:1], seed, self._lower, self._upper) for seed in self._seeds[clips]
        ]
        factor_NTC = torch.cat(slopes).masked_fill_(x_NTC > 0, 1.0)
        torch.mul(x_NTC, factor_NTC, out=out_NTC)
        return factor_NTC

    def backward(self, grad_NTC: Tensor, kept_NTC: Tensor, out_NTC: Tensor) -> None:
        torch.mul(grad_NTC, kept_NTC, out=out_NTC)


LEAKY_SLOPE = 0.01
SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def _softsign_backward(grad: Tensor, z: Tensor, out: Tensor) -> None:
    # d/dx x / (1 + |x|) = (1 - |z|)^2
    torch.mul(grad, (1 - z.abs()).square_(), out=out)


def _elu(alpha: float, scale: float) -> tuple[Forward, Backward]:
    return (
        lambda x, out: aten.elu.out(x, alpha, scale, 1.0, out=out),
        lambda g, z, out: aten.elu_backward.grad_input(
            g, alpha, scale, 1.0, True, z, grad_input=out
        ),
    )


def _leaky(slope: float) -> tuple[Forward, Backward]:
    return (
        lambda x, out: aten.leaky_relu.out(x, slope, out=out),
        lambda g, z, out: aten.leaky_relu_backward.grad_input(g, z, slope, True, grad_input=out),
    )


_FROM_OUTPUT: dict[str, tuple[Forward, Backward]] = {
    "relu": (
        lambda x, out: torch.clamp_min(x, 0, out=out),
        lambda g, z, out: aten.threshold_backward.grad_input(g, z, 0, grad_input=out),
    ),
    "tanh": (
        lambda x, out: torch.tanh(x, out=out),
        lambda g, z, out: aten.tanh_backward.grad_input(g, z, grad_input=out),
    ),
    "sigmoid": (
        lambda x, out: torch.sigmoid(x, out=out),
        lambda g, z, out: aten.sigmoid_backward.grad_input(g, z, grad_input=out),
    ),
    "leaky_relu": _leaky(LEAKY_SLOPE),
    "elu": _elu(1.0, 1.0),
    "selu": _elu(SELU_ALPHA, SELU_SCALE),
    "softsign": (lambda x, out: torch.div(x, x.abs().add_(1), out=out), _softsign_backward),
}

_FROM_INPUT: dict[str, tuple[Forward, Backward]] = {
    # oneDNN computes both in float32, and writes clip behind clip without a gap: into a slice of
    # padded rows its numbers must be copied. Every other function here heeds the strides of `out`.
    "gelu": (
        lambda x, out: out.copy_(aten.gelu(x)),
        lambda g, x, out: out.copy_(aten.gelu_backward(g, x)),
    ),
    "silu": (
        lambda x, out: aten.silu.out(x, out=out),
        lambda g, x, out: aten.silu_backward.grad_input(g, x, grad_input=out),
    ),
}


def pointwise(name: str, module: nn.Module, *, training: bool) -> Pointwise:
    """The activation `name` of a net's own `module`."""
    if isinstance(module, nn.PReLU):
        return PReLU(module.weight)
    if isinstance(module, nn.RReLU):
        if training:
            return RReLU(module)
        # Without noise it is a leaky relu of the mean slope.
        slope = (module.lower + module.upper) / 2
        return Plain("leaky_relu", *_leaky(slope), from_output=True, negative_slope=slope)
    if name in _FROM_OUTPUT:
        slope_of = {"relu": 0.0, "leaky_relu": LEAKY_SLOPE}
        return Plain(name, *_FROM_OUTPUT[name], from_output=True, negative_slope=slope_of.get(name))
    return Plain(name, *_FROM_INPUT[name], from_output=False)
