"""The options of an analysis, each declared once: as a field of a frozen struct.

    sort: Annotated[Sort, Option("Of the channels.", key="s", label="sort")] = "energy"

is an option of the command line, a part of what a tab shows, a key that goes to the next choice,
and a word of the copied command. Here and in the `options` of each analysis only msgspec is loaded.
"""

from __future__ import annotations

import functools
import types
import typing
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec

from labbench.text import shell_quoted


class Option(msgspec.Struct, frozen=True):
    """What is said of a field beside its type and default."""

    help: str
    name: str = ""
    """On the command line, where it is not that of the field."""
    metavar: str = ""
    least: float | None = None
    most: float | None = None
    key: str = ""
    """On the screen: goes to the next choice."""
    label: str = ""
    """Of the key, in one or two words."""
    does: str = ""
    """What the key does, in one sentence."""
    drawn: bool = False
    """Whether it changes only what is drawn of an answer, so that nothing is asked anew."""


class Declared(msgspec.Struct, frozen=True):
    """A field with its option."""

    field: str
    hint: Any
    """Its type, without the option."""
    default: Any
    option: Option

    @property
    def flag(self) -> str:
        """`--window-ms`."""
        return f"--{self.option.name or self.field.replace('_', '-')}"

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values that a key goes through."""
        if self.hint is bool:
            return (False, True)
        one = self.hint
        if isinstance(one, types.UnionType) or typing.get_origin(one) is typing.Union:
            [one] = (part for part in typing.get_args(one) if part is not type(None))
        return typing.get_args(one) if typing.get_origin(one) is Literal else ()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen of an analysis. The docstring is the help of its command."""

    command: ClassVar[str]
    """Its name after `labbench show RUN`."""
    title: ClassVar[str] = ""
    """Of its tab on the Inside screen; empty: that is a class of its own."""
    letter: ClassVar[str] = ""
    """The key that opens the tab."""
    about: ClassVar[str] = ""
    """What the tab shows, in a few sentences."""
    thing: ClassVar[str] = ""
    """What the tab's cursor goes over, in one word."""
    said: ClassVar[str] = ""
    """What is done to find out, for the tab's notice."""

    @classmethod
    def declared(cls) -> tuple[Declared, ...]:
        """Its fields, in their order."""
        return _declared(cls)

    def having(self, **values: Any) -> Self:
        """The same with other values."""
        return msgspec.structs.replace(self, **values)

    def next_choice(self, field: str) -> Any:
        """What a field's key goes to; after the last choice the first."""
        [one] = (one for one in self.declared() if one.field == field)
        place = one.choices.index(getattr(self, field)) + 1
        return one.choices[place % len(one.choices)]

    def asks_as(self, other: Options) -> bool:
        """Whether both differ in no more than what is drawn."""
        return all(
            getattr(self, one.field) == getattr(other, one.field)
            for one in self.declared() if not one.option.drawn
        )  # fmt: skip

    def words(self) -> list[str]:
        """The options on a command line: those that are not as they are by default."""
        found = []
        for one in self.declared():
            value = getattr(self, one.field)
            if value is True:
                found.append(one.flag)
            elif value != one.default:
                text = f"{value:g}" if isinstance(value, float) else str(value)
                found.append(f"{one.flag} {shell_quoted(text)}")
        return found


@functools.cache
def _declared(kind: type[Options]) -> tuple[Declared, ...]:
    hints = typing.get_type_hints(kind, include_extras=True)
    found = []
    for one in msgspec.structs.fields(kind):
        hint, option = typing.get_args(hints[one.name])
        found.append(Declared(one.name, hint, one.default, option))
    return tuple(found)


Clip = Annotated[
    str,
    Option(
        "A sound file, or a clip of the run's data set: its name or a part of it, its row, or a "
        "word (its first test clip). Default: the first test clip.",
        metavar="CLIP",
    ),
]
At = Annotated[
    float | None, Option("A time to mark.", metavar="SECONDS", least=0, most=1, drawn=True)
]
