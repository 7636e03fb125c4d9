"""Line charts in braille, drawn by plotext. The only module that knows plotext.

plotext keeps one figure for the whole process; each chart here has a figure of its own. Scales and
ticks are ours: its logarithmic axes are applied anew at every build.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from plotext._figure import _figure_class
from rich.color import Color, ColorType

from labbench.draw.palette import Theme
from labbench.draw.plain import Text

Floats = NDArray[np.float64]

DOTS = 2
"""Columns of dots in a cell."""

LABEL = 8
"""Cells of a figure beside the vertical axis, at most."""

UTMOST = 1e200
"""Larger values are drawn as this one; differences of what is larger would be no numbers."""

THIN, THICK = "braille", "hd"
"""Lines of dots, eight a cell, and of quarters of a cell: told apart without colour."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line of points, x ascending; y that is not finite is left out."""

    x: Floats
    y: Floats
    color: str
    marker: str = THIN
    """`THIN`, `THICK`, or a sign that stands at every point."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The part of the plane that is shown, and how."""

    x_range: tuple[float, float]
    y_range: tuple[float, float] | None = None
    """None: what the series in x_range need."""
    y_bounds: tuple[float, float] = (-math.inf, math.inf)
    """Beyond these there are no values, so that no room is left for them."""
    whole_x: bool = False
    """x counts: between two whole numbers there is no figure."""
    log_y: bool = False
    """Values that are not above 0 are left out."""
    level: float | None = None
    """A dashed horizontal line."""
    mark: float | None = None
    """A vertical line."""
    cursor: float | None = None
    """A second vertical line."""


FARTHEST = 100
"""Widths of a chart beyond which a point is not drawn to."""


