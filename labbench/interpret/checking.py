"""Whether what was kept of an answer can be one: anything may have happened to the file."""

from __future__ import annotations

import dataclasses
import re
import typing
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

Rate = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
"""In hertz."""
Start = Annotated[float, msgspec.Meta(ge=-10, le=10)]
"""In seconds; what the first value of a clip sees may begin before it."""


def fitting(answer: T, *, apart: str = "", **lengths: str) -> T:
    """The answer, if its figures are of their kind and its arrays of the shapes that they name.

    `logits_NK` is (N, K): the same letter is the same size in all arrays of an answer, and never 0;
    a digit is a size. K is the number of `words`. Whole numbers in arrays count something; `labels`
    are below K.

    Args:
        apart: an array whose letters mean other sizes than those of the rest.
        lengths: letters, and the field whose length each is.

    Raises:
        ValueError: they are not.
    """
    if hasattr(answer, "words"):
        lengths.setdefault("K", "words")
    sizes = {letter: len(getattr(answer, field)) for letter, field in lengths.items()}
    for name, hint in typing.get_type_hints(type(answer), include_extras=True).items():
        value = getattr(answer, name)
        if typing.get_origin(hint) is np.ndarray:
            _check_array(name, value, hint, {} if name == apart else sizes)
        else:
            _check_value(value, hint)
    return answer


def _check_array(name: str, array: NDArray[Any], hint: Any, sizes: dict[str, int]) -> None:
    wanted = typing.get_args(typing.get_args(hint)[1])[0]
    kind = np.integer if issubclass(wanted, np.integer) else np.floating
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, kind):
        raise ValueError(f"{name} holds no {kind.__name__} numbers")
    letters = re.search(r"_([A-Z][A-Z0-9]*)$", name)
    shape = letters[1] if letters else "?"
    if len(shape) != array.ndim or not array.size:
        raise ValueError(f"{name} has the shape {array.shape}")
    for letter, size in zip(shape, array.shape, strict=True):
        due = int(letter) if letter.isdecimal() else sizes.setdefault(letter, size)
        if letter != "?" and size != due:
            raise ValueError(f"{name} has the shape {array.shape}, {letter} is {due}")
    if kind is np.integer:
        most = sizes["K"] if name.startswith("labels") and "K" in sizes else 1 << 62
        if not 0 <= int(array.min()) <= int(array.max()) < most:
            raise ValueError(f"{name} holds numbers outside its range")


def _check_value(value: Any, hint: Any) -> None:
    if isinstance(value, msgspec.Struct):
        return  # it is of the question
    if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        for one in value:
            fitting(one)
        return
    msgspec.convert(value, hint)
    if isinstance(value, int) and abs(value) >= 1 << 62:
        raise ValueError(f"{value} is no figure")
