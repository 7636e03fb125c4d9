"""The filters of a layer: list, chosen one, map of all; of one run or of two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw.columns import beside, in_view
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import RunError
from labbench.interpret.filters import bank as drawing
from labbench.interpret.filters.answer import FilterBank, RunFilters
from labbench.interpret.filters.bank import Side
from labbench.interpret.filters.options import NORM, FiltersOptions
from labbench.interpret.picture import AnalysisView
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
class FiltersView(AnalysisView[FiltersOptions]):
    """One layer's filters, of one run or of two."""

    sides: tuple[Side, ...]
    place: int = 0
    """The chosen filter, as a place in the order; the same place in both runs."""

    @classmethod
    def of(
        cls, found: Sequence[RunFilters], options: FiltersOptions, *, synthetic: bool = False
    ) -> FiltersView:
        """The view of one or two runs' filters.

        Raises:
            RunError: there is no such input channel or filter, or no batch norm to fold.
        """
        if options.folded and all(one.bank.norm_O is None for one in found):
            raise RunError(
                f"{found[0].bank.layer} has no batch norm behind it that could be folded in.",
                where=found[0].run_id,
            )
        sides = tuple(_side(one, options) for one in found)
        order, channel = sides[0].order, options.channel
        if channel is not None and channel not in order:
            raise RunError(
                f"{sides[0].bank.layer} has no filter {channel}.", where=found[0].run_id,
                hint=f"They are 0 to {len(order) - 1}.",
            )  # fmt: skip
        place = 0 if channel is None else order.index(channel)
        return cls(found[0].run_id, synthetic, options, sides, place)

    def having(self, options: FiltersOptions) -> FiltersView:
        found = [side.of for side in self.sides]
        return FiltersView.of(found, options, synthetic=self.synthetic)

    def moved(self, by: int) -> FiltersView:
        """The view with a filter chosen that is so many places on; clipped."""
        most = max(side.bank.channels for side in self.sides) - 1
        moved = replace(self, place=min(max(self.place + by, 0), most))
        return replace(moved, options=self.options.having(channel=moved.channel))

    @property
    def channel(self) -> int:
        """The chosen filter of the first run."""
        return self.sides[0].order[self._place_in(self.sides[0])]

    def heading(self, theme: Theme, place: str = "") -> Text:
        # Of two runs each says it of itself.
        if len(self.sides) > 1:
            return Text()
        side, by = self.sides[0], f"by {self.options.sort} · "
        return Text.assemble((_shape(side.bank), "bold"), (f"  {by}{_said(side)}", theme.muted))

    def head(self, theme: Theme) -> list[Text]:
        if len(self.sides) > 1:
            return []
        first, *rest = self._head(self.sides[0], f"by {self.options.sort} · ", theme)
        return [first.append_text(self.warning(theme)), *rest]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        if len(self.sides) == 1:
            return self._panel(self.sides[0], width, height, theme)
        each = (width - GAP) // 2
        panels = [self._panel(side, each, height, theme) for side in self.sides]
        return beside([panels[0], Text(" "), panels[1]], [each, width - 2 * each, each])

    def _panel(self, side: Side, width: int, height: int | None, theme: Theme) -> RenderableType:
        """One run's list, chosen filter and map."""
        head = [] if len(self.sides) == 1 else self._head(side, "", theme)
        for line in head:
            line.truncate(width, overflow="ellipsis")
        lines, place = _lines(side.bank.channels, width, height, len(head)), self._place_in(side)
        parts: list[RenderableType] = [*head]
        room = width - lines.list_width - GAP if lines.beside else width
        left = drawing.listed(side, place, lines.list_width, lines.listed, theme)
        chosen = drawing.one_filter(side, place, room, lines.chosen, theme)
        if lines.beside:
            parts.append(beside([left, "", chosen], [lines.list_width, GAP, room]))
        else:
            parts += [left, chosen] if lines.chosen else [left]
        if lines.overview:
            scale = drawing.scale(self.sides)
            by = f"by {self.options.sort}"
            words = f"all {by}, frequency upwards" if width >= 56 else by
            legend = drawing.legend(words, scale, width, theme)
            rows = lines.overview - 1
            parts += [legend, drawing.overview(side, place, width, rows, theme, scale)]
        return Group(*parts)

    def _head(self, side: Side, by: str, theme: Theme) -> list[Text]:
        """Run, shape, and what is shown of it."""
        made = (f"  {side.of.activation}, {side.of.initializer}", theme.muted)
        first = Text.assemble((side.of.run_id, "bold"), made)
        return [first, Text(_shape(side.bank)), Text(f"{by}{_said(side)}", style=theme.muted)]

    def _place_in(self, side: Side) -> int:
        """The chosen place: two runs may have different numbers of filters."""
        return min(self.place, side.bank.channels - 1)

    def clicked(self, x: int, y: int, width: int, height: int) -> FiltersView | None:
        """The view with the filter chosen that was clicked, in the list or in the map."""
        place = self.place_at(x, y, width, height)
        return None if place is None else self.moved(place - self.place)

    def place_at(self, x: int, y: int, width: int, height: int) -> int | None:
        """The place in the order that is seen at a cell of the body, if any."""
        each = width if len(self.sides) == 1 else (width - GAP) // 2
        second = len(self.sides) > 1 and x >= width - each
        side = self.sides[1 if second else 0]
        x -= width - each if second else 0
        lines = _lines(side.bank.channels, each, height, 3 if len(self.sides) > 1 else 0)
        if lines.overview and y >= height - lines.overview:
            return drawing.place_at(side.bank.channels, each, x)
        shown = in_view(side.bank.channels, lines.listed - 1, self._place_in(side))
        row = y - lines.head - 1
        listed = 0 <= row < len(shown) and x < lines.list_width
        return shown[row] if listed else None

    def as_json(self) -> dict[str, Any]:
        """The layer and its filters in the order shown; of two runs a list of both."""
        found = [self._side_json(side) for side in self.sides]
        return found[0] if len(found) == 1 else {"runs": found}

    def _side_json(self, side: Side) -> dict[str, Any]:
        bank, levels_OF = side.bank, side.responses.levels_db
        return {
            "run": side.of.run_id, "epoch": side.of.epoch, "layer": bank.layer,
            "rate_hz": bank.rate_hz, "taps": bank.taps, "inputs": bank.inputs,
            "batch_norm": bank.norm_O is not None, "folded": bank.folded, "sort": self.options.sort,
            "input": NORM if side.input_channel is None else side.input_channel,
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


def _side(found: RunFilters, options: FiltersOptions) -> Side:
    folds = options.folded and found.bank.norm_O is not None
    bank = found.bank.fold() if folds else found.bank
    input_channel = None if options.input == NORM else int(options.input)
    if input_channel is not None and not 0 <= input_channel < bank.inputs:
        raise RunError(
            f"{bank.layer} has no input channel {input_channel}.", where=found.run_id,
            hint=f"They are 0 to {bank.inputs - 1}, or {NORM}.",
        )  # fmt: skip
    responses = bank.responses(input_channel)
    order = tuple(responses.order(options.sort).tolist())
    return Side(found, bank, responses, order, input_channel)


def view(
    run: RunFolder, options: FiltersOptions, found: tuple[RunFilters, ...]
) -> FiltersView:  # fmt: skip
    """What was found out, as the options want it.

    Raises:
        RunError: there is no such input channel or filter, or no batch norm to fold.
    """
    return FiltersView.of(found, options, synthetic=run.status().synthetic)


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


def _said(side: Side) -> str:
    """What is shown of it: of which inputs, with which batch norm, from when."""
    bank, parts = side.bank, []
    if bank.inputs > 1:
        one = f"input channel {side.input_channel}"
        parts.append(one if side.input_channel is not None else "norm over inputs")
    if bank.norm_O is not None:
        parts.append("batch norm folded in" if bank.folded else "batch norm not folded in")
    return " · ".join([*parts, f"best net, epoch {side.of.epoch}"])
