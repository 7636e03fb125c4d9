"""What top line, key line, help, palette and export know of a screen; `screen` gives the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.await_remove import AwaitRemove
from textual.screen import Screen

from labbench.tui.commands import Command
from labbench.tui.host import Host

if TYPE_CHECKING:
    from labbench.draw.export import View

R = TypeVar("R")


class Leavable(Screen[R]):
    """A screen that hears of nothing once it was left, but for what is called later.

    Textual takes its widgets away while keys and the mouse still wait in its queue, and tells a
    screen that was left before it stood that it was mounted and came to the front.
    """

    gone = False
    """Whether it was taken from in front of another screen, and soon is no more."""

    def remove(self) -> AwaitRemove:
        self.gone = True
        return super().remove()

    async def on_event(self, event: events.Event) -> None:
        if not self.gone or isinstance(event, events.Callback | events.Unmount):
            await super().on_event(event)


class Page(Leavable[R]):
    """A screen as those see it that are on every screen. Subclasses say what is in it."""

    about: ClassVar[str] = ""
    """What this screen is, in a sentence or two: the help's first words."""

    @property
    def bench(self) -> Host:
        """The app."""
        return cast(Host, self.app)

    def all_commands(self) -> tuple[Command, ...]:
        """Those that it offers as it stands now."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action != "do":
            return super().check_action(action, parameters)
        return any(one.ready(self) for one in self._named(str(parameters[0])))

    def action_do(self, name: str) -> None:
        """Run the command of that name."""
        for command in self._named(name):
            if command.ready(self):
                command.act(self)
                return

    def _named(self, name: str) -> list[Command]:
        return [one for one in self.all_commands() if one.name == name]

    def where(self) -> str:
        """Where in the mode you are, for the top line: a run's id, a layer; may be empty."""
        return ""

    def explained(self) -> str:
        """What the help says first."""
        return self.about

    def clips(self) -> str:
        """Which clips are seen here; empty: those that new runs get."""
        return ""

    def headless(self) -> str | None:
        """The command line that does or prints what is seen."""
        return None

    def exportable(self) -> bool:
        """Whether what is seen can be written to a file."""
        return False

    def view(self) -> View | None:
        """What is seen, to be exported. May read files: it is called in a thread."""
        return None

    def export_name(self) -> str:
        """What a file that holds it is named after."""
        return self.where()
