"""The line at the bottom: the keys that act now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.style import Style
from textual.widget import Widget
from textual.widgets import Input

from labbench.draw.plain import Text
from labbench.tui.commands import Command

if TYPE_CHECKING:
    from labbench.tui.host import Host
    from labbench.tui.page import Page

ALWAYS = ("go_back", "help", "leave")
"""Commands that are never left out."""

GAP = "  "


class KeyLine(Widget):
    """One line of keys; the last are left out where room is scarce; back, help and leave stay."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; background: $surface; padding: 0 1; }"

    _shown = ""
    auto_links = False

    def bring_up_to_date(self) -> None:
        """Draw again if other keys act now."""
        if self._line(max(self.size.width, 1)).plain != self._shown:
            self.refresh()

    def render(self) -> Text:
        line = self._line(self.size.width)
        self._shown = line.plain
        return line

    def _line(self, width: int) -> Text:
        screen = cast("Page[Any]", self.screen)
        taken: set[str] = set()
        ready: list[Command] = []
        typing = isinstance(screen.focused, Input)
        for command in screen.all_commands():
            if typing and len(command.sign) == 1:
                continue  # It is typed into the field.
            if command.shown and command.key not in taken and command.ready(screen):
                taken.add(command.key)
                ready.append(command)
        fixed = [self._key(one) for one in ready if one.name in ALWAYS]
        others = [self._key(one) for one in ready if one.name not in ALWAYS]
        room = width - sum(one.cell_len + len(GAP) for one in fixed)
        kept: list[Text] = []
        for one in others:
            room -= one.cell_len + len(GAP)
            if room < 0:
                break
            kept.append(one)
        return Text(GAP, no_wrap=True, overflow="crop").join([*kept, *fixed])

    def _key(self, command: Command) -> Text:
        palette = cast("Host", self.app).palette
        click = Style.from_meta({"@click": f"screen.do('{command.name}')"})
        return Text.assemble(
            (command.sign, Style(color=palette.accent, bold=True) + click),
            (f" {command.label}", Style.parse(palette.muted) + click),
        )
