"""Feature maps of a clip: all channels of a layer, one of them closely, before and after."""

from __future__ import annotations

from collections.abc import Callable

from labbench.interpret.clip import ClipRef
from labbench.interpret.feature_maps.answer import Maps, MapsQuestion
from labbench.interpret.feature_maps.picture import MapsView
from labbench.tui.commands import command
from labbench.tui.inside.clips import clip_argument
from labbench.tui.inside.moving import LayerKeys, Moving
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.timed import TimedTab
from labbench.views.palette import Theme
from labbench.views.plain import Text


class MapsTab(TimedTab, Moving, LayerKeys):
    """What each channel of a layer gives for a clip."""

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
        "name_clip", "next_layer", "other_side", "next_order", "later", "previous_layer", "earlier",
        "no_cursor",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._view: MapsView | None = None

    def asking(self) -> Callable[[ClipRef], MapsQuestion]:
        layer = self.chosen.layer

        def ask(clip: ClipRef) -> MapsQuestion:
            return MapsQuestion(clip=clip, layer=layer)

        return ask

    def answered(self, maps: Maps) -> None:
        before = self._view
        # The strongest channel first; going on to other clips the same channel stays.
        same = before is not None and before.maps.layer == maps.layer
        channel = min(self.chosen.channel, len(maps.after_CT) - 1)
        if not same and not self.chosen.channel:
            channel = int(maps.strongest[0])
        self._view = MapsView.of(
            self.inside.run_folder, maps, channel,
            before=before.before if before else False,
            order=before.order if before else "energy", cursor_s=self.cursor_s,
        )  # fmt: skip
        self.inside.choose(channel=channel)

    def _show(self, view: MapsView) -> None:
        self._view = view
        self.inside.choose(channel=view.channel)
        self.redraw()

    def picture(self) -> MapsView | None:
        return self._view and self._view.without_heading()

    def view(self) -> MapsView | None:
        return self._view

    def heading(self, theme: Theme) -> Text:
        if self._view is None:
            return Text()
        text = self._view.clip_words(theme)
        if self.cursor_s is not None:
            return text.append(f"  {self._view.channel_words()}", style=theme.muted)
        if place := self.place_words():
            text.append(f"  {place}", style=theme.muted)
        return text.append(f"  {self._view.layer_words()}", style=theme.muted)

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "maps"]
        if self.clip is not None:
            parts.append(f"--clip {clip_argument(self.clip)}")
        parts.append(f"--layer {self.chosen.layer}")
        if self._view is not None:
            parts.append(f"--channel {self._view.channel}")
            parts += ["--before"] if self._view.before else []
            parts += ["--sort index"] if self._view.order == "index" else []
        if self.cursor_s is not None:
            parts.append(f"--at {self.cursor_s:.2f}")
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        view = self._view
        if self.chosen.clip != self.clip or before.layer != self.chosen.layer:
            self.begin()
        elif view is not None and view.maps.layer == self.chosen.layer:
            channel = min(self.chosen.channel, len(view.shown) - 1)
            if channel != view.channel:
                self._view = view.at(channel)
                self.redraw()

    # What its keys do

    def other_layer(self, by: int) -> None:
        layers = self.inside.layers
        place = layers.index(self.chosen.layer) + by
        if 0 <= place < len(layers):
            self.inside.choose(layer=layers[place], channel=0)

    @command("b", "before/after", when=lambda self: self.found)
    def other_side(self) -> None:
        """All channels before the activation, or after it."""
        if self._view is not None:
            self._show(self._view.showing(before=not self._view.before))

    @command("s", "sort", when=lambda self: self.found)
    def next_order(self) -> None:
        """Order channels by energy, or by index."""
        if self._view is not None:
            self._show(self._view.ordered("index" if self._view.order == "energy" else "energy"))

    def move(self, by: int) -> None:
        if self._view is not None:
            self._show(self._view.moved(by))

    def mark(self) -> None:
        if self._view is not None:
            self._show(self._view.marking(self.cursor_s))

    def click(self, x: int, y: int, *, twice: bool) -> None:
        view, size = self.picture(), self.picture_size
        if view is None:
            return
        if (channel := view.channel_at(x, y, size.width, size.height)) is not None:
            self._show(view.at(channel))
        elif (time_s := view.time_at(x, size.width)) is not None:
            self.have_cursor(time_s)
