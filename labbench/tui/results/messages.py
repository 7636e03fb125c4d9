"""What threads that read results and clips tell the screens."""

from __future__ import annotations

from textual.geometry import Size
from textual.message import Message

from labbench.errors import LabbenchError
from labbench.tui.canvas import Picture
from labbench.tui.results.reader import Found
from labbench.views.clip import ClipView


class Read(Message):
    """Results were read, or are as they were."""

    def __init__(self, found: Found, asked: tuple[str | None, bool]) -> None:
        super().__init__()
        self.found = found
        self.asked = asked


class Unreadable(Message):
    """A run cannot be read."""

    def __init__(self, error: LabbenchError) -> None:
        super().__init__()
        self.error = error


class Drawn(Message):
    """A clip was read and drawn."""

    def __init__(self, index: int, view: ClipView, picture: Picture, size: Size) -> None:
        super().__init__()
        self.index = index
        self.view = view
        self.picture = picture
        self.size = size


class Gone(Message):
    """A clip cannot be had."""

    def __init__(self, index: int, error: LabbenchError) -> None:
        super().__init__()
        self.index = index
        self.error = error
