"""What a screen is and all its keys; and any command of it, found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.console import Group, RenderableType
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.containers import VerticalScroll
from textual.widgets import Static

from labbench.draw.plain import Table, Text
from labbench.tui.commands import EVERYWHERE, THIS_SCREEN, Command
from labbench.tui.dialogs import Dialog
from labbench.tui.page import Leavable, Page

if TYPE_CHECKING:
    from labbench.tui.commands import Command

MOVING = (
    ("↑ ↓ ← →", "move; so do h j k l"), ("pgup pgdn", "a page"), ("home end", "to the ends"),
)  # fmt: skip


class HelpScreen(Dialog[None]):
    """The help of the screen below; any of its closing keys goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,question_mark,enter", "dismiss", "back"), ("j", "down", "down"),
        ("k", "up", "up"),
    ]  # fmt: skip

    def __init__(self, of: Page[Any]) -> None:
        super().__init__()
        self._of = of

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(self._text())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _text(self) -> RenderableType:
        palette = self._of.bench.palette
        parts: list[RenderableType] = [Text(self._of.explained())]
        groups: dict[str, list[Command]] = {THIS_SCREEN: []}
        for command in self._of.all_commands():
            groups.setdefault(command.group, []).append(command)
        for title, commands in groups.items():
            parts.append(Text("\n").append(title, style="bold"))
            rows = [(one.sign, one.summary) for one in commands]
            if title == EVERYWHERE:
                rows = [*MOVING, *rows]
            table = Table.grid(padding=(0, 2, 0, 0))
            table.add_column(width=11, style=palette.accent)
            table.add_column()
            for key, text in rows:
                table.add_row(key, text)
            parts.append(table)
        return Group(*parts)

    def action_down(self) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=3, animate=False)

    def action_up(self) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=-3, animate=False)


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


class PaletteScreen(CommandPalette, Leavable[None]):
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
