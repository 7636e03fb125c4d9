"""Evidence: which moments of a clip speak for a class."""

from __future__ import annotations

from typing import Any

from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.options import Options
from labbench.tui.commands import command
from labbench.tui.inside.clips import TimeTab

OF_LAYER = ("grad-cam", "all")
"""Methods that are of a layer."""


def of_layer(tab: Any) -> bool:
    """Whether what is shown is of a layer, and there are others."""
    return tab.options.method in OF_LAYER and len(tab.inside.layers) > 1


class EvidenceTab(TimeTab):
    """What speaks for a class in a clip, moment by moment. Grad-CAM begins at the last layer, as
    its paper does, whatever other tabs look at."""

    kind = AttributionOptions
    shared = ("word",)
    keys = (
        "next_method", "next_layer", "next_class", "later", "name_clip", "previous_layer",
        "taken_for", "earlier", "no_cursor",
    )  # fmt: skip

    def named(self) -> Options:
        layer = self.options.layer if self.options.method in OF_LAYER else ""
        return super().named().having(layer=layer)

    def other_layer(self, by: int) -> None:
        """The layer before or after, and around."""
        layers = self.inside.layers
        layer = self.options.layer or layers[-1]
        self.change(layer=layers[(layers.index(layer) + by) % len(layers)])

    @command("k", "class", when=lambda self: self.found)
    def next_class(self) -> None:
        """Ask for the next class, and around."""
        if self._view is not None:
            words = self._view.first.words
            place = words.index(self._view.first.word) + 1
            self.inside.choose(word=words[place % len(words)])

    @command("l", "layer", when=of_layer)
    def next_layer(self) -> None:
        """Look at the next layer's Grad-CAM, and around."""
        self.other_layer(1)

    @command("L", "layer before", when=of_layer, shown=False)
    def previous_layer(self) -> None:
        """Look at the Grad-CAM of the layer before."""
        self.other_layer(-1)

    @command("K", "taken for", when=lambda self: self.found, shown=False)
    def taken_for(self) -> None:
        """Ask for the class that the net takes each clip for."""
        self.inside.choose(word=None)
