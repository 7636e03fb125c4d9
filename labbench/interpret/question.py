"""A question about a net and its answer, and how an answer is kept.

An answer is a frozen dataclass. What is kept of it: its arrays under their names without shape and
unit (`before_CT` as `before`), the rest in `about`; what the question says already is not kept.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from labbench.runs import RunFolder, analyses, weights
from labbench.runs.analyses import Analysis

Rate = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
"""In hertz."""
Start = Annotated[float, msgspec.Meta(ge=-10, le=10)]
"""In seconds; what the first value of a clip sees may begin before it."""

NOT_KEPT = re.compile(r"_(?:[A-Z][A-Z0-9]*|hz|s)$")
"""What an array's name is kept without."""

LARGEST = 1 << 62
"""Whole numbers are below."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was found out. Subclasses are frozen dataclasses with slots.

    `logits_NK` is (N, K): the same letter is the same size in all arrays of an answer, and never 0;
    a digit is a size. K is the number of `words`. Whole numbers in arrays count something; `labels`
    are below K.
    """

    apart: ClassVar[str] = ""
    """An array whose letters mean other sizes than those of the rest."""
    lengths: ClassVar[Mapping[str, str]] = {}
    """Letters, and the field whose length each is."""

    def check(self) -> None:
        """What no shape tells.

        Raises:
            ValueError: it cannot be.
        """


A = TypeVar("A", bound=Answer)


class Question(msgspec.Struct, Generic[A], frozen=True, kw_only=True, tag_field="kind"):
    """What an analyst can be asked; one subclass a kind. Its fields are all the answer depends on.

    `class MapsQuestion(Question[Maps], frozen=True, kw_only=True, tag="maps")`.
    """

    @classmethod
    def answer_type(cls) -> Any:
        """The class of its answers."""
        [base] = cls.__orig_bases__  # type: ignore[attr-defined]
        [found] = typing.get_args(base)
        return found


class Ask(Protocol):
    """A way to have questions answered: by an analyst, or by torch in this process."""

    def __call__(self, question: Question[A], /) -> A:
        """Raises LabbenchError: it cannot be answered, and why."""


def kept(run: RunFolder, question: Question[A], digest: str = "") -> A | None:
    """The answer, where it is kept.

    Args:
        digest: of the weights; empty: of the run's best ones now.

    Raises:
        RunError: the run has no checkpoint yet.
    """
    name = analyses.key(question, digest or weights.checkpoint(run.path).digest)
    return analyses.load(run.path, name, lambda found: restored(question, found))


def stored(question: Question[A], answer: A) -> Analysis:
    """An answer as it is kept."""
    found = Analysis({}, {})
    _store(answer, msgspec.structs.asdict(question), found.arrays, found.about, "")
    return found


def _store(
    part: Any, said: Mapping[str, Any], arrays: dict[str, Any], about: dict[str, Any], prefix: str
) -> None:  # fmt: skip
    """Put the fields of an answer, or of a part of it, to the others.

    Args:
        said: what the question, or what the part is of, says already.
        prefix: of its arrays' names.
    """
    fields = {one.name: getattr(part, one.name) for one in dataclasses.fields(part)}
    for name, value in fields.items():
        if name in said and (isinstance(value, np.ndarray) or said[name] or not value):
            continue
        if isinstance(value, np.ndarray):
            arrays[prefix + NOT_KEPT.sub("", name)] = value
        elif dataclasses.is_dataclass(value):
            _store(value, fields, arrays, about.setdefault(name, {}), prefix)
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            about[name] = [{} for _ in value]
            for each, words in zip(value, about[name], strict=True):
                _store(each, {**said, **fields}, arrays, words, f"{getattr(each, 'name', name)}.")
        else:
            about[name] = value


def restored(question: Question[A], found: Analysis) -> A:
    """An answer from what is kept of it: anything may have happened to that.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: it is damaged.
    """
    said = msgspec.structs.asdict(question)
    answer: A = _restore(question.answer_type(), said, found.arrays, found.about, "")
    return answer


def _restore(
    kind: Any, said: Mapping[str, Any], arrays: dict[str, Any], about: Any, prefix: str
) -> Any:  # fmt: skip
    given: dict[str, Any] = {}
    for name, hint in _hints(kind).items():
        array = prefix + NOT_KEPT.sub("", name)
        if typing.get_origin(hint) is np.ndarray:
            given[name] = _of_kind(arrays[array], hint) if array in arrays else said[name]
        elif name in said and (said[name] or name not in about):
            given[name] = said[name]
        elif dataclasses.is_dataclass(hint):
            given[name] = _restore(typing.cast(Any, hint), said, arrays, about[name], prefix)
        elif dataclasses.is_dataclass(each := (*typing.get_args(hint), None)[0]):
            outer = {**said, **given}
            given[name] = tuple(
                _restore(typing.cast(Any, each), outer, arrays, one, f"{one.get('name', name)}.")
                for one in about[name]
            )
        else:
            given[name] = _checked(about[name], hint)
    answer = kind(**given)
    _check_shapes(answer)
    if isinstance(answer, Answer):
        answer.check()
    return answer


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of its fields, in their order."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind)}


def _wanted(hint: Any) -> Any:
    """The kind of numbers that an array of this type holds."""
    return typing.get_args(typing.get_args(hint)[1])[0]


def _of_kind(array: Any, hint: Any) -> Any:
    """Floats as the answer has them, which may be more exact than those that are kept."""
    wanted = _wanted(hint)
    if np.issubdtype(wanted, np.floating) and np.issubdtype(array.dtype, np.floating):
        return array.astype(wanted, copy=False)
    return array


def _check_shapes(answer: Any) -> None:
    """Raises ValueError: its arrays are not of the shapes that they name."""
    lengths = dict(getattr(answer, "lengths", {}))
    if hasattr(answer, "words"):
        lengths.setdefault("K", "words")
    sizes = {letter: len(getattr(answer, field)) for letter, field in lengths.items()}
    kind: Any = type(answer)
    for name, hint in _hints(kind).items():
        if typing.get_origin(hint) is np.ndarray:
            of_own = name == getattr(answer, "apart", "")
            _check_array(name, getattr(answer, name), _wanted(hint), {} if of_own else sizes)


def _check_array(name: str, array: NDArray[Any], wanted: Any, sizes: dict[str, int]) -> None:
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
        most = sizes["K"] if name.startswith("labels") and "K" in sizes else LARGEST
        if not 0 <= int(array.min()) <= int(array.max()) < most:
            raise ValueError(f"{name} holds numbers outside its range")


def _checked(value: Any, hint: Any) -> Any:
    """A figure, a name or several, if they are of their kind."""
    found = msgspec.convert(value, hint)
    if isinstance(found, int) and abs(found) >= LARGEST:
        raise ValueError(f"{found} is no figure")
    return found
