"""Labels in rows, channels in columns: which labels wake which channels, as a picture of cells.

A cell is a shade in its own colour: smooth where there is colour, still read where there is none.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from labbench.draw import glyphs, halfblocks
from labbench.draw.palette import STEPS, Theme
from labbench.draw.plain import Text
from labbench.interpret.channels.answer import Layer
from labbench.interpret.channels.options import Figure

SHADES = "░▒▓█"
WIDEST = 4
"""Cells of a channel at most."""

NONE, NOBODY = "·", " "
"""Of a channel that no clip of the label wakes, and of a label without clips."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The map of a layer and how it fits."""

    layer: Layer
    order: NDArray[np.int64]
    """Channels from left to right."""
    figure: Figure
    place: int | None = None
    """The column that is marked, as a place in the order."""

    @property
    def shares(self) -> NDArray[np.float64]:
        """(C, K) what is drawn, 0 to 1, by channel; NaN where a label has no clips."""
        if self.figure == "awake":
            return self.layer.share_by_label
        strength_CK = self.layer.strength_CK
        top = np.fmax.reduce(strength_CK, axis=1, keepdims=True)
        found: NDArray[np.float64] = np.divide(
            strength_CK, top, out=np.zeros_like(strength_CK), where=top > 0
        )
        found[:, self.layer.clips_K == 0] = np.nan
        return found

    def said(self) -> str:
        """What the colours mean."""
        if self.figure == "awake":
            return "share of clips that wake it, none · to all █"
        return "mean magnitude, none · to the channel's hardest label █"

    def label_width(self) -> int:
        """Cells of the labels at the left."""
        return min(max(len(word) for word in self.layer.words), 10) + 1

    def columns(self, width: int) -> tuple[range, int]:
        """Places in the order that are shown, and the cells of each."""
        room = max(width - self.label_width(), 1)
        each = min(max(room // len(self.order), 1), WIDEST)
        return _window(len(self.order), room // each, self.place), each

    def place_at(self, x: int, width: int) -> int | None:
        """The place in the order drawn at a column of cells, if one is."""
        shown, each = self.columns(width)
        place = shown.start + (x - self.label_width()) // each
        return place if place in shown else None

    def lines(self, width: int, rows: int, theme: Theme) -> list[Text]:
        """The map in at most `rows` lines, the last of which tells the channels."""
        shown, each = self.columns(width)
        K = len(self.layer.words)
        labels = _window(K, rows - 1, None)
        shares, label = self.shares, self.label_width()
        names = glyphs.shortened(self.layer.words, label - 1)
        lines = []
        for word in labels:
            line = Text(names[word].ljust(label), no_wrap=True)
            for place in shown:
                line.append(*_cell(float(shares[self.order[place], word]), each, theme))
            lines.append(line)
        lines.append(self._axis(shown, each, theme))
        if len(labels) < K:
            lines[-1].append(f"  labels 1-{len(labels)} of {K}", style=theme.accent)
        lines[-1].truncate(width)
        return lines

    def _axis(self, shown: range, each: int, theme: Theme) -> Text:
        """A mark below the column that is marked, and its channel; else which are shown."""
        line = Text(" " * self.label_width(), no_wrap=True)
        if self.place is None:
            part = f"{shown.start + 1}-{shown.stop} of " if len(shown) < len(self.order) else ""
            return line.append(f"{part}{len(self.order)} channels", style=theme.muted)
        at, name, mark = (self.place - shown.start) * each, str(self.order[self.place]), "▲" * each
        text = f"{mark} {name}"
        if at + len(text) > each * len(shown):
            text, at = f"{name} {mark}", max(at - len(name) - 1, 0)
        return line.append(" " * at + text, style=f"bold {theme.accent}")


def _window(length: int, room: int, around: int | None) -> range:
    size = min(length, max(room, 1))
    start = min(max((around or 0) - size // 2, 0), length - size)
    return range(start, start + size)


def _cell(share: float, width: int, theme: Theme) -> tuple[str, Style]:
    if math.isnan(share):
        return NOBODY * width, Style.null()
    if share <= 0:
        return NONE.center(width), Style.parse(theme.muted)
    shade = SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)]
    # The lower tenth of the map is black: a single clip must be told from none.
    step = round((0.15 + 0.85 * share) * (STEPS - 1))
    return shade * width, _solid(STEPS - 1 - step if theme.light else step)


@functools.cache
def _solid(step: int) -> Style:
    """A sign in the colour of its own ground."""
    colour = halfblocks.colour("viridis", step)
    return Style(color=colour, bgcolor=colour)
