"""The palette: any command of the screen in front, found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

if TYPE_CHECKING:
    from labbench.tui.commands import Command
    from labbench.tui.page import Page


class Palette(Provider):
    """All commands of the screen in front, those that cannot act now left out."""

    def _ready(self) -> list[Command]:
        screen = cast("Page[Any]", self.screen)
        return [one for one in screen.all_commands() if one.ready(screen)]

    def _hit(self, command: Command) -> tuple[str, Any]:
        screen = cast("Page[Any]", self.screen)
        return command.summary, lambda: screen.app.call_later(screen.action_do, command.name)

    async def discover(self) -> Hits:
        for command in self._ready():
            text, act = self._hit(command)
            yield DiscoveryHit(text, act, text, help=f"key {command.sign}")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._ready():
            text, act = self._hit(command)
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), act, text, help=f"key {command.sign}")


class PaletteScreen(CommandPalette):
    """Textual's palette. Its list can be moved in only once it has lines: not while it is laid out,
    nor where the terminal has no room for one. It closes itself, and no other screen."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        if not self.is_mounted:
            self.call_later(self.action_dismiss, result)
        elif self.app.screen is self:
            return super().dismiss(result)
        # Else a second enter or escape had come before the first closed it.
        return AwaitComplete()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command_list" and not any(one.size.height for one in self.query(CommandList)):
            return False
        return super().check_action(action, parameters)
