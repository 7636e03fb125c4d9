"""Tabs about one clip with a cursor in time, which tells what there is at a moment."""

from __future__ import annotations

from labbench.tui.commands import command
from labbench.tui.inside.clips import ClipTab

TICK_S = 0.01
"""What one step of the cursor is."""


class TimedTab(ClipTab):
    """A tab about a clip with a cursor in time; a subclass gives `mark()`."""

    def __init__(self) -> None:
        super().__init__()
        self.cursor_s: float | None = None
        """The time that is marked, in seconds from the clip's beginning."""

    def mark(self) -> None:
        """Show the cursor where it is now."""
        raise NotImplementedError

    def move_cursor(self, by_s: float) -> None:
        """The cursor earlier or later; it begins in the middle."""
        now = 0.5 if self.cursor_s is None else self.cursor_s + by_s
        self.have_cursor(round(min(max(now, 0.0), 1.0), 4))

    def have_cursor(self, cursor_s: float | None) -> None:
        """The cursor at a time, or none."""
        self.cursor_s = cursor_s
        self.mark()

    @command("right", "time", when=lambda self: self.found)
    def later(self) -> None:
        """Move the cursor on by a hundredth of a second."""
        self.move_cursor(TICK_S)

    @command("left", "earlier", when=lambda self: self.found, shown=False)
    def earlier(self) -> None:
        """Move the cursor back by a hundredth of a second."""
        self.move_cursor(-TICK_S)

    @command("x", "no cursor", when=lambda self: self.cursor_s is not None, shown=False)
    def no_cursor(self) -> None:
        """Take the cursor away."""
        self.have_cursor(None)
