"""What may happen to a file: bytes flip, go or come twice, and values become another kind.

Every mutation is drawn by hypothesis, so that a failing one is cut down to the edit that matters.
"""

from __future__ import annotations

import copy
import json
import struct
import tomllib
from typing import Any

import tomli_w
from hypothesis import strategies as st

BITS = (
    b"", b"\0", b"\xff" * 8, b"\xe9", b"\n", b'"', b"{", b"}", b"[" * 2_000, b"nan", b"-", b"1e400",
    b"9" * 5_000, b"\\u0000", b"\\ud800", b"\xef\xbb\xbf", b"=", b"'''", b"../../etc/passwd",
)  # fmt: skip
"""What is put into a file somewhere."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, -(2**63), 2**64, 10**400, 0.5, -0.0, 1e308,
    float("nan"), float("inf"), "", "x", "\0", "../..", "/", "a" * 5_000, "\u202e", "é", "1", [],
    [[]], [None], [1, 2, 3], {}, {"": None}, {"a": {"b": []}},
)  # fmt: skip
"""What a value becomes."""


@st.composite
def bytes_of(draw: st.DrawFn, content: bytes) -> bytes:
    """The content after one to three edits of its bytes."""
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        # Most edits are near one place: a swap of half the file hides what the other half does.
        end = min(end, start + draw(st.sampled_from((0, 1, 4, 64, len(content)))))
        put = draw(st.sampled_from((*BITS, content[start:end] * 2)) | st.binary(max_size=4))
        content = content[:start] + put + content[end:]
    return content


@st.composite
def tree_of(draw: st.DrawFn, tree: Any) -> Any:
    """The tree after one or two of its values changed their kind, went or came to be."""
    tree = copy.deepcopy({"": tree})
    for _ in range(draw(st.integers(1, 2))):
        holder, key = draw(st.sampled_from(list(_places(tree))))
        match draw(st.sampled_from(("put", "put", "put", "drop", "more"))):
            case "drop" if holder is not tree:
                del holder[key]
            case "more" if isinstance(holder[key], dict):
                holder[key][draw(st.sampled_from(("", "x", "a.b", "\0")))] = draw(odd())
            case "more" if isinstance(holder[key], list):
                holder[key] = holder[key] * 2 + [draw(odd())]
            case _:
                holder[key] = draw(odd())
    return tree[""]


def odd() -> st.SearchStrategy[Any]:
    """A value that nobody meant."""
    return st.sampled_from(ODD) | st.integers() | st.floats() | st.text(max_size=4)


def json_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A JSON file with edits of its bytes or of its tree."""
    changed = tree_of(json.loads(content)).map(lambda tree: json.dumps(tree).encode())
    return changed | bytes_of(content)


def toml_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A TOML file with edits of its bytes or of its tree."""

    def written(tree: Any) -> bytes:
        try:
            return tomli_w.dumps(tree).encode()
        except (TypeError, ValueError, AttributeError):  # what TOML cannot say, such as null
            return repr(tree).encode(errors="replace")

    return tree_of(tomllib.loads(content.decode())).map(written) | bytes_of(content)


def safetensors_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A safetensors file with edits of its bytes or of its header's tree."""
    (size,) = struct.unpack("<Q", content[:8])
    rest = content[8 + size :]

    def put_together(header: Any) -> bytes:
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + rest

    return tree_of(json.loads(content[8 : 8 + size])).map(put_together) | bytes_of(content)


def _places(tree: Any) -> Any:
    """Every (holder, key) of a tree."""
    pairs = list(tree.items() if isinstance(tree, dict) else enumerate(tree))
    for key, value in pairs:
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)
