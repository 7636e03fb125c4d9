"""What a run's history is made of: one frozen event a line of `events.jsonl`.

Times: `time` is Unix time in seconds; `elapsed_s` counts seconds of training over all attempts.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from labbench.decoding import decoded_by

End = Literal["finished", "stopped", "failed"]
Split = Literal["validation", "test"]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""What a figure of a chart can hold: a line of a damaged log with more is no event."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """One event."""


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """A worker took the run up: the first time, or to resume it at `step`."""

    time: float
    attempt: Count
    epoch: Count
    step: Count
    device: str
    precision: str
    threads: Count
    engine: int = 0
    """Revision of the engine (`flaws.ENGINE`)."""


class Step(Event, frozen=True, kw_only=True, tag="step"):
    """One optimiser step; loss and accuracy are of its batch, in training mode."""

    step: Count
    epoch: Count
    elapsed_s: float
    loss: float
    accuracy: float
    learning_rate: float
    clips_per_s: float
    memory_bytes: Count


class Epoch(Event, frozen=True, kw_only=True, tag="epoch"):
    """One epoch's end. Train figures are means over its steps; validation is in inference mode."""

    epoch: Count
    step: Count
    elapsed_s: float
    duration_s: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    clips_per_s: float
    memory_bytes: Count
    best: bool


class Checkpoint(Event, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint is on disk."""

    kind: Literal["last", "best"]
    epoch: Count
    step: Count


class Evaluated(Event, frozen=True, kw_only=True, tag="evaluated"):
    """The best checkpoint was judged on a split; its predictions are on disk."""

    split: Split
    epoch: Count
    clips: Count
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
    epoch: Count
    step: Count
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
