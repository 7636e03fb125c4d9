"""What may happen to a file: bytes flip, go or come twice, and values become another kind.

Every mutation is drawn by hypothesis, so that a failing one is cut down to the edit that matters.
"""

from __future__ import annotations

import copy
import io
import json
import struct
import tomllib
from typing import Any

import numpy as np
import tomli_w
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load, save

Array = NDArray[Any]

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
    meant = st.sampled_from(ODD) | st.integers() | st.floats() | st.text(max_size=4)
    return meant.map(copy.deepcopy)


def json_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A JSON file with edits of its bytes or of its tree."""
    changed = tree_of(json.loads(content)).map(lambda tree: json.dumps(tree).encode())
    return changed | bytes_of(content)


def lines_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A file of JSON lines with edits of its bytes, or of the tree of a line."""
    lines = content.splitlines(keepends=True)

    @st.composite
    def edited(draw: st.DrawFn) -> bytes:
        at = draw(st.integers(0, len(lines) - 1))
        line = json.dumps(draw(tree_of(json.loads(lines[at])))).encode()
        # As a worker writes it: readers look for the type at its place.
        line = line.replace(b": ", b":").replace(b", ", b",")
        return b"".join([*lines[:at], line, b"\n", *lines[at + 1 :]])

    return edited() | bytes_of(content)


def toml_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A TOML file with edits of its bytes or of its tree."""

    def written(tree: Any) -> bytes:
        try:
            return tomli_w.dumps(tree).encode()
        except (TypeError, ValueError, AttributeError):  # what TOML cannot say, such as null
            return repr(tree).encode(errors="replace")

    return tree_of(tomllib.loads(content.decode())).map(written) | bytes_of(content)


def safetensors_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A safetensors file with edits of its bytes, its header, what it says, or its arrays."""
    (size,) = struct.unpack("<Q", content[:8])
    header, rest = json.loads(content[8 : 8 + size]), content[8 + size :]
    metadata = header.get("__metadata__", {})

    def put_together(header: Any) -> bytes:
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + rest

    def told(key: str) -> st.SearchStrategy[bytes]:
        said = tree_of(json.loads(metadata[key])).map(json.dumps)
        return said.map(
            lambda text: put_together({**header, "__metadata__": {**metadata, key: text}})
        )

    @st.composite
    def reshaped(draw: st.DrawFn) -> bytes:
        arrays = load(content)
        for name in draw(st.lists(st.sampled_from(sorted(arrays)), min_size=1, max_size=2)):
            arrays[name] = draw(array_of(arrays[name]))
        if draw(st.integers(0, 9)) == 0:
            arrays.pop(draw(st.sampled_from(sorted(arrays))))
        return save(arrays, metadata=metadata or None)

    texts = [key for key, value in metadata.items() if value[:1] in "[{"]
    others = [told(key) for key in texts]
    return st.one_of(
        *others, *others, reshaped(), reshaped(), tree_of(header).map(put_together),
        bytes_of(content),
    )  # fmt: skip


def npy_of(content: bytes) -> st.SearchStrategy[bytes]:
    """A NumPy file with edits of its bytes or of its array."""

    def written(array: Array) -> bytes:
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        return file.getvalue()

    return array_of(np.load(io.BytesIO(content))).map(written) | bytes_of(content)


@st.composite
def array_of(draw: st.DrawFn, array: Array) -> Array:
    """The array with another shape or kind, or with a figure that nobody meant."""
    match draw(st.sampled_from(("shape", "shape", "kind", "figure", "figure"))):
        case "shape":
            rows = np.atleast_1d(array)
            shapes = (
                rows[:0], rows[:1], rows[:-1], np.concatenate([rows, rows]), array.ravel(),
                array[None], array[..., None], array.T, np.zeros((), array.dtype),
            )  # fmt: skip
            return np.ascontiguousarray(draw(st.sampled_from(shapes)))
        case "kind":
            kinds = ("float16", "float64", "float32", "int8", "int64", "uint8", "bool")
            with np.errstate(all="ignore"):
                return np.zeros(array.shape, draw(st.sampled_from(kinds)))
    changed = array.copy()
    if changed.size:
        at = draw(st.integers(0, changed.size - 1))
        extremes: list[Any] = [0]
        if array.dtype.kind in "iu":
            limits = np.iinfo(array.dtype)
            extremes = [limits.min, limits.max, 0, 1]
        elif array.dtype.kind == "f":
            extremes = [np.nan, np.inf, -np.inf, 0, -1, float(np.finfo(array.dtype).max)]
        elif array.dtype.kind == "S":
            extremes = [b"", b"\xff", b"../..", b"\x1b[2J"]
        changed.flat[at if draw(st.booleans()) else slice(None)] = draw(st.sampled_from(extremes))
    return changed


def _places(tree: Any) -> Any:
    """Every (holder, key) of a tree."""
    pairs = list(tree.items() if isinstance(tree, dict) else enumerate(tree))
    for key, value in pairs:
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)
