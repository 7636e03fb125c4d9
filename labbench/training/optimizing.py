"""The optimiser of a preset, and its learning rate at every step."""

from __future__ import annotations

import inspect
import math

import torch
from torch import nn

from labbench.presets import Optimizer, Schedule


def make_optimizer(net: nn.Module, how: Optimizer) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD over all parameters.

    Adam's epsilon is added to the bias-corrected root, as in the paper's Algorithm 1 (Kingma and
    Ba 2015); Keras adds it before the correction, which differs by less than epsilon.
    """
    _leave_the_compiler_alone()
    parameters = list(net.parameters())
    if how.name == "sgd":
        return torch.optim.SGD(
            parameters, lr=how.learning_rate, momentum=how.momentum, weight_decay=how.weight_decay
        )
    kind = torch.optim.AdamW if how.name == "adamw" else torch.optim.Adam
    return kind(
        parameters,
        lr=how.learning_rate,
        betas=(how.beta1, how.beta2),
        eps=how.epsilon,
        weight_decay=how.weight_decay,
        fused=parameters[0].device.type in ("cpu", "cuda"),
    )


UNCOMPILED = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
"""Methods of torch's optimizers that load torch's compiler only to tell it to keep off them."""


def _leave_the_compiler_alone() -> None:
    """Make optimizers without loading torch's compiler, which takes over a second of CPU time.

    Nothing here is compiled, so each of these methods may stand for its own uncompiled form
    (`torch._compile._disable_dynamo` looks for one first). Where torch has no such thing the
    compiler is loaded, and all works as well.
    """
    for name in UNCOMPILED:
        bare = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if bare is not None and not hasattr(bare, "__dynamo_disable"):
            setattr(bare, "__dynamo_disable", bare)


def take_step(optimizer: torch.optim.Optimizer) -> None:
    """Have the weights follow their gradients: `optimizer.step()` without torch's compiler.

    What torch wraps around a step serves compiling, profiling and hooks, none of which are used.
    """
    bare = inspect.unwrap(type(optimizer).step)
    with torch.no_grad():
        bare(optimizer)


def learning_rate(
    base: float, how: Schedule, *, step: int, steps_per_epoch: int, epochs: int, plateau: float
) -> float:
    """The rate of step `step` (from 0): a function of the moment alone.

    Args:
        plateau: what plateau reductions multiplied the rate by so far.
    """
    warmup = how.warmup_epochs * steps_per_epoch
    if step < warmup:
        return base * (step + 1) / math.ceil(warmup)
    match how.name:
        case "cosine":
            total = max(1.0, epochs * steps_per_epoch - warmup)
            factor = 0.5 * (1 + math.cos(math.pi * (step - warmup) / total))
        case "step":
            factor = how.factor ** (step // steps_per_epoch // how.every_epochs)
        case "plateau":
            factor = plateau
        case _:
            factor = 1.0
    return max(base * factor, min(how.minimum, base))
