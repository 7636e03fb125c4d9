"""What of the comparison is in view: the less room, the more panes."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Size

from labbench.tui.compare.looking import PANES
from labbench.views.compare import Show

TALL = 32
BESIDE = 120
"""From so many cells on, a tall terminal has classes and settings side by side."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a terminal has room for."""

    size: Size
    chosen: Show
    """The pane that was chosen."""
    empty: bool
    """Whether there is nothing to compare."""

    @property
    def tall(self) -> bool:
        """Whether curves and a page have room below each other."""
        return self.size.height >= TALL

    @property
    def panes(self) -> tuple[Show, ...]:
        """What `tab` goes through."""
        if self.tall and self.size.width >= BESIDE:
            return ("all",)
        return PANES[1:] if self.tall else PANES

    @property
    def pane(self) -> Show:
        """The pane in view."""
        return self.chosen if self.chosen in self.panes else self.panes[0]

    def pane_after(self, by: int) -> Show:
        """The pane so many after the one in view, and around."""
        return self.panes[(self.panes.index(self.pane) + by) % len(self.panes)]

    @property
    def page(self) -> Show | None:
        """The page in view below or instead of the curves."""
        return None if self.empty or self.pane == "curves" else self.pane

    @property
    def classes(self) -> bool:
        """Whether figures by class are in view."""
        return self.page in ("classes", "all")

    @property
    def curves(self) -> bool:
        """Whether curves are in view."""
        return not self.empty and (self.tall or self.pane == "curves")

    @property
    def seen(self) -> Show:
        """What is in view, as the view without a screen names it."""
        return "all" if self.tall else self.pane
