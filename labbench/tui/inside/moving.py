"""Tabs with a cursor that goes from one thing to the next, and keys that go through layers."""

from __future__ import annotations

from typing import Any

from labbench.interpret.features.options import FLATTEN
from labbench.interpret.options import Declared, Options
from labbench.tui.commands import command
from labbench.tui.inside.tab import Tab

PAGE = 10
"""Things that a page is."""

ALL = 1 << 16
"""More things than there are."""


def can_move(tab: Any) -> bool:
    """Whether there is something to move in."""
    return bool(tab.movable)


class Moving(Tab):
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


class PooledTab(Tab):
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


def tab_of(kind: type[Options]) -> type[Tab]:
    """The tab of an analysis that needs no class of its own."""
    name = f"{kind.title.capitalize()}Tab"
    steps = {"brackets": kind.thing, "step": Moving.move}
    return type(name, (MovingByArrows,), {"kind": kind, **steps})
