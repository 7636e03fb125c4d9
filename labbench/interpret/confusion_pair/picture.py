"""A pair of confused words: four cells side by side, and the clips of both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.audio.stft import Spectrogram
from labbench.draw import strips
from labbench.draw.columns import Column, beside, fitted, in_view, marked
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER
from labbench.draw.strips import Axis
from labbench.evaluation.clips import ClipPrediction
from labbench.interpret.confusion_pair.answer import Cell, Confused, Means, Pair
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.picture import AnalysisView
from labbench.runs import RunFolder

GAP = 2
"""Cells between things side by side."""

HEIGHT = 26
"""Lines of pictures where none are asked for."""

FEWEST = 4
"""Lines of the lists at least, with their heading."""

SIDE_BY_SIDE = 60
"""From so many cells on, the four cells stand side by side; else two and two."""


@dataclass(frozen=True, slots=True)
class PairView(AnalysisView[PairOptions]):
    """Two words, how often each is taken for the other, and what such clips have in common."""

    pair: Pair
    means: Means
    chosen: int | None = None
    """A clip of the lists, counted through both; None: none is marked."""

    def with_cursor(self) -> PairView:
        return self.at(self.chosen or 0)

    def moved(self, by: int) -> PairView:
        """The view with a clip marked that is so many lines on."""
        return self.at((self.chosen or 0) + by)

    def at(self, chosen: int) -> PairView:
        """The view with a clip of the lists marked; clipped."""
        return replace(self, chosen=min(max(chosen, 0), max(len(self.clips) - 1, 0)))

    @property
    def clips(self) -> tuple[ClipPrediction, ...]:
        """The confused clips of both directions."""
        first, second = self.pair.confused
        return first.clips + second.clips

    @property
    def clip(self) -> ClipPrediction | None:
        """The marked clip."""
        clips = self.clips
        return clips[self.chosen] if self.chosen is not None and self.chosen < len(clips) else None

    def words(self) -> str:
        """`three → tree: 8 clips (2.1% of three); tree → three: 15 (9.2% of tree)`."""
        first, second = self.pair.confused
        return (
            f"{first.actual} → {first.predicted}: {units.plural(len(first.clips), 'clip')} "
            f"({first.share:.1%} of {first.actual}); {second.actual} → {second.predicted}: "
            f"{len(second.clips):,} ({second.share:.1%} of {second.actual})"
        )

    def basis(self) -> str:
        """Whose clips, and what is averaged."""
        clips = units.plural(max(self.means.counts), "clip")
        return (
            f"{self.pair.split}, epoch {self.pair.epoch} · Grad-CAM at {self.means.layer} · "
            f"means of up to {clips}, the surest"
        )

    # The picture

    def heading(self, theme: Theme, place: str = "") -> Text:
        return Text(self.words(), style="bold").append(f"  {self.basis()}", theme.muted)

    def head(self, theme: Theme) -> list[Text]:
        return [self.of_run(self.basis(), theme), Text(self.words())]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        most = max(len(cell.clips) for cell in self.pair.confused) + 2
        if height is None:
            pictures, lists = HEIGHT, most
        else:
            lists = min(most, max(height // 3, FEWEST)) if height >= 2 * FEWEST else 0
            pictures = height - lists
        parts: list[RenderableType] = [self._pictures(width, pictures, theme)]
        if lists:
            parts.append(self._lists(width, lists, theme))
        return Group(*parts)

    def _pictures(self, width: int, height: int, theme: Theme) -> RenderableType:
        """The four cells, in one row or in two."""
        if width >= SIDE_BY_SIDE:
            return self._row((0, 1, 2, 3), width, height, theme)
        above = height - height // 2
        return Group(
            self._row((0, 1), width, above, theme), self._row((2, 3), width, height // 2, theme)
        )

    def _row(self, places: Sequence[int], width: int, height: int, theme: Theme) -> RenderableType:
        """Cells side by side; only the first tells the frequencies."""
        each = (width - GUTTER - GAP * (len(places) - 1)) // len(places)
        parts: list[RenderableType] = []
        widths: list[int] = []
        for number, place in enumerate(places):
            gutter = 0 if number else GUTTER
            if number:
                parts.append("")
                widths.append(GAP)
            axis = Axis(max(each, 2), gutter=gutter)
            parts.append(Group(*self._cell(place, axis, height, theme)))
            widths.append(axis.columns + gutter)
        return beside(parts, widths)

    def _cell(self, place: int, axis: Axis, height: int, theme: Theme) -> list[Text]:
        """Heading, mean spectrogram, mean evidence and time axis of one cell."""
        cell, means = self.pair.cells[place], self.means
        title = _title(cell, theme)
        title.truncate(axis.columns, overflow="ellipsis")
        title = Text.assemble(" " * axis.gutter, title)
        rest = max(height - 2, 1)
        if not means.counts[place]:
            said = Text("no such clip", theme.muted)
            return [title, Text.assemble(" " * axis.gutter, said), *[Text()] * (rest - 1),
                    axis.labels(theme)]  # fmt: skip
        below = rest // 3 if rest >= 5 else 0
        found = Spectrogram(
            10 ** (means.decibels_CFW[place].astype(np.float64) / 10), means.frequencies_hz,
            means.times_s,
        )  # fmt: skip
        lines = [title, *strips.spectrum(found, axis, rest - below, theme)]
        if below:
            top = float(means.evidence_CM.max()) or 1.0
            lines += strips.wave(
                means.evidence_CM[place], axis, below, theme, rate_hz=means.rate_hz,
                start_s=means.start_s, said=[f"for {cell.predicted}", cell.predicted],
                ends=(0.0, top), filled=True,
            )  # fmt: skip
        return [*lines, axis.labels(theme)]

    def _lists(self, width: int, height: int, theme: Theme) -> RenderableType:
        """The confused clips of both directions, the surest mistake first."""
        each = (width - GAP) // 2
        first, second = self.pair.confused
        offset = len(first.clips)
        chosen = self.chosen
        left = chosen if chosen is not None and chosen < offset else None
        right = chosen - offset if chosen is not None and chosen >= offset else None
        return beside(
            [_listed(first, left, each, height, theme), "",
             _listed(second, right, each, height, theme)],
            [each, GAP, each],
        )  # fmt: skip

    # For programs

    def as_json(self) -> dict[str, Any]:
        """Both words, and for each cell its clips and means."""
        means = self.means
        return {
            "run": self.run_id, "split": self.pair.split, "epoch": self.pair.epoch,
            "first": self.pair.first, "second": self.pair.second, "layer": means.layer,
            "frequencies_hz": means.frequencies_hz.tolist(), "times_s": means.times_s.tolist(),
            "evidence_rate_hz": means.rate_hz, "evidence_start_s": means.start_s,
            "cells": [
                {
                    "actual": cell.actual, "predicted": cell.predicted, "count": len(cell.clips),
                    "share": cell.share, "averaged": means.counts[place],
                    "clips": [dict(zip(FIELDS, _fields(clip), strict=True)) for clip in cell.clips],
                    "decibels": _listed_or_none(means.decibels_CFW[place], means.counts[place]),
                    "evidence": _listed_or_none(means.evidence_CM[place], means.counts[place]),
                }
                for place, cell in enumerate(self.pair.cells)
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a clip of the four cells."""
        rows = [
            [cell.actual, cell.predicted, *_fields(clip)]
            for cell in self.pair.cells
            for clip in cell.clips
        ]
        return csv_text(["actual", "predicted", *FIELDS], rows)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Mean spectrograms (4, F, W) in dB and mean evidence (4, M) with their axes."""
        means = self.means
        moments = means.evidence_CM.shape[1]
        return {
            "cells": np.array([f"{cell.actual} → {cell.predicted}" for cell in self.pair.cells]),
            "counts": np.array([len(cell.clips) for cell in self.pair.cells]),
            "averaged": np.array(means.counts), "decibels": means.decibels_CFW,
            "frequencies_hz": means.frequencies_hz, "times_s": means.times_s,
            "evidence": means.evidence_CM,
            "evidence_times_s": means.start_s + np.arange(moments) / means.rate_hz,
        }  # fmt: skip


FIELDS = ("name", "row", "probability_predicted", "probability_actual")


def view(run: RunFolder, options: PairOptions, found: Confused) -> PairView:
    """What was found out, as the options want it; which pair it is and of which split, they say."""
    pair = found.pair
    options = options.having(pair=(pair.first, pair.second), split=pair.split)
    return PairView(run.id, run.status().synthetic, options, pair, found.means)


def _fields(clip: ClipPrediction) -> list[Any]:
    return [clip.name, clip.row, clip.predicted, clip.actual]


def _listed_or_none(values: NDArray[np.float32], clips: int) -> Any:
    return values.tolist() if clips else None


def _title(cell: Cell, theme: Theme) -> Text:
    """`✖ 15 tree → three`."""
    sign, style = ("✔", theme.good) if cell.right else ("✖", theme.bad)
    return Text.assemble(
        (f"{sign} ", style), (f"{len(cell.clips):,} ", "bold"),
        (f"{cell.actual} → {cell.predicted}", style), no_wrap=True,
    )  # fmt: skip


def _listed(
    cell: Cell, chosen: int | None, width: int, height: int, theme: Theme
) -> RenderableType:
    """The clips of a confusion, as many as fit, one marked."""
    if not cell.clips:
        return Text(f"no {cell.actual} is taken for {cell.predicted}", style=theme.muted)
    places = in_view(len(cell.clips), height - 1, chosen or 0)
    shown = [cell.clips[place] for place in places]
    marks = [place == chosen for place in places]
    names = marked([clip.name for clip in shown], marks, theme, pointer=True)
    predicted = marked([f"{clip.predicted:.4f}" for clip in shown], marks, theme)
    actual = marked([f"{clip.actual:.4f}" for clip in shown], marks, theme)
    columns = [
        Column(f"{cell.actual} → {cell.predicted}", names, least=10),
        Column(f"p({cell.predicted})", predicted, right=True),
        Column(f"p({cell.actual})", actual, right=True, rank=1),
    ]
    return fitted(columns, width, theme)
