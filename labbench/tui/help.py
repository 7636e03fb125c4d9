"""What a screen is, and all its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Group, RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from labbench.draw.plain import Table, Text
from labbench.tui.commands import EVERYWHERE, THIS_SCREEN, Command
from labbench.tui.dialogs import Dialog

if TYPE_CHECKING:
    from labbench.tui.page import Page

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
