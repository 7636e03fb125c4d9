"""Tabs drawn from the options of an analysis (`labbench.interpret.options`).

Their state is one struct of options: it makes the question, the picture, the keys that go through
choices, and the command that prints the same. What a tab may say beside it: `with_chosen`,
`finder`, `answered`, `named` and `can_choose`, and keys of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret import analyses
from labbench.interpret.features.options import FLATTEN
from labbench.interpret.options import Declared, Options
from labbench.interpret.picture import AnalysisView
from labbench.tui.commands import command
from labbench.tui.inside.frame import Chosen
from labbench.tui.inside.tab import Tab
from labbench.tui.inside.work import Job

if TYPE_CHECKING:
    from labbench.interpret.question import Ask

PAGE = 10
"""Things that a page is."""

ALL = 1 << 16
"""More things than there are."""


class AnalysisTab(Tab):
    """A tab whose state are the options of an analysis."""

    kind: ClassVar[type[Options]]
    shared: ClassVar[tuple[str, ...]] = ()
    """Options that are what is chosen in all tabs: layer, channel, word, pair."""
    thing: ClassVar[str]
    """What its cursor goes over, in one word."""
    said: ClassVar[str]

    def __init_subclass__(cls, **more: Any) -> None:
        """Take over what the options say of the tab, and make a key of each that has one."""
        super().__init_subclass__(**more)
        if "kind" in vars(cls):
            for name in ("title", "letter", "about", "thing", "said"):
                setattr(cls, name, getattr(cls.kind, name))
            for one in cls.kind.declared():
                if one.option.key:
                    _add_key(cls, one)

    def __init__(self) -> None:
        super().__init__()
        self.options: Any = self.kind()
        self._view: Any = None

    # What a tab may say

    def with_chosen(self) -> Options:
        """The options with what is chosen in all tabs."""
        usual = self.kind()
        values = {one: getattr(self.chosen, one) for one in self.shared}
        chosen: Options = self.options.having(
            **{one: getattr(usual, one) if v is None else v for one, v in values.items()}
        )
        return chosen

    def finder(self) -> Callable[[Ask], Any]:
        """What finds out, by asking, what the options want; called in a thread."""
        return partial(analyses.find, self.inside.run_folder, self.options)

    def answered(self, found: Any) -> None:
        """It was found out."""
        try:
            view = analyses.view(self.inside.run_folder, self.options, found).with_cursor()
        except LabbenchError as error:
            self.why = error
        else:
            self.options = view.options
            self.see(view)

    def named(self) -> Options:
        """The options as a command line names them."""
        options: Options = self.options
        return options

    def can_choose(self, one: Declared) -> bool:
        """Whether the key of an option does something now."""
        return self.found or not one.option.drawn

    # What is asked and shown

    def begin(self) -> None:
        self.options = self.with_chosen()
        self.have_found(self.finder(), self.said)

    def have_found(self, find: Callable[[Ask], Any], said: str) -> None:
        """Have something found out in a thread, and show it."""
        analyst = self.inside.analyst

        def work(job: Job) -> Any:
            return find(partial(analyst.ask, report=job.report, wanted=job.wanted))

        self.ask(work, self.answered, said)

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
            self.inside.choose(**{k: None if v in ("", ()) else v for k, v in values.items()})
        self.redraw()

    def follow(self) -> None:
        """Show what is chosen now."""
        now, shown = self.with_chosen(), self._view and self._view.options
        if not now.asks_as(self.options):
            self.begin()
        elif shown and now != shown and now.asks_as(shown):  # else an answer is under way
            self.see(self._view.having(now))

    def chosen_changed(self, before: Chosen) -> None:
        self.follow()

    def picture(self) -> AnalysisView[Any] | None:
        shown: AnalysisView[Any] | None = self._view
        return shown

    def place_words(self) -> str:
        """Where the clip that is shown stands among others; empty for other tabs."""
        return ""

    def heading(self, theme: Theme) -> Text:
        if self._view is None or self.why is not None:
            return Text()
        text: Text = self._view.heading(theme, self.place_words())
        return text

    def headless(self) -> str | None:
        return self.named().command_line(self.inside.run_folder.called)

    def click(self, x: int, y: int, *, twice: bool) -> None:
        view, size = self.picture(), self.picture_size
        if view and (clicked := view.clicked(x, y, size.width, size.height)) is not None:
            self.see(clicked)


def _add_key(tab: type[AnalysisTab], one: Declared) -> None:
    """Give a tab the method `next_<field>`, whose key goes to the field's next choice."""

    def go_on(self: AnalysisTab) -> None:
        self.change(**{one.field: self.options.next_choice(one.field)})

    def ready(self: AnalysisTab) -> bool:
        return self.can_choose(one)

    go_on.__name__, go_on.__doc__ = f"next_{one.field}", one.option.does
    setattr(tab, go_on.__name__, command(one.option.key, one.option.label, when=ready)(go_on))


