"""JSON and TOML that anything may have happened to."""

from __future__ import annotations

import tomllib
from typing import Any, TypeVar

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


MOST_LEVELS = 64
"""Tables and lists of a TOML text that may lie in one another."""


def toml_tree(text: str) -> dict[str, Any]:
    """What a TOML text says.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML, or holds what no setting can be: levels without
            end, or whole numbers beyond 64 bits (Python refuses to read or print the longest).
    """
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise tomllib.TOMLDecodeError(str(error)) from None
    _check_sizes(tree, MOST_LEVELS)
    return tree


def _check_sizes(value: Any, levels: int) -> None:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise tomllib.TOMLDecodeError("A whole number has more than 64 bits")
    if isinstance(value, dict | list):
        if not levels:
            raise tomllib.TOMLDecodeError(f"Nested deeper than {MOST_LEVELS} levels")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_sizes(inner, levels - 1)
