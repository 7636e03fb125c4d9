"""What every screen of the app is made of: top line, body, key line, commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from labbench.tui.commands import Command, bindings, commands_of
from labbench.tui.shell import SHELL, Shell
from labbench.tui.table import Table
from labbench.tui.topline import KeyLine, TopLine

if TYPE_CHECKING:
    from labbench.draw.palette import Theme
    from labbench.runs.poller import RunsSnapshot

R = TypeVar("R")

WIDE = 100
"""From so many cells on, screens put things side by side."""


class BenchScreen(Shell[R]):
    """A screen of the bench. Subclasses say what is in it: see `labbench.tui`."""

    keys: ClassVar[tuple[str, ...]] = ()
    """Names of its commands in the order of the key line; those left out follow."""
    of_parts: ClassVar[tuple[Command, ...]] = ()
    """Commands of its parts, which act while their part is in front: before its own."""
    of_lists: ClassVar[tuple[Command, ...]] = ()
    """Commands made of a list, one for each of its entries: after its own."""
    commands: ClassVar[tuple[Command, ...]] = ()
    """Its own, those of lists and everybody's."""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"), (WIDE, "-wide"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"), (32, "-tall"),
    ]  # fmt: skip

    _drawn_in: Theme | None = None
    """The colours it was drawn with last."""

    def __init_subclass__(cls, **options: Any) -> None:
        own = (one for one in commands_of(cls, cls.keys) if one not in SHELL)
        cls.commands = (*own, *cls.of_lists, *SHELL)
        cls.BINDINGS = bindings((*cls.of_parts, *cls.commands))
        super().__init_subclass__(**options)

    @property
    def in_front(self) -> bool:
        """Whether it is seen and nothing covers it. A timer may ask while the app is leaving."""
        return self.app.screen_stack[-1:] == [self]

    def while_in_front(self, every_s: float, act: Callable[[], object]) -> None:
        """Do something so often as long as the screen is in front."""
        if self.bench.services.beating:
            self.set_interval(every_s, lambda: act() if self.in_front else None)

    def compose(self) -> ComposeResult:
        yield TopLine()
        yield from self.body()
        yield KeyLine()

    def body(self) -> Iterable[Widget]:
        """The widgets between top and key line."""
        raise NotImplementedError

    def theme_changed(self) -> None:
        """Other colours are wanted: draw again what was drawn with `bench.palette`."""
        self._drawn_in = self.bench.palette
        self.refresh_top()
        for table in self.query(Table):
            table.redraw()
        for line in self.query(KeyLine):
            line.refresh()
        self.runs_changed(self.bench.runs)
        self.refresh(layout=True)

    def runs_changed(self, runs: RunsSnapshot) -> None:
        """Runs are not as they were, or this screen came to the front."""

    def all_commands(self) -> tuple[Command, ...]:
        """Those that it offers as it stands now."""
        return self.commands

    def refresh_keys(self) -> None:
        """What can be done has changed: bring the key line up to date."""
        for line in self.query(KeyLine):
            line.bring_up_to_date()

    def refresh_top(self) -> None:
        """Where we are or what is live has changed."""
        for line in self.query(TopLine):
            line.bring_up_to_date()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.refresh_keys()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if self._drawn_in is not self.bench.palette:
            if self._drawn_in is not None:
                self.theme_changed()
            self._drawn_in = self.bench.palette
        self.runs_changed(self.bench.runs)
        self.refresh_top()
        self.refresh_keys()
