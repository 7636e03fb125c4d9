"""Pictures of half-block cells: each cell shows two colours, one above the other."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style
from rich.text import Text

from labbench.views.palette import STEPS, MapName, ramp

UPPER = "▀"


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
