"""The dark and the light theme: greys of the 256-colour cube, accents of the views' palettes.

Over SSH a terminal often has 256 colours only; grounds that are in its cube look the same there.
"""

from __future__ import annotations

from textual.theme import Theme

from labbench.draw import palette

DARK, LIGHT = "labbench-dark", "labbench-light"

PALETTES: dict[str, palette.Theme] = {DARK: palette.DARK, LIGHT: palette.LIGHT}
"""What views draw with, by theme."""


def _theme(name: str, colours: palette.Theme, greys: dict[str, str]) -> Theme:
    ink = greys["ink"]
    return Theme(
        name=name, dark=not colours.light, primary=colours.accent, secondary=colours.train,
        accent=colours.accent, warning=colours.warn, error=colours.bad, success=colours.good,
        foreground=ink, background=greys["ground"], surface=greys["surface"],
        panel=greys["panel"],
        variables={
            "muted": colours.muted, "chosen": greys["chosen"], "line": greys["line"],
            "block-cursor-background": greys["chosen"], "block-cursor-foreground": ink,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": greys["panel"],
            "block-cursor-blurred-foreground": ink, "border": colours.accent,
            "border-blurred": greys["line"], "scrollbar": greys["line"],
            "scrollbar-hover": colours.muted, "scrollbar-active": colours.accent,
            "scrollbar-background": greys["ground"],
            "scrollbar-background-hover": greys["ground"],
            "scrollbar-background-active": greys["ground"],
            "scrollbar-corner-color": greys["ground"],
            "input-selection-background": f"{colours.accent} 30%",
        },
    )  # fmt: skip


THEMES: tuple[Theme, ...] = (
    _theme(DARK, palette.DARK, {
        "ink": "#dadada", "ground": "#121212", "surface": "#1c1c1c", "panel": "#262626",
        "chosen": "#3a3a3a", "line": "#444444",
    }),
    _theme(LIGHT, palette.LIGHT, {
        "ink": "#262626", "ground": "#ffffff", "surface": "#f5f5f5", "panel": "#eeeeee",
        "chosen": "#d7e7f7", "line": "#c6c6c6",
    }),
)  # fmt: skip
