"""What a run's history is made of: one frozen event a line of `events.jsonl`.

Times: `time` is Unix time in seconds; `elapsed_s` counts seconds of training over all attempts.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labbench.decoding import decoded_by

End = Literal["finished", "stopped", "failed"]
Split = Literal["validation", "test"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """One event."""


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """A worker took the run up: the first time, or to resume it at `step`."""

    time: float
    attempt: int
    epoch: int
    step: int
    device: str
    precision: str
    threads: int
    engine: int = 0
    """Revision of the engine (`flaws.ENGINE`)."""


class Step(Event, frozen=True, kw_only=True, tag="step"):
    """One optimiser step; loss and accuracy are of its batch, in training mode."""

    step: int
    epoch: int
    elapsed_s: float
    loss: float
    accuracy: float
    learning_rate: float
    clips_per_s: float
    memory_bytes: int


class Epoch(Event, frozen=True, kw_only=True, tag="epoch"):
    """One epoch's end. Train figures are means over its steps; validation is in inference mode."""

    epoch: int
    step: int
    elapsed_s: float
    duration_s: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    clips_per_s: float
    memory_bytes: int
    best: bool


class Checkpoint(Event, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint is on disk."""

    kind: Literal["last", "best"]
    epoch: int
    step: int


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """The best checkpoint was judged on a split; its predictions are on disk."""

    split: Split
    epoch: int
    clips: int
    loss: float
    accuracy: float


class Note(Event, frozen=True, kw_only=True, tag="note"):
    """Something a person should know."""

    time: float
    text: str


class Ended(Event, frozen=True, kw_only=True, tag="ended"):
    """The run said that it ends, and how."""

    time: float
    state: End
    epoch: int
    step: int
    message: str = ""
    hint: str = ""


AnyEvent = Started | Step | Epoch | Checkpoint | Evaluated | Note | Ended

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event as one line of JSON, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of a line.

    Raises:
        msgspec.MsgspecError: the line is no event.
    """
    event: AnyEvent = decoded_by(_decoder, line)
    return event