def downsampled(
    x: Floats, y: Floats, columns: int, span: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """At most 2 x `columns` points that keep the least and greatest y of every column.

    Points that are not finite are left out; x must ascend.

    Args:
        span: what the columns are laid over; None: the points. A curve that grows within a span
            keeps the points it had.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= 2 * columns:
        return x, y
    first, last = span or (float(x[0]), float(x[-1]))
    edges = np.linspace(first, last, columns + 1)
    starts = np.unique(np.searchsorted(x, edges[1:-1], side="left"))
    starts = np.unique([0, *starts[starts < len(x)]])
    kept: list[int] = []
    for start, stop in zip(starts, [*starts[1:], len(x)], strict=True):
        part = y[start:stop]
        kept += sorted({start + int(part.argmin()), start + int(part.argmax())})
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


def ticks(
    low: float, high: float, most: int, cells: int = LABEL, *, whole: bool = False
) -> tuple[list[float], list[str]]:
    """Round values from `low` to `high` in steps of 1, 2 or 5, and how they are written.

    There are at most `most`, which should be 4 or more: fewer may leave none. A value that cannot
    be told from its neighbours in so many cells is left out.

    Args:
        whole: only whole numbers, where there is one.
    """
    power = math.floor(math.log10((high - low) / most))
    if whole and _count(low, high, 1.0):
        power = max(power, 0)
    steps = [(power + more, part) for more in (0, 1, 2) for part in (1, 2, 5)]
    places, step = next(
        (max(-exponent, 0), part * 10.0**exponent)
        for exponent, part in steps
        if _count(low, high, part * 10.0**exponent) <= most
    )
    first = math.ceil(low / step - 1e-9)
    found = [(first + index) * step for index in range(_count(low, high, step))]
    return _written(found, places, step, cells)


def _written(
    values: list[float], places: int, step: float, cells: int
) -> tuple[list[float], list[str]]:
    """Values `step` apart in the first form in which all fit: `300,000`, `3000000`, `3e+38`.

    Where no form has room for all their digits, those that it has room for.
    """
    for comma in (",", ""):
        labels = [f"{value:{comma}.{places}f}" for value in values]
        if max(map(len, labels), default=0) <= cells:
            return values, labels
    short = [(value, _scientific(value, step)) for value in values]
    short = [(value, label) for value, label in short if len(label) <= cells]
    return [value for value, _ in short], [label for _, label in short]


def _scientific(value: float, step: float) -> str:
    """A multiple of `step` with no more digits than it has: `1.2e+9`."""
    if abs(value) < step / 2:
        return "0"
    digits = math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(step) + 1e-9)
    mantissa, exponent = f"{value:.{max(digits, 0)}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent):+d}"


def _count(low: float, high: float, step: float) -> int:
    return math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1


def chart(series: Sequence[Series], axes: Axes, width: int, height: int, theme: Theme) -> Text:
    """The lines in a frame of `width` x `height` cells with figures at the axes.

    Nothing smaller than 12 x 5 is drawn.
    """
    width, height = max(width, 12), max(height, 5)
    shown = [_shown(one, axes, width) for one in series]
    low, high = _y_range(shown, axes)
    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    figure.ylim(low, high)
    figure.xlim(*axes.x_range)
    marks = _y_ticks(low, high, axes.log_y, min(max(height // 4, 5), max((height - 2) // 2, 2)))
    figure.yticks(*_apart(*marks, low, high, height - 2))
    x_ticks = ticks(*axes.x_range, max(width // 12, 4), cells=11, whole=axes.whole_x)
    figure.xticks(*x_ticks)
    for place, color in ((axes.mark, theme.muted), (axes.cursor, theme.accent)):
        if place is not None and axes.x_range[0] <= place <= axes.x_range[1]:
            figure.vertical_line(place, color=_color(color))
    if axes.level is not None and (level := _scaled(axes.level, axes.log_y)) is not None:
        dashes = np.linspace(*axes.x_range, max(width // 2, 4))
        figure.scatter(dashes.tolist(), [level] * len(dashes), marker="╌",
                       color=_color(theme.published))  # fmt: skip
    for one in shown:
        if len(one.x):
            lines = one.marker in (THIN, THICK) and len(one.x) > 1
            draw = figure.plot if lines else figure.scatter
            marker = "•" if one.marker in (THIN, THICK) and not lines else one.marker
            draw(one.x.tolist(), one.y.tolist(), marker=marker, color=_color(one.color))
    drawn = Text.from_ansi(figure.build().rstrip("\n"))
    return Text(no_wrap=True).append_text(drawn)


def _apart(
    places: list[float], labels: list[str], low: float, high: float, rows: int
) -> tuple[list[float], list[str]]:
    """The ticks that have a row to themselves: two in one would overwrite each other in no
    fixed order."""
    row_high = 1.5 * (high - low) / max(rows - 1, 1)
    kept: list[int] = []
    for index, place in enumerate(places):
        if not kept or place - places[kept[-1]] >= row_high:
            kept.append(index)
    return [places[index] for index in kept], [labels[index] for index in kept]


def _scaled(value: float, log: bool) -> float | None:
    """Where a value stands on the axis, or None where it has no place on it."""
    if not log:
        return value
    return math.log10(value) if value > 0 else None


def _shown(series: Series, axes: Axes, width: int) -> Series:
    """The part of a series that is in range, on the axis' scale, as few points as it takes."""
    first, last = np.searchsorted(series.x, axes.x_range)
    # One point more on either side, so that lines reach the edges.
    part = slice(max(first - 1, 0), last + 1)
    x, y = series.x[part], series.y[part]
    # A line to a point without end is drawn dot by dot: such points, of damaged logs, are left out.
    span = axes.x_range[1] - axes.x_range[0]
    near = np.abs(x - axes.x_range[0]) <= FARTHEST * span
    x, y = x[near], y[near]
    y = np.where(np.isfinite(y), np.clip(y, -UTMOST, UTMOST), np.nan)
    if axes.log_y:
        y = np.log10(np.where(y > 0, np.maximum(y, 1 / UTMOST), np.nan))
    x, y = downsampled(x, y, DOTS * width, axes.x_range)
    return Series(x, y, series.color, series.marker)


def _y_range(shown: Sequence[Series], axes: Axes) -> tuple[float, float]:
    """The limits of the vertical axis, on its scale."""
    if axes.y_range is not None:
        low, high = (_scaled(end, axes.log_y) for end in axes.y_range)
        if low is not None and high is not None and low < high:
            return low, high
    level = None if axes.level is None else _scaled(axes.level, axes.log_y)
    values = np.concatenate([*(one.y for one in shown), [] if level is None else [level]])
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    largest = max(abs(low), abs(high))
    apart = high - low > 1e-12 * largest and high - low > 1 / UTMOST
    room = 0.04 * (high - low) if apart else max(0.5, 0.1 * largest)
    least, most = axes.y_bounds if not axes.log_y else (-math.inf, math.inf)
    return max(low - room, min(least, low)), min(high + room, max(most, high))


def _y_ticks(low: float, high: float, log: bool, most: int) -> tuple[list[float], list[str]]:
    if not log:
        return ticks(low, high, most)
    decades = range(math.floor(low), math.floor(high) + 1)
    for parts in ((1, 2, 5), (1, 3), (1,)):
        found = [
            (place, f"{part * 10.0**power:g}")
            for power in decades
            for part in parts
            if low <= (place := power + math.log10(part)) <= high
        ]
        if len(found) <= most:
            break
    found = found[:: math.ceil(len(found) / most) or 1]
    if len(found) < 2:
        values, labels = ticks(10.0**low, 10.0**high, most)
        found = [(math.log10(value), label) for value, label in zip(values, labels, strict=True)]
    return [place for place, _ in found], [label for _, label in found]


def _color(name: str) -> int | tuple[int, int, int] | str:
    """A Rich colour as plotext names it; attributes such as dim become grey."""
    if name in ("dim", ""):
        return 8
    color = Color.parse(name)
    if color.type == ColorType.TRUECOLOR and color.triplet is not None:
        return (color.triplet.red, color.triplet.green, color.triplet.blue)
    return color.number if color.number is not None else "default"
