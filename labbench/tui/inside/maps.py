"""Feature maps of a clip: all channels of a layer, one of them closely, before and after."""

from __future__ import annotations

from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.options import Options
from labbench.tui.inside.analysis import ClipAnalysisTab
from labbench.tui.inside.moving import LayerKeys, Moving
from labbench.tui.inside.tab import Tab


class MapsTab(ClipAnalysisTab, Moving, LayerKeys):
    """What each channel of a layer gives for a clip."""

    kind = MapsOptions
    shared = ("layer", "channel")
    title = "maps"
    thing = "channel"
    letter = "M"
    said = "computing feature maps"
    about = (
        "What every channel of a layer gives for a clip, on the clip's own time axis: at the left "
        "the channels with the most energy first, in the middle strips all of them (bright is far "
        "from zero), then the chosen one before and after its activation - what is below zero in "
        "another colour - and its spectrogram, whose windows last as long in every layer. The "
        "cursor tells its values."
    )
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

    def move(self, by: int) -> None:
        if self._view is not None:
            self.see(self._view.moved(by))
