"""JSON that anything may have happened to."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decoded(content: bytes, kind: type[T]) -> T:
    """What a file holds.

    Raises:
        msgspec.DecodeError: it is damaged, or of another kind.
    """
    return decoded_by(msgspec.json.Decoder(kind), content)


def decoded_by(decoder: msgspec.json.Decoder[T], content: bytes) -> T:
    """What a text holds that is like many others.

    Raises:
        msgspec.DecodeError: it is damaged, or of another kind. msgspec lets text that is no UTF-8
            and brackets that are nested too deep out as errors that are not its own.
    """
    try:
        return decoder.decode(content)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None
