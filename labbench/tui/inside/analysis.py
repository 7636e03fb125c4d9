"""Tabs that are drawn from the options of an analysis (`labbench.interpret.options`).

Their state is one struct of options: it makes the question, the picture, the keys that go through
choices, and the command that prints the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.options import Declared, Options
from labbench.interpret.picture import AnalysisView
from labbench.tui.commands import always, command
from labbench.tui.inside.clips import ClipTab
from labbench.tui.inside.job import Job
from labbench.tui.inside.moving import MovingByArrows
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.tab import Tab

if TYPE_CHECKING:
    from labbench.interpret.clip import ClipRef
    from labbench.interpret.question import Ask

TICK_S = 0.01
"""What one step of the cursor is."""


class AnalysisTab(Tab):
    """A tab whose state are the options of an analysis."""

    kind: ClassVar[type[Options]]
    shared: ClassVar[tuple[str, ...]]
    """Options that are what is chosen in all tabs: layer, channel, word."""
    said: ClassVar[str]
    """What is done to find out, for the notice: `computing feature maps`."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Make a key of each option that has one."""
        super().__init_subclass__(**more)
        for one in cls.kind.declared() if hasattr(cls, "kind") else ():
            if one.option.key:
                _add_key(cls, one)

    def __init__(self) -> None:
        super().__init__()
        self.options: Any = self.kind()
        self._view: Any = None

    # What is asked and shown

    def begin(self) -> None:
        self.options = self.with_chosen()
        run, options, analyst = self.inside.run_folder, self.options, self.inside.analyst
        find = self._module("answer").find

        def work(job: Job) -> Any:
            ask = partial(analyst.ask, report=job.report, wanted=job.wanted)
            return find(run, options, ask)

        self.ask(work, self.answered, self.said)

    def answered(self, found: Any) -> None:
        """It was found out."""
        view = self._module("picture").view
        try:
            self.see(view(self.inside.run_folder, self.options, found))
        except LabbenchError as error:
            self.why = error

    def change(self, **values: Any) -> None:
        """Have other options: drawn anew, or asked anew where that takes another answer."""
        before, self.options = self.options, self.options.having(**values)
        if not self.options.asks_as(before):
            self.begin()
        elif self._view is not None:
            self.see(self._view.having(self._view.options.having(**values)))

    def see(self, view: AnalysisView[Any]) -> None:
        """Show a view; what it shows is chosen in all tabs, unless another answer is under way."""
        self._view = view
        if self.options.asks_as(view.options):
            self.options = view.options
            values = {one: getattr(self.options, one) for one in self.shared}
            self.inside.choose(**{k: None if v == "" else v for k, v in values.items()})
        self.redraw()

    def with_chosen(self) -> Options:
        """The options with what is chosen in all tabs."""
        values = {one: getattr(self.chosen, one) for one in self.shared}
        if "word" in values:
            values["word"] = values["word"] or ""
        chosen: Options = self.options.having(**values)
        return chosen

    def _module(self, name: str) -> Any:
        return import_module(f"{self.kind.__module__.rpartition('.')[0]}.{name}")

    def picture(self) -> AnalysisView[Any] | None:
        shown: AnalysisView[Any] | None = self._view
        return shown

    def place_words(self) -> str:
        """Where the clip that is shown stands among others; empty for other tabs."""
        return ""

    def heading(self, theme: Theme) -> Text:
        return self._view.heading(theme, self.place_words()) if self._view else Text()

    def named(self) -> Options:
        """The options as a command line names them."""
        options: Options = self.options
        return options

    def headless(self) -> str | None:
        words = ["labbench show", self.inside.run_folder.called, self.kind.command]
        return " ".join([*words, *self.named().words()])

    def chosen_changed(self, before: Chosen) -> None:
        now, shown = self.with_chosen(), self._view and self._view.options
        if not now.asks_as(self.options):
            self.begin()
        elif shown and now != shown and now.asks_as(shown):  # else an answer is under way
            self.see(self._view.having(now))

    # What its keys do

    def click(self, x: int, y: int, *, twice: bool) -> None:
        view, size = self.picture(), self.picture_size
        if view and (clicked := view.clicked(x, y, size.width, size.height)) is not None:
            self.see(clicked)


class MovingAnalysisTab(AnalysisTab, MovingByArrows):
    """The same with a cursor that goes from one thing to the next."""

    def move(self, by: int) -> None:
        if self._view is not None:
            self.see(self._view.moved(by))


def tab_of(kind: type[Options]) -> type[AnalysisTab]:
    """The tab of an analysis that needs no class of its own."""
    said = {name: getattr(kind, name) for name in ("title", "letter", "about", "thing", "said")}
    name = f"{kind.title.capitalize()}Tab"
    steps = {"brackets": kind.thing, "step": MovingAnalysisTab.move}
    return type(name, (MovingAnalysisTab,), {**said, **steps, "kind": kind, "shared": ()})


class ClipAnalysisTab(AnalysisTab, ClipTab):
    """The same about a clip, with a cursor in time."""

    def begin(self) -> None:
        self.options = self.with_chosen()
        ClipTab.begin(self)

    def finder(self) -> Callable[[ClipRef, Ask], Any]:
        run, options = self.inside.run_folder, self.options
        find = self._module("answer").find
        return lambda clip, ask: find(run, options, ask, clip)

    def place_words(self) -> str:
        return ClipTab.place_words(self)

    def named(self) -> Options:
        clip, options = self.clip, super().named()
        return options if clip is None else options.having(clip=clip.path or clip.name)

    def chosen_changed(self, before: Chosen) -> None:
        if self.chosen.clip != self.clip:
            self.begin()
        else:
            super().chosen_changed(before)

    def move_cursor(self, by_s: float) -> None:
        """The cursor earlier or later; it begins in the middle."""
        at = self.options.at
        now = 0.5 if at is None else at + by_s
        self.change(at=round(min(max(now, 0.0), 1.0), 4))

    @command("right", "time", when=lambda self: self.found)
    def later(self) -> None:
        """Move the cursor on by a hundredth of a second."""
        self.move_cursor(TICK_S)

    @command("left", "earlier", when=lambda self: self.found, shown=False)
    def earlier(self) -> None:
        """Move the cursor back by a hundredth of a second."""
        self.move_cursor(-TICK_S)

    @command("x", "no cursor", when=lambda self: self.options.at is not None, shown=False)
    def no_cursor(self) -> None:
        """Take the cursor away."""
        self.change(at=None)


def _add_key(tab: type[AnalysisTab], one: Declared) -> None:
    """Give a tab the method `next_<field>`, whose key goes to the field's next choice."""

    def go_on(self: AnalysisTab) -> None:
        self.change(**{one.field: self.options.next_choice(one.field)})

    go_on.__name__, go_on.__doc__ = f"next_{one.field}", one.option.does
    ready = _can_be_drawn if one.option.drawn else always
    setattr(tab, go_on.__name__, command(one.option.key, one.option.label, when=ready)(go_on))


def _can_be_drawn(tab: Any) -> bool:
    return bool(tab.found)
