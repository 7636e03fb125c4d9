"""Feature maps of a clip: all channels of a layer, one of them closely, before and after."""

from __future__ import annotations

from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.options import Options
from labbench.tui.inside.analysis import LayerKeys, Moving
from labbench.tui.inside.clips import TimeTab
from labbench.tui.inside.tab import Tab


class MapsTab(TimeTab, Moving, LayerKeys):
    """What each channel of a layer gives for a clip."""

    kind = MapsOptions
    shared = ("layer", "channel")
    keys = (
        "name_clip", "next_layer", "next_before", "next_sort", "later", "previous_layer", "earlier",
        "no_cursor",
    )  # fmt: skip

    def with_chosen(self) -> Options:
        """The options with what is chosen; of another layer first the strongest channel."""
        options = super().with_chosen()
        same = self._view is not None and self._view.options.layer == self.chosen.layer
        return options if same else options.having(channel=self.chosen.channel or None)

    def other_layer(self, by: int) -> None:
        Tab.step(self, by)