def can_move(tab: Any) -> bool:
    """Whether there is something to move in."""
    return bool(tab.movable)


class Moving(AnalysisTab):
    """A tab with a cursor that goes up and down, from one thing to the next."""

    @property
    def movable(self) -> bool:
        """Whether there is something to move in."""
        return self.found

    def move(self, by: int) -> None:
        """Move the cursor on by some things, or back; it stops at the ends."""
        if self._view is not None:
            self.see(self._view.moved(by))

    @command("down,j", "next {thing}", when=can_move, shown=False)
    def down(self) -> None:
        """Go to the next {thing}."""
        self.move(1)

    @command("up,k", "{thing} before", when=can_move, shown=False)
    def up(self) -> None:
        """Go to the {thing} before."""
        self.move(-1)

    @command("pagedown,ctrl+f", "page down", when=can_move, shown=False)
    def page_down(self) -> None:
        """Go ten {thing}s on."""
        self.move(PAGE)

    @command("pageup,ctrl+b", "page up", when=can_move, shown=False)
    def page_up(self) -> None:
        """Go ten {thing}s back."""
        self.move(-PAGE)

    @command("home,g", "first", when=can_move, shown=False)
    def first(self) -> None:
        """Go to the first {thing}."""
        self.move(-ALL)

    @command("end,G", "last", when=can_move, shown=False)
    def last(self) -> None:
        """Go to the last {thing}."""
        self.move(ALL)


class MovingByArrows(Moving):
    """A tab whose cursor moves by all four arrows."""

    @command("down,j,right,l", "next {thing}", when=can_move, shown=False)
    def down(self) -> None:
        """Go to the next {thing}."""
        self.move(1)

    @command("up,k,left,h", "{thing} before", when=can_move, shown=False)
    def up(self) -> None:
        """Go to the {thing} before."""
        self.move(-1)


class LayerKeys(Tab):
    """A tab in which `[` and `]` do something else than going through the layers."""

    def other_layer(self, by: int) -> None:
        """The layer before (-1) or after (1)."""
        raise NotImplementedError

    @command("l", "layer")
    def next_layer(self) -> None:
        """Go to the next layer."""
        self.other_layer(1)

    @command("h", "layer before", shown=False)
    def previous_layer(self) -> None:
        """Go to the layer before."""
        self.other_layer(-1)


class PooledTab(AnalysisTab):
    """A tab about a layer's features. `[` and `]` end at the flattened ones."""

    def with_chosen(self) -> Options:
        """The layer of the other tabs is the one here, unless the features are flattened."""
        options = super().with_chosen()
        if self.options.layer == FLATTEN:
            return options.having(pool=None)
        return options.having(layer=self.chosen.layer)

    def can_choose(self, one: Declared) -> bool:
        return one.field != "pool" or self.options.layer != FLATTEN

    def step(self, by: int) -> None:
        layers = (*self.inside.layers, FLATTEN)
        index = layers.index(self.options.layer) + by
        if 0 <= index < len(layers):
            self.options = self.options.having(layer=layers[index])
            if self.options.layer != FLATTEN:
                self.inside.choose(layer=self.options.layer, channel=0)
            self.begin()


def tab_of(kind: type[Options]) -> type[AnalysisTab]:
    """The tab of an analysis that needs no class of its own."""
    name = f"{kind.title.capitalize()}Tab"
    steps = {"brackets": kind.thing, "step": Moving.move}
    return type(name, (MovingByArrows,), {"kind": kind, **steps})
