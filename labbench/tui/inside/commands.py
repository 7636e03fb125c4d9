"""What can be done in every tab, and how a tab's own commands become the screen's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.inside.tab import Tab

if TYPE_CHECKING:
    from labbench.tui.inside.screen import InsideScreen

TABS_GROUP = "Tabs"


class Cancel(Command["InsideScreen"]):
    """Cancel what is being computed."""

    key, label = "escape", "cancel"

    @classmethod
    def act(cls, screen: InsideScreen) -> None:
        assert screen.tab is not None
        screen.tab.cancel()

    @classmethod
    def ready(cls, screen: InsideScreen) -> bool:
        return screen.tab is not None and screen.tab.busy


class Again(Command["InsideScreen"]):
    """Ask again for what could not be shown."""

    key, label = "enter", "try again"

    @classmethod
    def act(cls, screen: InsideScreen) -> None:
        screen.again()

    @classmethod
    def ready(cls, screen: InsideScreen) -> bool:
        tab = screen.tab
        return tab is not None and not tab.busy and (tab.why is not None or tab.called_off)


class NextTab(Command["InsideScreen"]):
    """Go to the next tab."""

    key, label, group = "tab", "tabs", TABS_GROUP

    @classmethod
    def act(cls, screen: InsideScreen) -> None:
        screen.next_tab(1)

    @classmethod
    def ready(cls, screen: InsideScreen) -> bool:
        return screen.tab is not None and len(screen.tabs) > 1


class PreviousTab(NextTab):
    """Go to the tab before."""

    key, label, shown = "shift+tab", "tab before", False

    @classmethod
    def act(cls, screen: InsideScreen) -> None:
        screen.next_tab(-1)


COMMANDS: tuple[AnyCommand, ...] = (Cancel, Again, NextTab, PreviousTab)


def opens(tab: type[Tab]) -> AnyCommand:
    """The command that opens a tab."""

    class Open(Command["InsideScreen"]):
        key, label, group, shown = tab.letter, tab.title, TABS_GROUP, False

        @classmethod
        def act(cls, screen: InsideScreen) -> None:
            screen.open_tab(tab)

        @classmethod
        def ready(cls, screen: InsideScreen) -> bool:
            return screen.subject is not None

    Open.__name__ = f"Open{tab.__name__}"
    Open.__doc__ = f"Go to {tab.title}."
    return Open


def adapted(tab: type[Tab], command: AnyCommand) -> AnyCommand:
    """A tab's command as one of the screen, which acts only while that tab is in front."""

    class Adapted(Command["InsideScreen"]):
        key, label, group, shown = command.key, command.label, command.group, command.shown

        @classmethod
        def act(cls, screen: InsideScreen) -> None:
            command.act(screen.tab)

        @classmethod
        def ready(cls, screen: InsideScreen) -> bool:
            return isinstance(screen.tab, tab) and command.ready(screen.tab)

        @classmethod
        def sign(cls) -> str:
            return command.sign()

    Adapted.__name__ = f"{tab.__name__}{command.__name__}"
    Adapted.__doc__ = command.__doc__
    return Adapted


def brackets(tab: type[Tab]) -> tuple[AnyCommand, ...]:
    """What `[` and `]` do in a tab."""

    class Before(Command["InsideScreen"]):
        key, label = "left_square_bracket", tab.brackets

        @classmethod
        def act(cls, screen: InsideScreen) -> None:
            assert screen.tab is not None
            screen.tab.step(-1)

        @classmethod
        def ready(cls, screen: InsideScreen) -> bool:
            return isinstance(screen.tab, tab)

        @classmethod
        def sign(cls) -> str:
            return "[ ]"

    class After(Before):
        key, shown = "right_square_bracket", False

        @classmethod
        def act(cls, screen: InsideScreen) -> None:
            assert screen.tab is not None
            screen.tab.step(1)

        @classmethod
        def sign(cls) -> str:
            return "]"

    Before.__name__, After.__name__ = f"{tab.__name__}Before", f"{tab.__name__}After"
    Before.__doc__ = f"The {tab.brackets} before this one; with ] the one after it."
    After.__doc__ = f"The {tab.brackets} after this one."
    return Before, After


def of_tabs(tabs: tuple[type[Tab], ...]) -> dict[type[Tab], tuple[Any, ...]]:
    """The commands of each tab."""
    return {
        tab: (*brackets(tab), *(adapted(tab, command) for command in tab.commands)) for tab in tabs
    }
