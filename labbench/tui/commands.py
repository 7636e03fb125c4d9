"""Commands: one class for each thing a key does, listed once for keys, palette and help."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from labbench.tui.screen import BenchScreen

S = TypeVar("S")

SIGNS = {
    "enter": "enter", "escape": "esc", "space": "space", "ctrl+p": "^p", "ctrl+r": "^r",
    "left": "←", "right": "→", "up": "↑", "down": "↓", "plus": "+", "minus": "-", "tab": "tab",
    "pageup": "pgup", "pagedown": "pgdn", "shift+tab": "shift+tab", "delete": "del",
    "ctrl+z": "^z",
}  # fmt: skip
"""How keys are written, where not as they are named."""


class Command(Generic[S]):
    """What a key does, in one line: shown in help, palette and as tooltip."""

    key: ClassVar[str]
    """Textual's name of the key, or several with commas, the shown one first."""
    label: ClassVar[str]
    """One or two words for the key line."""
    group: ClassVar[str] = "This screen"
    """The help's heading it stands under."""
    shown: ClassVar[bool] = True
    """Whether the key line may show it; all are in help and palette."""

    @classmethod
    def act(cls, screen: S) -> None:
        """Do it."""
        raise NotImplementedError

    @classmethod
    def ready(cls, screen: S) -> bool:
        """Whether it can be done now."""
        return True

    @classmethod
    def summary(cls) -> str:
        """The docstring's first line, without its full stop."""
        return (cls.__doc__ or "").strip().splitlines()[0].rstrip(".")

    @classmethod
    def sign(cls) -> str:
        """The key as it is written."""
        return key_sign(cls.key)


AnyCommand = type[Command[Any]]


def key_sign(keys: str) -> str:
    """How the first of some keys is written; a pair such as `[,]` is written together."""
    names = [name for name in keys.split(",") if name]
    return SIGNS.get(names[0], names[0])


def bindings(commands: Iterable[AnyCommand]) -> list[BindingType]:
    """The commands as Textual's bindings of a screen."""
    return [
        Binding(
            command.key, f"screen.do('{command.__name__}')", command.label,
            key_display=command.sign(), tooltip=command.summary(),
        )
        for command in commands
    ]  # fmt: skip


class Palette(Provider):
    """All commands of the screen in front, those that cannot act now left out."""

    def _ready(self) -> list[AnyCommand]:
        screen: BenchScreen[Any] = self.screen  # type: ignore[assignment]
        return [one for one in screen.all_commands() if one.ready(screen)]

    def _hit(self, command: AnyCommand) -> tuple[str, Any]:
        screen = self.screen
        return command.summary(), lambda: screen.app.call_later(command.act, screen)

    async def discover(self) -> Hits:
        for command in self._ready():
            text, act = self._hit(command)
            yield DiscoveryHit(text, act, text, help=f"key {command.sign()}")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._ready():
            text, act = self._hit(command)
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), act, text, help=f"key {command.sign()}")


class PaletteScreen(CommandPalette):
    """Textual's palette. Its list can be moved in only once it has lines: not while it is laid out,
    nor where the terminal has no room for one."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command_list" and not self.query_one(CommandList).size.height:
            return False
        return super().check_action(action, parameters)
