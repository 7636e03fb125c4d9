"""Tabs about what goes into other classifiers: flattened features, or a pooled convolution."""

from __future__ import annotations

from labbench.interpret.features.options import FLATTEN
from labbench.interpret.options import Declared, Options
from labbench.tui.inside.analysis import AnalysisTab


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
