"""What callers in Python may pass: checked at the door by the annotations of what they call."""

from __future__ import annotations

import functools
import inspect
import os
import typing
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from labbench.errors import LabbenchError
from labbench.text import shortened

P = ParamSpec("P")
T = TypeVar("T")

KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "Path": ((str, os.PathLike), "a path"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "True or False"),
    "Preset": ((), "a preset"),
    "None": ((type(None),), "None"),
}
"""By an annotation's words: the types that are let through, and what they are called."""


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """A public function that refuses arguments of another type than it is annotated with.

    Annotations of other words than those of `KINDS`, and lists of text, are left to the function.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def at_the_door(*args: P.args, **kwargs: P.kwargs) -> T:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            parameter = signature.parameters[name]
            several = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            for one in value if several else (value,):
                _check(name, one, str(parameter.annotation))
        return function(*args, **kwargs)

    return at_the_door


def _check(name: str, value: Any, annotation: str) -> None:
    if annotation == "Sequence[str]":
        texts = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        if not (texts and all(isinstance(one, str) for one in value)):
            raise _refused(name, value, "a list of texts")
        return
    if choices := _choices(annotation):
        if not isinstance(value, str) or value not in choices:
            raise _refused(name, value, ", ".join(choices))
        return
    words = annotation.split(" | ")
    if not all(word in KINDS for word in words):
        return
    fits = [_is(value, word) for word in words]
    if not any(fits):
        raise _refused(name, value, " or ".join(KINDS[word][1] for word in words))


def _choices(annotation: str) -> tuple[str, ...]:
    """What a choice of texts is between; nothing where it is another kind of annotation."""
    if annotation == "SplitName":
        from labbench.audio.meta import SplitName

        return typing.get_args(SplitName)
    if annotation == "Method":
        from labbench.interpret.attribution.options import Method

        return typing.get_args(Method)
    if annotation == "Layout":
        from labbench.interpret.embedding.options import Layout

        return typing.get_args(Layout)
    return ()


def _is(value: Any, word: str) -> bool:
    if word == "Preset":
        from labbench.presets import Preset

        return isinstance(value, Preset)
    if word in ("int", "float") and isinstance(value, bool):
        return False
    return isinstance(value, KINDS[word][0])


def _refused(name: str, value: Any, allowed: str) -> LabbenchError:
    return LabbenchError(
        f"{name} = {shortened(repr(value), 200)} is not allowed.", hint=f"Allowed: {allowed}."
    )
