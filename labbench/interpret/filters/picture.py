"""The filters of a layer: list, chosen one, map of all; of one run or of two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.errors import RunError
from labbench.interpret.filters import bank as drawing
from labbench.interpret.filters.answer import FilterBank, RunFilters, Sort, run_filters
from labbench.interpret.filters.bank import Side
from labbench.runs import RunFolder

LIST, WIDE_LIST = 42, 52
"""Cells of the list where the chosen filter stands beside it, and where there is more room."""

BESIDE, WIDE = 72, 110
"""From so many cells on, it does, and there is."""

GAP = 2
"""Cells between things side by side."""

CHOSEN, MAP = 18, 13
"""Lines of the chosen filter and of the map where no height is asked for."""

HIGHEST = 24
"""Lines of the map at most."""


@dataclass(frozen=True, slots=True)
class FiltersView:
    """One layer's filters, of one run or of two."""

    sides: tuple[Side, ...]
    sort: Sort = "centre"
    place: int = 0
    """The chosen filter, as a place in the order; the same place in both runs."""
    bare: bool = False
    """Without heading, for where it is said beside it."""

    @classmethod
    def of(
        cls, run: RunFolder, layer: str = "conv1", *, sort: Sort = "centre",
        input_channel: int | None = None, channel: int | None = None, folded: bool = False,
        against: RunFolder | None = None,
    ) -> FiltersView:  # fmt: skip
        """The filters of a layer of a run's best net.

        Args:
            input_channel: show the responses to this one; None: the norm over all.
            channel: the chosen filter; None: the first in order.
            folded: with the batch norm behind the layer folded in.
            against: a run whose layer of that name stands beside it.

        Raises:
            RunError: there is no checkpoint, layer, channel or batch norm.
        """
        runs = [run] if against is None else [run, against]
        found = [run_filters(one, layer) for one in runs]
        view = cls.made(found, sort=sort, input_channel=input_channel, folded=folded)
        return view if channel is None else view.at_channel(channel)

    @classmethod
    def made(
        cls, found: Sequence[RunFilters], *, sort: Sort = "centre",
        input_channel: int | None = None, folded: bool = False, place: int = 0,
    ) -> FiltersView:  # fmt: skip
        """The view of one or two runs' filters.

        Raises:
            RunError: there is no such input channel, or no batch norm to fold.
        """
        if folded and all(one.bank.norm_O is None for one in found):
            raise RunError(
                f"{found[0].bank.layer} has no batch norm behind it that could be folded in.",
                where=found[0].run_id,
            )
        sides = tuple(_side(one, sort, input_channel, folded) for one in found)
        return cls(sides, sort).at(place)

    def at(self, place: int) -> FiltersView:
        """The view with another filter chosen, by its place in the order; clipped."""
        most = max(side.bank.channels for side in self.sides) - 1
        return replace(self, place=min(max(place, 0), most))

    def at_channel(self, channel: int) -> FiltersView:
        """The view with a filter of the first run chosen.

        Raises:
            RunError: there is no such filter.
        """
        side = self.sides[0]
        if channel not in side.order:
            raise RunError(
                f"{side.bank.layer} has no filter {channel}.", where=side.of.run_id,
                hint=f"They are 0 to {side.bank.channels - 1}.",
            )  # fmt: skip
        return self.at(side.order.index(channel))

    @property
    def channel(self) -> int:
        """The chosen filter of the first run."""
        return self.sides[0].order[self._place_in(self.sides[0])]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        if len(self.sides) == 1:
            return self._panel(self.sides[0], width, height, theme)
        each = (width - GAP) // 2
        panels = [self._panel(side, each, height, theme) for side in self.sides]
        return drawing.beside([panels[0], Text(" "), panels[1]], [each, width - 2 * each, each])

    def _panel(self, side: Side, width: int, height: int | None, theme: Theme) -> RenderableType:
        """One run's list, chosen filter and map."""
        head = self._head(side, theme)
        for line in head:
            line.truncate(width, overflow="ellipsis")
        lines, place = _lines(side.bank.channels, width, height, len(head)), self._place_in(side)
        parts: list[RenderableType] = [*head]
        room = width - lines.list_width - GAP if lines.beside else width
        left = drawing.listed(side, place, lines.list_width, lines.listed, theme)
        chosen = drawing.one_filter(side, place, room, lines.chosen, theme)
        if lines.beside:
            parts.append(drawing.beside([left, "", chosen], [lines.list_width, GAP, room]))
        else:
            parts += [left, chosen] if lines.chosen else [left]
        if lines.overview:
            scale = drawing.scale(self.sides)
            words = f"all by {self.sort}, frequency upwards" if width >= 56 else f"by {self.sort}"
            legend = drawing.legend(words, scale, width, theme)
            rows = lines.overview - 1
            parts += [legend, drawing.overview(side, place, width, rows, theme, scale)]
        return Group(*parts)

    def _head(self, side: Side, theme: Theme) -> list[Text]:
        """Run, shape, and what is shown of it."""
        if self.bare and len(self.sides) == 1:
            return []
        said = Text(_said(side, None if self.bare else self.sort), style=theme.muted)
        made = Text(f"  {side.of.activation}, {side.of.initializer}", style=theme.muted)
        head = Text.assemble((side.of.run_id, "bold"), made)
        return [head, Text(_shape(side.bank)), said]

    def _place_in(self, side: Side) -> int:
        """The chosen place: two runs may have different numbers of filters."""
        return min(self.place, side.bank.channels - 1)

    def place_at(self, x: int, y: int, width: int, height: int) -> int | None:
        """The place in the order that is seen at a cell of the picture, if any."""
        each = width if len(self.sides) == 1 else (width - GAP) // 2
        second = len(self.sides) > 1 and x >= width - each
        side = self.sides[1 if second else 0]
        x -= width - each if second else 0
        lines = _lines(side.bank.channels, each, height, len(self._head(side, TERMINAL)))
        if lines.overview and y >= height - lines.overview:
            return drawing.place_at(side.bank.channels, each, x)
        shown = drawing.window(side.bank.channels, lines.listed - 1, self._place_in(side))
        row = y - lines.head - 1
        listed = 0 <= row < len(shown) and x < lines.list_width
        return shown[row] if listed else None

    def without_heading(self) -> FiltersView:
        """The view for where the heading is said beside it."""
        return replace(self, bare=True)

    def shape_words(self) -> str:
        """Layer, filters, taps and rate of the first run."""
        return _shape(self.sides[0].bank)

    def in_words(self) -> str:
        """What is shown of it: from when, in what order, of which inputs."""
        return _said(self.sides[0], self.sort)

    def as_json(self) -> dict[str, Any]:
        """The layer and its filters in the order shown; of two runs a list of both."""
        found = [self._side_json(side) for side in self.sides]
        return found[0] if len(found) == 1 else {"runs": found}

    def _side_json(self, side: Side) -> dict[str, Any]:
        bank, levels_OF = side.bank, side.responses.levels_db
        return {
            "run": side.of.run_id, "epoch": side.of.epoch, "layer": bank.layer,
            "rate_hz": bank.rate_hz, "taps": bank.taps, "inputs": bank.inputs,
            "batch_norm": bank.norm_O is not None, "folded": bank.folded, "sort": self.sort,
            "input": "norm" if side.input_channel is None else side.input_channel,
            "frequencies_hz": side.responses.frequencies_hz.tolist(),
            "filters": [
                {
                    **dict(zip(FIELDS, _fields(side, channel), strict=True)),
                    "kernel": side.kernel(channel).tolist(),
                    "response_db": levels_OF[channel].tolist(),
                }
                for channel in side.order
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a filter."""
        rows: list[Sequence[Any]] = [
            [side.of.run_id, side.bank.layer, *_fields(side, channel)]
            for side in self.sides
            for channel in side.order
        ]
        return csv_text(["run", "layer", *FIELDS], rows)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Kernels (O, I, K), magnitudes (O, F), frequencies and figures by index; the second
        run's names begin with `against_`.
        """
        found: dict[str, NDArray[Any]] = {}
        for prefix, side in zip(("", "against_"), self.sides, strict=False):
            responses, bank = side.responses, side.bank
            arrays = {
                "kernels": bank.kernels_OIK, "bias": bank.bias_O,
                "magnitude": responses.magnitude_OF, "frequencies_hz": responses.frequencies_hz,
                "centre_hz": responses.centre_hz, "bandwidth_hz": responses.bandwidth_hz,
                "gain_db": responses.gain_db, "order": np.array(side.order),
                "rate_hz": np.array(bank.rate_hz),
            }  # fmt: skip
            found |= {prefix + name: array for name, array in arrays.items()}
        return found


FIELDS = ("filter", "centre_hz", "bandwidth_hz", "gain_db", "input", "awake")


def _fields(side: Side, channel: int) -> list[Any]:
    figures = side.responses
    values = (figures.centre_hz, figures.bandwidth_hz, figures.gain_db)
    awake = None if side.of.awake_O is None else float(side.of.awake_O[channel])
    return [channel, *(float(one[channel]) for one in values), side.input_of(channel), awake]


def _side(found: RunFilters, sort: Sort, input_channel: int | None, folded: bool) -> Side:
    bank = found.bank.fold() if folded and found.bank.norm_O is not None else found.bank
    if input_channel is not None and not 0 <= input_channel < bank.inputs:
        raise RunError(
            f"{bank.layer} has no input channel {input_channel}.", where=found.run_id,
            hint=f"They are 0 to {bank.inputs - 1}, or norm.",
        )  # fmt: skip
    responses = bank.responses(input_channel)
    order = tuple(responses.order(sort).tolist())
    return Side(found, bank, responses, order, input_channel)


@dataclass(frozen=True, slots=True)
class _Lines:
    """How many lines each part of a panel takes; 0: it is left out."""

    head: int
    listed: int
    chosen: int
    overview: int
    beside: bool
    """Whether the chosen filter stands beside the list, not below."""
    list_width: int


def _lines(filters: int, width: int, height: int | None, head: int) -> _Lines:
    """The parts of a panel; where no height is asked for, all filters are listed."""
    beside = width >= BESIDE
    cells = (WIDE_LIST if width >= WIDE else LIST) if beside else width
    if height is None:
        rows = filters + 1
        return _Lines(head, rows, max(rows, CHOSEN) if beside else CHOSEN, MAP, beside, cells)
    room = max(height - head, 2)
    overview = min(max(room * 2 // 5, 6), HIGHEST) if room >= 14 else 0
    above = room - overview
    if beside:
        return _Lines(head, above, above, overview, beside, cells)
    chosen = max(above // 2, above - filters - 1, drawing.LEAST) if above >= 10 else 0
    return _Lines(head, above - chosen, chosen, overview, beside, cells)


def _shape(bank: FilterBank) -> str:
    """`conv2 · 32 filters of 32 x 5 taps, 16,000 Hz`."""
    inputs = f"{bank.inputs} x " if bank.inputs > 1 else ""
    taps, filters = units.plural(bank.taps, "tap"), units.plural(bank.channels, "filter")
    return f"{bank.layer} · {filters} of {inputs}{taps}, {drawing.hertz(bank.rate_hz)} Hz"


def _said(side: Side, sort: Sort | None) -> str:
    bank = side.bank
    parts = [f"by {sort}"] if sort is not None else []
    if bank.inputs > 1:
        one = f"input channel {side.input_channel}"
        parts.append(one if side.input_channel is not None else "norm over inputs")
    if bank.norm_O is not None:
        parts.append("batch norm folded in" if bank.folded else "batch norm not folded in")
    return " · ".join([*parts, f"best net, epoch {side.of.epoch}"])
