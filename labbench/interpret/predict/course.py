"""A long sound over time: its waveform, and below it how likely each class is."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.style import Style

from labbench.draw import glyphs, halfblocks, timeaxis
from labbench.draw.palette import STEPS, TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.draw.waveform import WaveformView
from labbench.interpret.predict.answer import WINDOW_S, Predicted

WAVEFORM = 4
"""Lines of the waveform where there is room."""

WIDEST = 10
"""Cells of the class names at most."""

LEVELS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Course:
    """Classes in rows, time in columns: bars as high and as bright as a class is likely."""

    found: Predicted

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        words = self.found.words
        gutter = min(max(map(len, words)), WIDEST) + 1
        columns = max(width - gutter, 1)
        above, rows = self._heights(height)
        shown = self._strongest(rows)
        names = glyphs.shortened(words, gutter - 1)
        odds_KX = self.columns(columns)
        lines = [
            Text.assemble((names[k].ljust(gutter), theme.muted), _bars(odds_KX[k], theme))
            for k in shown
        ]
        axis = Text(timeaxis.labels(self.found.heard_s, columns, gutter), theme.muted, no_wrap=True)
        # The rate is that of the outline: its pieces have two values each.
        rate_hz = len(self.found.outline) / self.found.heard_s
        wave = WaveformView(self.found.outline, rate_hz, gutter)
        return Group(*([wave.render(width, above, theme=theme)] if above else []), *lines, axis)

    def _heights(self, height: int | None) -> tuple[int, int]:
        """Lines of the waveform, and of classes."""
        classes = len(self.found.words)
        if height is None:
            return WAVEFORM, classes
        above = min(max(height - 1 - classes, 2), height // 3) if height >= 6 else 0
        return above, max(min(height - 1 - above, classes), 1)

    def _strongest(self, count: int) -> list[int]:
        """The classes that are likeliest somewhere, in their own order."""
        most_K = self.found.probabilities.max(axis=0)
        return sorted(np.argsort(-most_K, kind="stable")[:count].tolist())

    def columns(self, count: int) -> NDArray[np.float64]:
        """(K, X) probabilities over time in so many columns.

        A column shows the window whose middle is nearest to its own; of several whose middles lie
        in it the likeliest.
        """
        odds_WK, whole = self.found.probabilities, self.found.heard_s
        middles_W = self.found.starts_s + WINDOW_S / 2
        places_X = (np.arange(count) + 0.5) * whole / count
        nearest_X = np.abs(middles_W[None, :] - places_X[:, None]).argmin(axis=1)
        odds_XK: NDArray[np.float64] = odds_WK[nearest_X]
        column_W = np.minimum((middles_W / whole * count).astype(int), count - 1)
        np.maximum.at(odds_XK, column_W, odds_WK)
        return odds_XK.T


def _bars(odds_X: NDArray[np.float64], theme: Theme) -> Text:
    """A line of bars: what colour says, height says, too."""
    text = Text(no_wrap=True)
    for level in np.rint(odds_X * (len(LEVELS) - 1)).astype(int).tolist():
        text.append(LEVELS[level], style=_ink(level, theme.light))
    return text


@functools.cache
def _ink(level: int, light: bool) -> Style:
    """The colour of a level; the lowest ones are kept apart from the background."""
    step = round((0.25 + 0.75 * level / (len(LEVELS) - 1)) * (STEPS - 1))
    return Style(color=halfblocks.colour("viridis", STEPS - 1 - step if light else step))
