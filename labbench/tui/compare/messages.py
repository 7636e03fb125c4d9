"""What the thread that reads compared runs tells the screen."""

from __future__ import annotations

from textual.geometry import Size
from textual.message import Message

from labbench.errors import LabbenchError
from labbench.tui.canvas import Picture
from labbench.tui.compare.reader import Found


class Read(Message):
    """The runs were read and their curves drawn."""

    def __init__(self, found: Found | None, asked: object, chart: Picture, size: Size) -> None:
        super().__init__()
        self.found = found
        self.asked = asked
        self.chart = chart
        self.size = size


class Unreadable(Message):
    """A run cannot be read."""

    def __init__(self, error: LabbenchError) -> None:
        super().__init__()
        self.error = error
