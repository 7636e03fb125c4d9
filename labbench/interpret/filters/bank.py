"""The parts of a picture of a layer's filters: list, kernel, response, map of all responses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs, halfblocks
from labbench.draw.columns import POINTER, Column, fitted, in_view
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.plot import Axes, Series, chart
from labbench.draw.waveform import SIGNS
from labbench.interpret.filters.answer import FilterBank, Floats, Responses, RunFilters

GUTTER = 6
"""Cells of the frequencies at the left of the map."""

WIDEST_DB, NARROWEST_DB = 30.0, 6.0
"""The colours of the map span at most and at least so much below its greatest response."""

FAINTEST = 2.0
"""Percent of the responses that may be as dark as nothing: the depths of a few notches."""

DEEPEST_DB, FLATTEST_DB = 40.0, 12.0
"""The chart of a response spans at most and at least so much, that ripples look like ripples."""

LEAST = 6
"""Lines that a response takes at least, with its words."""

RAMP = 8
"""Cells of the legend's colours."""

TINY = 8
"""Cells of the kernel in the list."""

GAP_FROM = 3
"""Bars of so many cells or more stand a cell apart."""

Scale = tuple[float, float]
"""dB from and to."""


@dataclass(frozen=True, slots=True)
class Side:
    """One run's layer, and which of it is shown."""

    of: RunFilters
    bank: FilterBank
    """Its filters, with batch norm folded in where that was asked for."""
    responses: Responses
    order: tuple[int, ...]
    """Filters in the order shown."""
    input_channel: int | None = None
    """The input channel that is shown; None: the norm over all."""

    @property
    def top_db(self) -> float:
        """The greatest gain of the layer; 0 where all kernels are zero."""
        known = self.responses.gain_db[~np.isnan(self.responses.gain_db)]
        return float(known.max()) if len(known) else 0.0

    def input_of(self, channel: int) -> int:
        """The input channel whose kernel is shown for a filter."""
        if self.input_channel is not None:
            return self.input_channel
        return self.bank.strongest_input(channel)

    def kernel(self, channel: int) -> Floats:
        """(K,) of a filter, on the input channel that is shown."""
        return self.bank.kernel(channel, self.input_of(channel))


def hertz(value: float) -> str:
    """`812`, `1,063`, `62.5`, `3.91`: a place more the smaller it is."""
    if math.isnan(value):
        return units.MISSING
    places = 0 if value >= 200 else 1 if value >= 20 else 2
    return f"{value:,.{places}f}" if value else "0"


def gain(value: float) -> str:
    """dB with one place and a sign."""
    return units.MISSING if math.isnan(value) else f"{value:+.1f}"


def listed(side: Side, place: int, width: int, rows: int, theme: Theme) -> RenderableType:
    """Index, centre, bandwidth, gain and kernel of as many filters as fit, one marked."""
    shown = in_view(len(side.order), rows - 1, place)
    rows_of = [_row(side, at, at == place, theme) for at in shown]
    titles = [("filter", 0, True), ("centre Hz", 0, True), ("width Hz", 1, True),
              ("gain dB", 2, True), ("wakes", 4, True), ("kernel", 3, False)]  # fmt: skip
    columns = [
        Column(title, [row[index] for row in rows_of], rank=rank, right=right)
        for index, (title, rank, right) in enumerate(titles)
        if title != "wakes" or side.of.awake_O is not None
    ]
    return fitted(columns, width, theme)


def _row(side: Side, place: int, marked: bool, theme: Theme) -> list[Text]:
    channel, found = side.order[place], side.responses
    style = f"bold {theme.accent}" if marked else ""
    figures = (
        f"{POINTER if marked else ''}{channel}", hertz(float(found.centre_hz[channel])),
        hertz(float(found.bandwidth_hz[channel])), gain(float(found.gain_db[channel])),
        _wakes(side, channel),
    )  # fmt: skip
    kernel = Text(tiny(side.kernel(channel), TINY), style=theme.accent)
    return [*(Text(one, style=style) for one in figures), kernel]


def _wakes(side: Side, channel: int) -> str:
    """Share of the test clips that wake the channel."""
    return "" if side.of.awake_O is None else f"{side.of.awake_O[channel]:.0%}"


