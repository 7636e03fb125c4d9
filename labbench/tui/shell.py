"""The commands that every screen has."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

from labbench.tui.commands import EVERYWHERE, Command, command, commands_of
from labbench.tui.page import Page
from labbench.tui.routes import MODES, Mode, ToMode

R = TypeVar("R")


class Shell(Page[R]):
    """What can be done everywhere."""

    @command("escape", "back", when=lambda self: self.bench.can_go_back(), group=EVERYWHERE)
    def go_back(self) -> None:
        """Go back (never leaves labbench)."""
        self.bench.go_back()

    @command(
        "y", "copy command", when=lambda self: self.headless() is not None, group=EVERYWHERE
    )  # fmt: skip
    def copy_command(self) -> None:
        """Copy the command that does or prints this."""
        if line := self.headless():
            self.app.copy_to_clipboard(line)
            self.notify(line, title="Copied", timeout=6, markup=False)

    @command("e", "export", when=lambda self: self.exportable(), group=EVERYWHERE)
    def export(self) -> None:
        """Export what is shown: text, csv, json or svg."""
        from labbench.tui.dialogs import ask_and_export

        ask_and_export(self)

    @command("question_mark", "help", group=EVERYWHERE)
    def help(self) -> None:
        """Explain this screen and its keys."""
        from labbench.tui.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    @command("q", "leave", group=EVERYWHERE)
    def leave(self) -> None:
        """Leave labbench; runs continue."""
        self.bench.leave()

    @command("ctrl+p,colon", "commands", group=EVERYWHERE, shown=False)
    def find_command(self) -> None:
        """Find any command by its name."""
        self.app.action_command_palette()

    @command("ctrl+t", "theme", group=EVERYWHERE, shown=False)
    def switch_theme(self) -> None:
        """Switch between the dark and the light theme."""
        self.bench.switch_theme()

    @command("ctrl+z", "to the shell", group=EVERYWHERE, shown=False)
    def suspend(self) -> None:
        """Suspend labbench to the shell; `fg` returns."""
        self.app.action_suspend_process()


def _open_mode(mode: Mode, screen: Shell[Any]) -> None:
    screen.bench.go(ToMode(mode.name))


SHELL: tuple[Command, ...] = (
    *commands_of(Shell),
    *(
        Command(
            f"open_{mode.name}", mode.key, mode.title, f"{mode.title}: {mode.about}",
            partial(_open_mode, mode), group=EVERYWHERE, shown=False,
        )
        for mode in MODES
    ),
)  # fmt: skip
"""In the order of the key line, after the screen's own."""
