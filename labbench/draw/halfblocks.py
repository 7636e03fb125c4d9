"""Pictures of half-block cells: each cell shows two colours, one above the other."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style

from labbench.draw.palette import STEPS, MapName, luminance, ramp
from labbench.draw.plain import Text

UPPER = "▀"

SHADES = " ░▒▓█"
"""Dark to bright, where there are no colours."""


@functools.cache
def colour(name: MapName, step: int) -> Color:
    """A colour of a map, made once."""
    return Color.from_rgb(*ramp(name)[step])


@functools.lru_cache(maxsize=1 << 14)
def pair(name: MapName, upper: int, lower: int) -> Style:
    """The style of `UPPER` that shows two steps of a map."""
    return Style(color=colour(name, upper), bgcolor=colour(name, lower))


def picture(shares_YX: NDArray[np.floating], name: MapName, *, light: bool = False) -> list[Text]:
    """A grid of shares (0 to 1, clipped; an even number of rows, the top first) as lines.

    Args:
        light: run the map backwards, so that small values are near a light background.
    """
    steps_YX = np.rint(np.clip(np.nan_to_num(shares_YX), 0, 1) * (STEPS - 1)).astype(int)
    if light:
        steps_YX = STEPS - 1 - steps_YX
    lines = []
    for upper, lower in zip(steps_YX[::2].tolist(), steps_YX[1::2].tolist(), strict=True):
        line = Text(no_wrap=True)
        begun = 0
        cells = list(zip(upper, lower, strict=True))
        for x in range(1, len(cells) + 1):
            # Neighbours of one colour are one piece: less to send over a slow line.
            if x == len(cells) or cells[x] != cells[begun]:
                line.append(UPPER * (x - begun), style=pair(name, *cells[begun]))
                begun = x
        lines.append(line)
    return lines


@dataclass(frozen=True, slots=True)
class Shaded:
    """A picture for where there are no colours: half-blocks become shades of their brightness."""

    picture: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.picture, options):
            yield _shaded(segment)


def _shaded(segment: Segment) -> Segment:
    text, style, control = segment
    if control or style is None or set(text) != {UPPER}:
        return segment
    if style.color is None or style.bgcolor is None:
        return segment
    return Segment(_shade(style.color, style.bgcolor) * len(text), Style(bold=style.bold))


@functools.lru_cache(maxsize=1 << 14)
def _shade(upper: Color, lower: Color) -> str:
    # The cube root of luminance is about what an eye calls half as bright (CIE lightness).
    light = sum(luminance(one.get_truecolor()) ** (1 / 3) for one in (upper, lower)) / 2
    return SHADES[min(int(light * len(SHADES)), len(SHADES) - 1)]