def one_filter(side: Side, place: int, width: int, height: int, theme: Theme) -> RenderableType:
    """The chosen filter: its kernel above, where there is room, its response below."""
    channel = side.order[place]
    above = min(max(height // 3, 2), 8) if height >= 10 else 0
    parts: list[RenderableType] = []
    if above:
        parts.append(_kernel_words(side, channel, width, theme))
        drawn = bars(side.kernel(channel), width, above - 1)
        parts += [Text(line, style=theme.accent, no_wrap=True) for line in drawn]
    rest = height - above
    if rest >= LEAST:
        parts.append(_response_words(side, channel, width, theme))
        parts.append(_response(side, channel, width, rest - 1, theme))
    return Group(*parts)


def _kernel_words(side: Side, channel: int, width: int, theme: Theme) -> Text:
    bank = side.bank
    text = Text.assemble(("kernel", "bold"), f" of {bank.layer}:{channel}")
    if bank.inputs > 1:
        strongest = "" if side.input_channel is not None else " (strongest)"
        text.append(f", input {side.input_of(channel)}{strongest}")
    # Its ends, so that the scale of the bars is told.
    taps = side.kernel(channel)
    text.append(f"  {taps.min():+.3f} to {taps.max():+.3f}", style=theme.muted)
    text.truncate(width, overflow="ellipsis")
    return text


def _response_words(side: Side, channel: int, width: int, theme: Theme) -> Text:
    found = side.responses
    text = Text.assemble(("response", "bold"), f", dB by {_unit(side)} ")
    if math.isnan(found.centre_hz[channel]):
        text.append("zeros: nothing comes through", style=theme.warn)
    else:
        text.append(f"│ {hertz(float(found.centre_hz[channel]))} Hz", style=theme.muted)
    text.truncate(width, overflow="ellipsis")
    return text


def _unit(side: Side) -> str:
    return "kHz" if side.responses.frequencies_hz[-1] >= 1000 else "Hz"


def _response(side: Side, channel: int, width: int, height: int, theme: Theme) -> RenderableType:
    """The magnitude response from 0 to half the layer's rate."""
    found, scale = side.responses, 1000.0 if _unit(side) == "kHz" else 1.0
    levels_F = found.levels_db[channel]
    top = float(levels_F.max())
    low = min(max(float(levels_F.min()), top - DEEPEST_DB), top - FLATTEST_DB)
    room = max(0.06 * (top - low), 0.5)
    centre = float(found.centre_hz[channel])
    axes = Axes(
        x_range=(0.0, float(found.frequencies_hz[-1]) / scale),
        y_range=(low - room, top + room),
        mark=None if math.isnan(centre) else centre / scale,
    )
    visible = np.where(levels_F >= low, levels_F, np.nan)
    series = Series(found.frequencies_hz / scale, visible, theme.train)
    return chart([series], axes, width, height, theme)


def overview(
    side: Side, place: int, width: int, height: int, theme: Theme, levels: Scale
) -> RenderableType:
    """All filters from left to right in the order shown, frequency upwards, the chosen marked.

    Args:
        levels: what is darkest and what is brightest.
    """
    rows, columns = max(height - 1, 1), max(width - GUTTER, 1)
    grid = shares(side, 2 * rows, columns, levels)
    lines = halfblocks.picture(grid, "viridis", light=theme.light)
    labels = _labels(side, rows)
    shown = [
        Text.assemble((labels.get(row, "").rjust(GUTTER - 1) + " ", theme.muted), line)
        for row, line in enumerate(lines)
    ]
    return Group(*shown, _marker(side, place, columns, theme))


def scale(sides: Sequence[Side]) -> Scale:
    """What is darkest and what is brightest in the maps of all sides."""
    top = max(side.top_db for side in sides)
    faint = min(float(np.percentile(side.responses.levels_db, FAINTEST)) for side in sides)
    return max(min(faint, top - NARROWEST_DB), top - WIDEST_DB), top


def legend(text: str, levels: Scale, width: int, theme: Theme) -> Text:
    """What the map shows, and what its colours mean."""
    ramp = np.repeat(np.linspace(0, 1, RAMP)[None], 2, axis=0)
    (colours,) = halfblocks.picture(ramp, "viridis", light=theme.light)
    line = Text.assemble(
        (f"{text}: {levels[0]:+.0f} ", theme.muted), colours,
        (f" {levels[1]:+.0f} dB", theme.muted), no_wrap=True,
    )  # fmt: skip
    line.truncate(width, overflow="ellipsis")
    return line


def _cells(filters: int, columns: int) -> list[tuple[int, int]]:
    """From and to of each filter's cells; filters share cells where there are too many."""
    starts = [index * columns // filters for index in range(filters + 1)]
    return [(start, max(stop, start + 1)) for start, stop in pairwise(starts)]


def place_at(filters: int, width: int, x: int) -> int | None:
    """The filter, as a place in the order, that stands at a column of an overview."""
    cells = _cells(filters, max(width - GUTTER, 1))
    return next((at for at, (a, b) in enumerate(cells) if a <= x - GUTTER < b), None)


def shares(side: Side, rows: int, columns: int, levels: Scale) -> NDArray[np.float64]:
    """(rows, columns) of loudness, 0 to 1, the highest frequency first.

    Where several frequencies or filters fall on one place, the greatest response is shown.
    """
    levels_OF = side.responses.levels_db[list(side.order)]
    low, high = levels
    by_row = _reduced((levels_OF - low) / (high - low), rows)[:, ::-1]
    grid = np.zeros((rows, columns))
    for (start, stop), column in zip(_cells(len(by_row), columns), by_row, strict=True):
        grid[:, start:stop] = np.maximum(grid[:, start:stop], column[:, None])
    return grid


def _reduced(levels_OF: Floats, rows: int) -> Floats:
    """(O, rows) the greatest of each part of the frequencies."""
    edges = np.linspace(0, levels_OF.shape[1], rows + 1).round().astype(int)
    parts = [levels_OF[:, a : max(b, a + 1)].max(axis=1) for a, b in pairwise(edges.tolist())]
    return np.stack(parts, axis=1)


def _labels(side: Side, rows: int) -> dict[int, str]:
    """What stands left of some rows: frequencies, the highest at the top."""
    high = float(side.responses.frequencies_hz[-1])
    steps = 4 if rows >= 8 else 2 if rows >= 4 else 1
    marks = {round((rows - 1) * (1 - part / steps)): high * part / steps
             for part in range(steps + 1)}  # fmt: skip
    return {row: _short(value) for row, value in marks.items()}


def _short(value: float) -> str:
    return f"{value / 1000:.3g}k" if value >= 1000 else f"{value:.3g}"


def _marker(side: Side, place: int, columns: int, theme: Theme) -> Text:
    """The line under the map: which filter is the chosen one."""
    start, stop = _cells(len(side.order), columns)[place]
    at = GUTTER + (start + stop - 1) // 2
    line = Text(" " * at, no_wrap=True).append("▲", style=theme.accent)
    return line


def bars(kernel_K: NDArray[np.floating], columns: int, rows: int) -> list[str]:
    """The taps from left to right in `rows` lines of `columns` cells, scaled to the greatest.

    Where there are more taps than cells, each cell spans the taps it stands for.
    """
    columns, halves = max(columns, 1), 2 * max(rows, 1)
    taps = len(kernel_K)
    low, high = np.minimum(kernel_K, 0.0), np.maximum(kernel_K, 0.0)
    if taps > columns:
        parts = np.array_split(np.arange(taps), columns)
        low = np.array([low[part].min() for part in parts])
        high = np.array([high[part].max() for part in parts])
        each = 1
    else:
        each = columns // taps
        low, high = np.repeat(low, each), np.repeat(high, each)
    scale = float(np.abs(kernel_K).max()) or 1.0
    top = np.rint((1 - high / scale) / 2 * (halves - 1))
    bottom = np.rint((1 - low / scale) / 2 * (halves - 1))
    place = np.arange(halves)[:, None]
    filled = (place >= top) & (place <= bottom)
    if each >= GAP_FROM:
        filled[:, each - 1 :: each] = False
    return [
        "".join(SIGNS[both] for both in zip(upper, lower, strict=True))
        for upper, lower in zip(filled[::2].tolist(), filled[1::2].tolist(), strict=True)
    ]


def tiny(kernel_K: NDArray[np.floating], width: int) -> str:
    """The kernel in `width` cells of braille, two taps a cell.

    Of several taps that share a place the one farthest from 0 is shown: their mean would hide
    what a long kernel does.
    """
    kept: Sequence[float] = [
        float(part[np.abs(part).argmax()])
        for part in np.array_split(kernel_K, min(len(kernel_K), 2 * width))
    ]
    return glyphs.sparkline(kept, width)
