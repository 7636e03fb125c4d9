"""The options of an analysis, each declared once: as a field of a frozen struct.

    sort: Annotated[Sort, Option("Of the channels.", key="s", label="sort")] = "energy"

is an option of the command line, a part of what a tab shows, a key that goes to the next choice,
and a word of the copied command. Here and in the `options` of each analysis only msgspec is loaded.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec

from labbench.text import shell_quoted


class Option(msgspec.Struct, frozen=True):
    """What is said of a field beside its type and default."""

    help: str
    name: str = ""
    """On the command line, where it is not that of the field."""
    metavar: str = ""
    argument: bool = False
    """Whether its place on the command line tells it, without a flag."""
    needed: bool = False
    """Of an argument: whether it has to be given."""
    check: Callable[[Any], object] | None = None
    """Raises ValueError for what it cannot be."""
    least: float | None = None
    most: float | None = None
    key: str = ""
    """On the screen: goes to the next choice."""
    through: tuple[Any, ...] = ()
    """What the key goes through, where the type does not tell it."""
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
        if self.option.through:
            return self.option.through
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
    title: ClassVar[str]
    """Of its tab on the Inside screen: one word."""
    letter: ClassVar[str]
    """The key that opens the tab: an upper-case letter."""
    about: ClassVar[str]
    """What the tab shows, in a few sentences."""
    thing: ClassVar[str] = ""
    """What the tab's cursor goes over, in one word."""
    said: ClassVar[str]
    """What is done to find out, for the tab's notice: `computing feature maps`."""
    of_show: ClassVar[bool] = True
    """Whether its command is one of `labbench show`, not one of its own."""

    @classmethod
    def declared(cls) -> tuple[Declared, ...]:
        """Its fields, in their order."""
        return _declared(cls)

    def having(self, **values: Any) -> Self:
        """The same with other values."""
        return msgspec.structs.replace(self, **values)

    def next_choice(self, field: str) -> Any:
        """What a field's key goes to; after the last choice the first. None is the first one."""
        [one] = (one for one in self.declared() if one.field == field)
        now, choices = getattr(self, field), one.choices
        return choices[(choices.index(now if now is not None else choices[0]) + 1) % len(choices)]

    def asks_as(self, other: Options) -> bool:
        """Whether both differ in no more than what is drawn."""
        return all(
            getattr(self, one.field) == getattr(other, one.field)
            for one in self.declared() if not one.option.drawn
        )  # fmt: skip

    def words(self) -> list[str]:
        """The options on a command line, arguments first: what is not as it is by default."""
        arguments: list[str] = []
        options: list[str] = []
        for one in self.declared():
            value = getattr(self, one.field)
            if one.option.argument:
                arguments += map(_written, value if isinstance(value, tuple) else [value])
            elif value is True:
                options.append(one.flag)
            elif value != one.default:
                options.append(f"{one.flag} {_written(value)}")
        return arguments + options

    def command_line(self, run: str) -> str:
        """The command that prints what they ask for of a run."""
        start = ("show", run, self.command) if self.of_show else (self.command, run)
        return " ".join(["labbench", *start, *self.words()])


def _written(value: Any) -> str:
    return shell_quoted(f"{value:g}" if isinstance(value, float) else str(value))


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
