"""Tabs about what goes into other classifiers: flattened features, or a pooled convolution."""

from __future__ import annotations

from labbench.interpret.features.answer import FLATTEN, POOLS, Pool
from labbench.tui.commands import command
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.tab import Tab


class PooledTab(Tab):
    """A tab about a layer's features. `[` and `]` end at the flattened ones."""

    def __init__(self) -> None:
        super().__init__()
        self.of_layer = FLATTEN
        """`flatten`, or the convolution that is chosen in the other tabs, too."""
        self._pooling: Pool = "mean"

    @property
    def pool(self) -> Pool:
        """How the layer is pooled."""
        return "" if self.of_layer == FLATTEN else self._pooling

    def layer_options(self) -> list[str]:
        """The layer on a command line; nothing for the flattened features."""
        return [f"--layer {self.of_layer} --pool {self.pool}"] if self.pool else []

    def step(self, by: int) -> None:
        layers = (*self.inside.layers, FLATTEN)
        index = layers.index(self.of_layer) + by
        if 0 <= index < len(layers):
            self.of_layer = layers[index]
            if self.of_layer != FLATTEN:
                self.inside.choose(layer=self.of_layer, channel=0)
            self.begin()

    def chosen_changed(self, before: Chosen) -> None:
        """The layer of the other tabs becomes the one here, unless the features are flattened."""
        if self.of_layer not in (FLATTEN, self.chosen.layer):
            self.of_layer = self.chosen.layer
            self.begin()

    @command("p", "mean/max", when=lambda self: self.of_layer != FLATTEN)
    def other_pool(self) -> None:
        """Pool a convolution over time by its mean, or by its maximum."""
        self._pooling = POOLS[1 - POOLS.index(self._pooling)]
        self.begin()
