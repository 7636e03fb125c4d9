"""Colours: perceptual maps as cached Rich styles, and what good, bad and muted look like.

Styles are truecolor; Rich turns them into 256 or 16 colours, or none, as the terminal needs.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from rich.color import Color
from rich.style import Style

STEPS = 256
"""Steps of a map."""

MapName = Literal["viridis", "inferno"]

# Eleven equal steps of the maps of van der Walt and Smith (matplotlib); straight lines between
# them stay within what an eye or a terminal can tell apart.
_ANCHORS: dict[str, str] = {
    "viridis": "440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725",
    "inferno": "000004 160b39 420a68 6a176e 932667 bc3754 dd513a f37819 fca50a f6d746 fcffa4",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning. Each comes with a sign or a word: colour is never alone."""

    good: str
    bad: str
    warn: str
    accent: str
    muted: str
    train: str
    validation: str
    published: str
    runs: tuple[str, ...]
    """Of several runs in one picture: told apart without red and green beside each other."""
    light: bool = False
    """Whether the background is light: maps then run from light to dark."""


TERMINAL = Theme(
    good="green", bad="red", warn="yellow", accent="cyan", muted="dim",
    train="bright_blue", validation="yellow", published="magenta",
    runs=("cyan", "yellow", "bright_magenta", "green", "bright_blue", "red", "white",
          "bright_yellow"),
)  # fmt: skip
"""The terminal's own sixteen colours, which its owner chose to be readable."""

DARK = Theme(
    good="#5fd787", bad="#ff8787", warn="#ffd75f", accent="#5fd7ff", muted="#8a8a8a",
    train="#5f87d7", validation="#ffaf5f", published="#d787d7",
    runs=("#5fafff", "#ffaf00", "#d787d7", "#5fd7af", "#ff875f", "#d7d75f", "#afafff", "#bcbcbc"),
)  # fmt: skip
LIGHT = Theme(
    good="#00702f", bad="#b00020", warn="#8a5a00", accent="#005f87", muted="#626262",
    train="#2f5fb0", validation="#b35900", published="#87005f",
    runs=("#005faf", "#af5f00", "#87005f", "#00705f", "#af3a00", "#6b6b00", "#5f3fd7", "#585858"),
    light=True,
)  # fmt: skip


@functools.cache
def ramp(name: MapName) -> tuple[tuple[int, int, int], ...]:
    """The map as `STEPS` (red, green, blue) triplets, dark to light."""
    anchors = [tuple(bytes.fromhex(text)) for text in _ANCHORS[name].split()]
    colours = []
    for step in range(STEPS):
        place = step / (STEPS - 1) * (len(anchors) - 1)
        index = min(int(place), len(anchors) - 2)
        part = place - index
        low, high = anchors[index], anchors[index + 1]
        red, green, blue = (
            round(a + (b - a) * part) for a, b in zip(low, high, strict=True)
        )  # fmt: skip
        colours.append((red, green, blue))
    return tuple(colours)


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, 0 to 1 (WCAG 2)."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@functools.cache
def _cell(name: MapName, step: int) -> Style:
    colour = ramp(name)[step]
    # Above this luminance black has more contrast than white (WCAG 2: equal at 0.179).
    ink = (0, 0, 0) if luminance(colour) > 0.179 else (255, 255, 255)
    return Style(color=Color.from_rgb(*ink), bgcolor=Color.from_rgb(*colour))


def cell(name: MapName, share: float, *, light: bool = False) -> Style:
    """Background of the map's colour at `share` (0 to 1, clipped) with readable text on it.

    The style is shared, and Rich keeps the escape codes it first rendered a style with: a process
    writes in one colour system.

    Args:
        light: run the map backwards, so that small values are near a light background.
    """
    step = round(min(max(share, 0.0), 1.0) * (STEPS - 1))
    return _cell(name, STEPS - 1 - step if light else step)
