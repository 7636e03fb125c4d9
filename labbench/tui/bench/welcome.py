"""What a newcomer sees: one sentence and three keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.text import Text
from textual.widget import Widget

if TYPE_CHECKING:
    from labbench.tui.screen import BenchScreen

KEYS = (
    ("enter", "train the demo on synthetic speech now", "a few minutes on a laptop"),
    ("a", "add your own clips", "a folder with one folder of sound files a word"),
    ("d", "fetch Speech Commands", "the clips of the published figures, 2.4 GB"),
)


class Welcome(Widget):
    """The greeting of an empty folder."""

    def render(self) -> Text:
        theme = cast("BenchScreen[Any]", self.screen).bench.palette
        text = Text()
        text.append("Nothing was trained here yet: begin with one of these.\n", style="bold")
        for key, words, more in KEYS:
            text.append(f"\n{key:>5}", style=f"bold {theme.accent}")
            text.append(f"   {words}")
            text.append(f"\n        {more}\n", style=theme.muted)
        text.append("\n  esc", style=f"bold {theme.accent}")
        text.append("   look at the presets first", style=theme.muted)
        return text
