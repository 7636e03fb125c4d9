"""One full configuration of a run: the frozen `Preset` and its parts.

Every preset is a small edit of these defaults. Where the report is silent the defaults are
Keras' (Adam 1e-3, epsilon 1e-7); batch, epochs and stopping are the bench's own.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from labbench import architecture
from labbench.architecture import Model, Plan

WORDS: tuple[str, ...] = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "bed", "bird", "cat", "dog", "house", "tree",
)  # fmt: skip
"""The report's 16 words, in its order."""

NotNegative = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Word = Annotated[
    str, msgspec.Meta(pattern=r"^[^\s/\\]+$", description="words without spaces or slashes")
]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a preset: unknown keys are refused."""


class Data(_Part, frozen=True, kw_only=True):
    """Which clips, and which words are the classes."""

    name: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
            description="a data set's name: letters, digits, '.', '_' and '-'",
        ),
    ] = "auto"
    """A data set by name; auto: speech_commands, else the only one added, else synthetic."""
    words: Annotated[tuple[Word, ...], msgspec.Meta(min_length=2)] = WORDS
    train_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """Share of each word's training clips to use (learning curves, quick trials)."""


class Augmentation(_Part, frozen=True, kw_only=True):
    """Random changes to training clips; all off by default."""

    time_shift_ms: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 0.0
    """Shift by up to so many ms either way, zeros moving in."""
    gain_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    """Gain by up to so many dB either way."""
    noise: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    """White noise with a standard deviation of up to so much of full scale."""


class Optimizer(_Part, frozen=True, kw_only=True):
    """How weights follow their gradients."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: Positive = 1e-3
    weight_decay: NotNegative = 0.0
    beta1: Share = 0.9
    beta2: Share = 0.999
    epsilon: Positive = 1e-7
    momentum: Share = 0.0
    """Of sgd."""
    clip_norm: NotNegative = 0.0
    """Gradients are scaled down to this norm; 0 leaves them."""


class Schedule(_Part, frozen=True, kw_only=True):
    """How the learning rate goes over the run."""

    name: Literal["constant", "cosine", "step", "plateau"] = "constant"
    warmup_epochs: NotNegative = 0.0
    """The rate rises linearly from 0 over so many epochs."""
    factor: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.1
    """What step and plateau multiply the rate by."""
    every_epochs: Annotated[int, msgspec.Meta(ge=1)] = 10
    """Of step: epochs between two reductions."""
    patience: Annotated[int, msgspec.Meta(ge=1)] = 3
    """Of plateau: epochs without gain in validation loss before a reduction."""
    minimum: NotNegative = 0.0
    """The rate never falls below this."""


class Training(_Part, frozen=True, kw_only=True):
    """How long, how much at a time, on what."""

    batch: Annotated[int, msgspec.Meta(ge=1, le=65536)] = 64
    epochs: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 60
    patience: Whole = 8
    """Stop after so many epochs without gain in validation accuracy; 0 never stops early."""
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = 0
    device: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description="auto, cpu, mps, cuda or cuda:N"
        ),
    ] = "auto"
    """auto, cpu, cuda, cuda:N or mps; auto takes a GPU when there is one."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """auto: bf16 on a CUDA device that has it, else fp32."""
    checkpoint_every_s: NotNegative = 60.0
    """Seconds between checkpoints within an epoch; every epoch ends with one anyway."""


class Published(_Part, frozen=True, kw_only=True):
    """The cell of the report that a preset reproduces."""

    table: str
    row: str
    column: str


class Preset(_Part, frozen=True, kw_only=True):
    """The whole configuration of a run: it alone reproduces it."""

    name: str = ""
    about: str = ""
    published: Published | None = None
    model: Model = Model()
    data: Data = Data()
    augmentation: Augmentation = Augmentation()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    training: Training = Training()

    @property
    def plan(self) -> Plan:
        """The layers of its net, with as many outputs as it has words."""
        return architecture.plan(self.model, len(self.data.words))


SECTIONS = ("model", "data", "augmentation", "optimizer", "schedule", "training")
"""The parts of a preset that `--set SECTION.KEY=VALUE` can change."""
