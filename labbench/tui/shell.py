"""The commands that every screen has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.modes import MODES, Mode

if TYPE_CHECKING:
    from labbench.tui.screen import BenchScreen

    Screen = BenchScreen[Any]

EVERYWHERE = "Everywhere"


class Back(Command["Screen"]):
    """Go back to where you came from (never leaves labbench)."""

    key, label, group = "escape", "back", EVERYWHERE

    @classmethod
    def act(cls, screen: Screen) -> None:
        screen.bench.go_back()

    @classmethod
    def ready(cls, screen: Screen) -> bool:
        return screen.bench.can_go_back()


class Copy(Command["Screen"]):
    """Copy the headless command that does or prints this."""

    key, label, group = "y", "copy command", EVERYWHERE

    @classmethod
    def act(cls, screen: Screen) -> None:
        if command := screen.headless():
            screen.app.copy_to_clipboard(command)
            screen.notify(command, title="Copied", timeout=6, markup=False)

    @classmethod
    def ready(cls, screen: Screen) -> bool:
        return screen.headless() is not None


class Export(Command["Screen"]):
    """Write what is seen to a file: text, csv, json or svg."""

    key, label, group = "e", "export", EVERYWHERE

    @classmethod
    def act(cls, screen: Screen) -> None:
        from labbench.tui.exporting import ask_and_export

        ask_and_export(screen)

    @classmethod
    def ready(cls, screen: Screen) -> bool:
        return screen.exportable()


class Help(Command["Screen"]):
    """What is this screen, and which keys act on it."""

    key, label, group = "question_mark", "help", EVERYWHERE

    @classmethod
    def act(cls, screen: Screen) -> None:
        from labbench.tui.help import HelpScreen

        screen.app.push_screen(HelpScreen(screen))

    @classmethod
    def sign(cls) -> str:
        return "?"


class AllCommands(Command["Screen"]):
    """Find any command by its name."""

    key, label, group, shown = "ctrl+p,colon", "commands", EVERYWHERE, False

    @classmethod
    def act(cls, screen: Screen) -> None:
        screen.app.action_command_palette()


class SwitchTheme(Command["Screen"]):
    """Switch between the dark and the light theme."""

    key, label, group, shown = "ctrl+t", "theme", EVERYWHERE, False

    @classmethod
    def act(cls, screen: Screen) -> None:
        screen.bench.switch_theme()


class Stop(Command["Screen"]):
    """Go to the shell for a while; its `fg` comes back."""

    key, label, group, shown = "ctrl+z", "to the shell", EVERYWHERE, False

    @classmethod
    def act(cls, screen: Screen) -> None:
        screen.app.action_suspend_process()


class Quit(Command["Screen"]):
    """Leave labbench; runs go on without it."""

    key, label, group = "q", "leave", EVERYWHERE

    @classmethod
    def act(cls, screen: Screen) -> None:
        screen.bench.leave()


def mode_command(mode: Mode) -> AnyCommand:
    """The command that opens a mode."""

    class Open(Command["Screen"]):
        key, label, group, shown = mode.key, mode.title, EVERYWHERE, False

        @classmethod
        def act(cls, screen: Screen) -> None:
            screen.bench.open_mode(mode.name)

    Open.__name__ = f"Open{mode.title}"
    Open.__doc__ = f"{mode.title}: {mode.about}."
    return Open


SHELL: tuple[AnyCommand, ...] = (
    Back, Copy, Export, Help, Quit, AllCommands, SwitchTheme, Stop, *map(mode_command, MODES),
)  # fmt: skip
"""In the order of the key line, after the screen's own."""
