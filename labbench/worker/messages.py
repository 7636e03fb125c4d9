"""What a screen and its analyst say to each other, one JSON line each, over the child's pipes."""

from __future__ import annotations

import msgspec

from labbench.interpret.questions import AnyQuestion


class Request(msgspec.Struct, frozen=True, tag="question"):
    """To the analyst: answer this."""

    number: int
    question: AnyQuestion


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """To the analyst: this answer is not wanted any more."""

    number: int


class Far(msgspec.Struct, frozen=True, tag="far"):
    """From the analyst: how far it is."""

    number: int
    done: int
    total: int
    what: str


class Kept(msgspec.Struct, frozen=True, tag="kept"):
    """From the analyst: the answer is kept (`labbench.runs.analyses`)."""

    number: int
    digest: str
    """Of the weights it is about."""


class Loose(msgspec.Struct, frozen=True, tag="loose"):
    """From the analyst: the answer can be kept nowhere; it follows (`analyses.encoded`)."""

    number: int
    size: int
    """In bytes."""
    why: str


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """From the analyst: it has stopped."""

    number: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """From the analyst: this cannot be answered."""

    number: int
    exit_code: int
    what: str
    where: str
    hint: str


ToAnalyst = Request | Cancel
FromAnalyst = Far | Kept | Loose | Cancelled | Failed

to_analyst = msgspec.json.Decoder(ToAnalyst)
from_analyst = msgspec.json.Decoder(FromAnalyst)


def line(message: ToAnalyst | FromAnalyst) -> bytes:
    """The message with its newline."""
    return msgspec.json.encode(message) + b"\n"
