"""Commands: a key is a line on the method that does it.

`@command(key, label, when=...)` on a method of a screen (or of a tab, or of a mix-in) makes it one;
keys, key line, palette, help and tooltip are all drawn from it. The method's docstring says what it
does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Any, TypeVar

from textual.binding import Binding, BindingType

Method = TypeVar("Method", bound=Callable[..., None])

SIGNS = {
    "enter": "enter", "escape": "esc", "space": "space", "ctrl+p": "^p", "ctrl+r": "^r",
    "left": "←", "right": "→", "up": "↑", "down": "↓", "plus": "+", "minus": "-", "tab": "tab",
    "pageup": "pgup", "pagedown": "pgdn", "shift+tab": "shift+tab", "delete": "del",
    "ctrl+z": "^z",
    "slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip
"""How keys are written, where not as they are named."""

THIS_SCREEN = "This screen"
EVERYWHERE = "Everywhere"


def always(owner: Any) -> bool:
    """For what can be done at any time."""
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """What a key does."""

    name: str
    """The method's name, by which keys and clicks find it."""
    key: str
    """Textual's name of the key, or several with commas, the shown one first."""
    label: str
    """One or two words for the key line."""
    summary: str
    """What it does, in one line: for help, palette and tooltip."""
    act: Callable[[Any], None]
    """Do it; gets the screen, or the tab, that it was declared on."""
    ready: Callable[[Any], bool] = always
    """Whether it can be done now."""
    group: str = THIS_SCREEN
    """The help's heading it stands under."""
    shown: bool = True
    """Whether the key line may show it; all are in help and palette."""
    written: str = ""
    """How the key is written, where not as `SIGNS` has it."""

    @property
    def sign(self) -> str:
        """The key as it is written."""
        first = next(name for name in self.key.split(",") if name)
        return self.written or SIGNS.get(first, first)

    def of_part(
        self, name: str, part: Callable[[Any], Any], front: Callable[[Any], bool]
    ) -> Command:
        """The command as one of the screen.

        Args:
            name: its name there.
            part: what of the screen it was declared on.
            front: whether that part is in front.
        """
        return replace(
            self, name=name, act=lambda screen: self.act(part(screen)),
            ready=lambda screen: front(screen) and self.ready(part(screen)),
        )  # fmt: skip


def command(
    key: str,
    label: str,
    *,
    when: Callable[[Any], bool] = always,
    group: str = THIS_SCREEN,
    shown: bool = True,
    written: str = "",
) -> Callable[[Method], Method]:
    """Make a method what a key does: see `Command`. Its docstring's first line is the summary."""

    def mark(method: Method) -> Method:
        name, summary = method.__name__, summary_of(method)
        method.command = Command(  # type: ignore[attr-defined]
            name, key, label, summary, methodcaller(name), when, group, shown, written
        )
        return method

    return mark


def summary_of(method: Callable[..., Any]) -> str:
    """The first line of its docstring, without the full stop; its name where -OO left none."""
    return (method.__doc__ or method.__name__).strip().splitlines()[0].rstrip(".")


def commands_of(owner: type, order: Sequence[str] = ()) -> tuple[Command, ...]:
    """The commands declared on a class and those it inherits.

    Args:
        order: names of those that come first; the others follow as they were declared, those of
            the class itself before those of its bases.

    A label or docstring may name an attribute of the class in braces, which stands in its place:
    so a mix-in says "the next {thing}", and the class what things it has.
    """
    found: dict[str, Command] = {}
    for one in owner.__mro__:
        for name, method in vars(one).items():
            if isinstance(made := getattr(method, "command", None), Command):
                found.setdefault(name, made)
    first = {name: found[name] for name in order}
    return tuple(_worded(one, owner) for one in (first | found).values())


def _worded(one: Command, owner: type) -> Command:
    """A command with the attributes of a class in the place of their names."""

    def word(match: re.Match[str]) -> str:
        return str(getattr(owner, match[1]))

    label, summary = (re.sub(r"\{(\w+)\}", word, text) for text in (one.label, one.summary))
    return replace(one, label=label, summary=summary) if "{" in one.label + one.summary else one


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The commands as Textual's bindings of a screen."""
    return [
        Binding(
            one.key, f"screen.do('{one.name}')", one.label, key_display=one.sign,
            tooltip=one.summary,
        )
        for one in commands
    ]  # fmt: skip
