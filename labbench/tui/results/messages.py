"""What threads that read results and clips tell the screens."""

from __future__ import annotations

from textual.message import Message

from labbench.errors import LabbenchError
from labbench.tui.results.reader import Found


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
