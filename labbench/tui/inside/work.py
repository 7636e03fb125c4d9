"""What is done for a tab in a thread, and what the tab says meanwhile or where that fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from textual.geometry import Size

from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.picture import AnalysisView
from labbench.runs import RunFolder
from labbench.tui.canvas import Picture, drawn
from labbench.worker.analyst import NotWantedError

TELL_EVERY_S = 0.1
"""Progress is passed on at most this often."""

BAR = 24
"""Cells of the bar of progress."""


class Job:
    """What work in a thread gets, to tell of itself and to ask whether it is still wanted.

    `report` and `wanted` are what an analyst's `answer` takes.
    """

    def __init__(self, tell: Callable[[Job, float | None, str], None]) -> None:
        self._tell = tell
        self._told = 0.0
        self._off = threading.Event()

    def wanted(self) -> bool:
        """Whether somebody waits for the result."""
        return not self._off.is_set()

    def cancel(self) -> None:
        """Call it off."""
        self._off.set()

    def check(self) -> None:
        """Go on only if it is still wanted.

        Raises:
            NotWantedError: it is not.
        """
        if not self.wanted():
            raise NotWantedError

    def report(self, done: int, total: int, what: str, /) -> None:
        """Tell how much is done, `done` of `total` (0 where that is not known) of `what`."""
        now = time.monotonic()
        if now - self._told >= TELL_EVERY_S:
            self._told = now
            self._tell(self, done / total if total else None, what)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What is to be drawn, once."""

    view: AnalysisView[Any]
    size: Size
    theme: Theme
    console: Console


def draw(one: Drawing) -> Picture:
    """The body of a view as strips of cells."""
    body = one.view.body(one.size.width, one.size.height, one.theme)
    return drawn(body, one.size, one.console)


def working(said: str, share: float | None, theme: Theme) -> Text:
    """What is done, and how far it is."""
    text = Text.assemble(said.capitalize(), " ...")
    if share is not None:
        text.append("\n\n").append(glyphs.bar(share, BAR), style=theme.accent)
        text.append(f"▏ {share:.0%}", style=theme.muted)
    return text.append("\n\n").append_text(_key("esc", "cancel", theme))


def beside(said: str, share: float | None, theme: Theme) -> Text:
    """The same in a few words of one line."""
    much = "" if share is None else f" {share:.0%}"
    return Text(f"◌ {said}{much} · esc cancels", style=theme.accent)


def called_off(theme: Theme) -> Text:
    """A person cancelled it."""
    text = Text.assemble(("Cancelled", "bold"), "\n\n")
    return text.append_text(_key("enter", "ask again", theme))


def cannot(error: LabbenchError, run: RunFolder, theme: Theme) -> Text:
    """Why it cannot be, and what to do; files of the run by their names in its folder."""
    text = Text.assemble(("This cannot be shown", "bold"), "\n\n")
    where = error.where.removeprefix(f"{run.path}/")
    text.append(f"{where}: {error.what}" if where else error.what)
    if error.hint:
        text.append("\n\n").append(error.hint, style=theme.muted)
    return text


def again(theme: Theme) -> Text:
    """That one can ask again."""
    return Text("\n\n").append_text(_key("enter", "try again", theme))


def _key(key: str, words: str, theme: Theme) -> Text:
    return Text.assemble((key, f"bold {theme.accent}"), (f"  {words}", theme.muted))
