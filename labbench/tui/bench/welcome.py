"""What a newcomer sees: one sentence and three keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.widget import Widget

from labbench.draw.plain import Text

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
        head = "Nothing has been trained here yet. Start with one of these:"
        text = Text.assemble((head, "bold"), "\n")
        for key, words, more in KEYS:
            text.append("\n").append(f"{key:>5}", style=f"bold {theme.accent}")
            text.append(f"   {words}")
            text.append("\n").append(f"        {more}", style=theme.muted).append("\n")
        text.append("\n").append("  esc", style=f"bold {theme.accent}")
        text.append("   look at the presets first", style=theme.muted)
        return text
