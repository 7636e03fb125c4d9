"""Dead channels: which labels wake which channels of a layer, and which channels none."""

from __future__ import annotations

from typing import Any

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.channels.options import DeadOptions
from labbench.runs.status import LIVE
from labbench.tui.commands import command
from labbench.tui.inside.moving import MovingByArrows


class DeadTab(MovingByArrows):
    """Every channel over all clips of a split."""

    kind = DeadOptions
    shared = ("layer", "channel")
    keys = ("next_show", "next_order", "other_figure", "next_split", "ask_anew")

    def __init__(self) -> None:
        super().__init__()
        self.options = DeadOptions(show="map")
        self.stale = False
        """Whether the run has trained on since."""

    def answered(self, found: Any) -> None:
        self.stale = False
        super().answered(found)

    def heading(self, theme: Theme) -> Text:
        text = super().heading(theme)
        if self.stale and text:
            text.append("  the run has trained on", style=theme.warn)
        return text

    def run_changed(self) -> None:
        """While a run trains, listening to all clips after every epoch would slow it down."""
        status = self.inside.run_folder.status()
        if self._view is None or status.state not in LIVE:
            self.begin()
        else:
            self.stale = True
            self.redraw()

    @command("m", "measure", when=lambda self: self.found)
    def other_figure(self) -> None:
        """Draw the share of clips that wake a channel, or how strongly each label drives it."""
        if self._view is not None:
            now = self._view.grid.figure
            self.change(figure="awake" if now == "strength" else "strength")

    @command("r", "anew", when=lambda self: self.stale and not self.busy)
    def ask_anew(self) -> None:
        """Ask again: the run has trained on."""
        self.begin()
