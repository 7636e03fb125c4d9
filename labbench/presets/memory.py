"""The memory that training takes at least, by sizes alone: no net is built to learn it."""

from __future__ import annotations

from dataclasses import dataclass

from labbench import units
from labbench.architecture import Plan
from labbench.errors import DeviceError
from labbench.presets.settings import Preset

FLOAT_BYTES = 4
HALF_BYTES = 2
"""Of a number that a GPU may keep as bfloat16."""

MOMENTS = {"adam": 2, "adamw": 2, "sgd": 0}
"""Numbers of the size of the weights that an optimizer keeps; sgd one more with momentum."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Bytes without which nothing can be trained; what a device takes is more."""

    weights: int
    """Weights, their gradients, what the optimizer keeps of them, and the best ones so far."""
    batch: int
    """What the convolutions keep of a batch on the way forward for the way back."""
    clips: int
    """Of that batch."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.batch


def weights_bytes(plan: Plan) -> int:
    """Of a net's weights alone."""
    return FLOAT_BYTES * plan.parameters


def needed(preset: Preset, clips: int, kind: str = "cpu") -> Needed:
    """The memory to train a preset at least.

    Args:
        clips: that there are to train on: a batch holds no more.
        kind: of the device: cpu, cuda or mps.
    """
    plan, optimizer, batch = preset.plan, preset.optimizer, min(preset.training.batch, clips)
    copies = 3 + MOMENTS[optimizer.name] + (optimizer.name == "sgd" and optimizer.momentum > 0)
    precision = preset.training.precision
    half = precision == "bf16" or (kind != "cpu" and precision != "fp32")
    # Padded or not, an input has at least as many samples as come out, less those of the kernel.
    convs = list(plan.convs)
    if kind == "cpu" and not preset.model.batch_norm:
        del convs[1:2]  # what the first one makes is made again on the way back
    kept = sum(conv.in_channels * conv.length for conv in convs)
    return Needed(
        copies * weights_bytes(plan), batch * kept * (HALF_BYTES if half else FLOAT_BYTES), batch
    )


def check(preset: Preset, clips: int, there: int, device: str, kind: str = "cpu") -> None:
    """Refuse to train what cannot fit, before anything is allocated.

    Args:
        clips, kind: as of `needed`.
        there: bytes that the device has, or has left.
        device: what it is called.

    Raises:
        DeviceError: training takes more; it says how much of what.
    """
    least = needed(preset, clips, kind)
    if least.total <= there:
        return
    raise DeviceError(
        f"training takes at least {units.size(least.total)} of memory ({units.size(least.weights)} "
        f"for {preset.plan.parameters:,} parameters, {units.size(least.batch)} for a batch of "
        f"{units.plural(least.clips, 'clip')}); {device} has {units.size(there)}.",
        where=preset.name,
        hint="Take fewer model.channels, a shorter model.kernel or a smaller training.batch.",
    )  # fmt: skip
