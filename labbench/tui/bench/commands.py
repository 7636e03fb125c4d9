"""What can be done on the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command

if TYPE_CHECKING:
    from labbench.tui.bench.screen import PresetsScreen


class Launch(Command["PresetsScreen"]):
    """Launch the chosen preset; open or close a group."""

    key, label = "enter", "launch"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        if screen.welcoming:
            screen.launch_demo()
        elif (preset := screen.chosen) is not None:
            screen.bench.launch(preset)
        else:
            screen.toggle()

    @classmethod
    def ready(cls, screen: PresetsScreen) -> bool:
        return not screen.typing


class TakeFound(Command["PresetsScreen"]):
    """Go to what was found."""

    key, label, group = "enter", "take", "Searching"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.take_found()

    @classmethod
    def ready(cls, screen: PresetsScreen) -> bool:
        return screen.typing


class Change(Command["PresetsScreen"]):
    """Change values of the chosen preset, then launch it."""

    key, label = "c", "change and launch"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.change()

    @classmethod
    def ready(cls, screen: PresetsScreen) -> bool:
        return screen.chosen is not None and not screen.welcoming


class Open(Command["PresetsScreen"]):
    """Open the group under the cursor, or close it."""

    key, label, shown = "space,right,l", "open", False

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.toggle()


class Close(Command["PresetsScreen"]):
    """Close the group under the cursor, or the one it is in."""

    key, label, shown = "left,h", "close", False

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.close()


class Search(Command["PresetsScreen"]):
    """Search presets by name and labels."""

    key, label = "slash", "search"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.search()

    @classmethod
    def ready(cls, screen: PresetsScreen) -> bool:
        return not screen.welcoming

    @classmethod
    def sign(cls) -> str:
        return "/"


class LeaveSearch(Command["PresetsScreen"]):
    """Leave the search; leave the greeting for the presets."""

    key, label = "escape", "presets"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        if screen.welcoming:
            screen.leave_welcome()
        else:
            screen.leave_search()

    @classmethod
    def ready(cls, screen: PresetsScreen) -> bool:
        return screen.welcoming or screen.searching


class ScrollDown(Command["PresetsScreen"]):
    """Scroll what stands on the right: the layers are below the settings."""

    key, label, shown = "J,ctrl+d", "scroll", False

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.scroll_detail(6)


class ScrollUp(Command["PresetsScreen"]):
    """Scroll what stands on the right up again."""

    key, label, shown = "K,ctrl+u", "scroll", False

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.scroll_detail(-6)


class AddClips(Command["PresetsScreen"]):
    """Add a folder of your own clips."""

    key, label = "a", "add clips"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.bench.add_clips()


class FetchClips(Command["PresetsScreen"]):
    """Fetch Speech Commands, the clips of the published figures."""

    key, label = "d", "fetch clips"

    @classmethod
    def act(cls, screen: PresetsScreen) -> None:
        screen.bench.fetch_clips()


COMMANDS: tuple[AnyCommand, ...] = (
    Launch, TakeFound, Change, LeaveSearch, Search, Open, Close, AddClips, FetchClips,
    ScrollDown, ScrollUp,
)  # fmt: skip
