"""Line charts in braille, drawn by plotext. The only module that knows plotext.

plotext keeps one figure for the whole process; each chart here has a figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from plotext._figure import _figure_class
from rich.color import Color, ColorType
from rich.text import Text

from labbench.views.palette import Theme

Floats = NDArray[np.float64]

DOTS = 2
"""Columns of dots in a cell of braille."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line of points, x ascending."""

    x: Floats
    y: Floats
    color: str
    marker: str = "braille"
    """braille: a thin line; a single sign: that sign at every point."""
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Axes:
    """The part of the plane that is shown, and how."""

    x_range: tuple[float, float]
    y_range: tuple[float, float] | None = None
    """None: what the series in x_range need."""
    log_y: bool = False
    level: float | None = None
    """A dashed horizontal line."""
    mark: float | None = None
    """A vertical line."""
    cursor: float | None = None
    """A second vertical line."""


def downsampled(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
    """At most 2 x `columns` points that keep the least and greatest y of every column.

    Points that are not finite are left out; x must ascend.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= 2 * columns:
        return x, y
    edges = np.linspace(x[0], x[-1], columns + 1)
    starts = np.unique(np.searchsorted(x, edges[:-1], side="left"))
    low = np.minimum.reduceat(y, starts)
    high = np.maximum.reduceat(y, starts)
    kept = []
    for start, stop, least, most in zip(starts, [*starts[1:], len(x)], low, high, strict=True):
        part = y[start:stop]
        kept += sorted(
            {start + int((part == least).argmax()), start + int((part == most).argmax())}
        )
    chosen = np.array(kept)
    return x[chosen], y[chosen]


def smoothed(y: Floats, weight: float) -> Floats:
    """Exponential moving average with its start corrected (as TensorBoard does).

    Args:
        weight: of the past, 0 (none) to below 1.
    """
    if not weight or not len(y):
        return y
    from scipy.signal import lfilter

    known = np.where(np.isfinite(y), y, 0.0)
    sums: Floats = lfilter([1 - weight], [1, -weight], known)
    weights: Floats = lfilter([1 - weight], [1, -weight], np.isfinite(y).astype(np.float64))
    means: Floats = np.divide(sums, weights, out=np.full(len(y), np.nan), where=weights > 0)
    return means


def chart(series: Sequence[Series], axes: Axes, width: int, height: int, theme: Theme) -> Text:
    """The lines in a frame of `width` x `height` cells with figures at the axes."""
    figure = _figure_class()
    figure.plot_size(max(width, 12), max(height, 5))
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    low, high = _y_range(series, axes)
    figure.ylim(low, high)
    figure.xlim(*axes.x_range)
    if axes.log_y:
        figure.yscale("log")
    for place, color in ((axes.mark, theme.muted), (axes.cursor, theme.accent)):
        if place is not None and axes.x_range[0] <= place <= axes.x_range[1]:
            figure.vertical_line(place, color=_color(color))
    if axes.level is not None:
        dashes = np.linspace(*axes.x_range, max(width - 8, 4))[::2]
        figure.scatter(dashes.tolist(), [axes.level] * len(dashes), marker="╌",
                       color=_color(theme.published))  # fmt: skip
    for one in series:
        x, y = _shown(one, axes.x_range, width)
        if len(x):
            draw = figure.plot if one.joined and len(x) > 1 else figure.scatter
            marker = one.marker if one.joined else (one.marker if len(one.marker) == 1 else "•")
            draw(x.tolist(), y.tolist(), marker=marker, color=_color(one.color))
    return Text.from_ansi(figure.build().rstrip("\n"), no_wrap=True)


def _shown(series: Series, x_range: tuple[float, float], width: int) -> tuple[Floats, Floats]:
    inside = (series.x >= x_range[0]) & (series.x <= x_range[1])
    return downsampled(series.x[inside], series.y[inside], DOTS * width)


def _y_range(series: Sequence[Series], axes: Axes) -> tuple[float, float]:
    if axes.y_range is not None:
        return axes.y_range
    parts = [_shown(one, axes.x_range, 200)[1] for one in series]
    values = np.concatenate([*parts, [] if axes.level is None else [axes.level]])
    if axes.log_y:
        values = values[values > 0]
    if not len(values):
        return (0.1, 1.0) if axes.log_y else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if low == high:
        return (low / 2, high * 2) if axes.log_y else (low - 0.5, high + 0.5)
    return low, high


def _color(name: str) -> int | tuple[int, int, int] | str:
    """A Rich colour as plotext names it; attributes such as dim become grey."""
    if name in ("dim", ""):
        return 8
    color = Color.parse(name)
    if color.type == ColorType.TRUECOLOR and color.triplet is not None:
        return (color.triplet.red, color.triplet.green, color.triplet.blue)
    return color.number if color.number is not None else "default"
