"""What can be done with data sets and their clips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command

if TYPE_CHECKING:
    from labbench.tui.data.clips import ClipsScreen
    from labbench.tui.data.screen import DataScreen


class Browse(Command["DataScreen"]):
    """Look through the clips of the data set."""

    key, label = "enter,l,right", "clips"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.browse()

    @classmethod
    def ready(cls, screen: DataScreen) -> bool:
        return screen.usable is not None


class GoOn(Command["DataScreen"]):
    """Go on with what was cancelled, failed or was lost."""

    key, label = "r", "go on"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.go_on()

    @classmethod
    def ready(cls, screen: DataScreen) -> bool:
        return screen.job is not None and not screen.job.live


class Cancel(Command["DataScreen"]):
    """Stop the making of this data set; what was downloaded is kept."""

    key, label = "x", "cancel"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.cancel()

    @classmethod
    def ready(cls, screen: DataScreen) -> bool:
        return screen.job is not None and screen.job.live


class Add(Command["DataScreen"]):
    """Add your own clips: a folder or an archive with one folder a word."""

    key, label = "a", "add"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.ask_add()


class Fetch(Command["DataScreen"]):
    """Fetch Speech Commands, the clips of the published figures."""

    key, label = "d", "fetch"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.ask_fetch()


class Synthesise(Command["DataScreen"]):
    """Make spoken words with a speech synthesiser (eSpeak NG)."""

    key, label = "m", "make synthetic"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.ask_synth()


class Remove(Command["DataScreen"]):
    """Delete the data set, or forget what was not finished (asked)."""

    key, label = "D,delete", "delete"

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.ask_remove()

    @classmethod
    def ready(cls, screen: DataScreen) -> bool:
        return screen.chosen is not None and (screen.job is None or not screen.job.live)


class ScrollDown(Command["DataScreen"]):
    """Scroll what is told of the data set."""

    key, label, shown = "J,ctrl+d", "scroll", False

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.scroll_detail(6)


class ScrollUp(Command["DataScreen"]):
    """Scroll what is told of the data set up again."""

    key, label, shown = "K,ctrl+u", "scroll", False

    @classmethod
    def act(cls, screen: DataScreen) -> None:
        screen.scroll_detail(-6)


class Open(Command["ClipsScreen"]):
    """Look at the clip: waveform and spectrogram."""

    key, label = "enter,l,right", "open"

    @classmethod
    def act(cls, screen: ClipsScreen) -> None:
        screen.open_clip()

    @classmethod
    def ready(cls, screen: ClipsScreen) -> bool:
        return bool(screen.found)


class Search(Command["ClipsScreen"]):
    """Search clips by a part of their name: a word, a speaker."""

    key, label = "slash", "search"

    @classmethod
    def act(cls, screen: ClipsScreen) -> None:
        screen.search()

    @classmethod
    def ready(cls, screen: ClipsScreen) -> bool:
        return screen.listing is not None

    @classmethod
    def sign(cls) -> str:
        return "/"


class OnlyWord(Command["ClipsScreen"]):
    """List the clips of one word only."""

    key, label = "w,f", "word"

    @classmethod
    def act(cls, screen: ClipsScreen) -> None:
        screen.ask_word()

    @classmethod
    def ready(cls, screen: ClipsScreen) -> bool:
        return screen.listing is not None


class OnlySplit(Command["ClipsScreen"]):
    """List the clips of one split only: train, validation, test."""

    key, label = "t", "split"

    @classmethod
    def act(cls, screen: ClipsScreen) -> None:
        screen.ask_split()

    @classmethod
    def ready(cls, screen: ClipsScreen) -> bool:
        return screen.listing is not None


class ListAll(Command["ClipsScreen"]):
    """List all clips again."""

    key, label = "escape", "all clips"

    @classmethod
    def act(cls, screen: ClipsScreen) -> None:
        screen.list_all()

    @classmethod
    def ready(cls, screen: ClipsScreen) -> bool:
        return screen.narrowed


COMMANDS: tuple[AnyCommand, ...] = (
    Browse, GoOn, Cancel, Add, Fetch, Synthesise, Remove, ScrollDown, ScrollUp,
)  # fmt: skip
CLIPS_COMMANDS: tuple[AnyCommand, ...] = (Open, ListAll, Search, OnlyWord, OnlySplit)
