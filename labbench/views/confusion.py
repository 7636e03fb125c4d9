"""The confusion matrix as a heat map: actual words in rows, predicted ones in columns.

The diagonal (right) and the rest (wrong) have colour scales of their own, or the diagonal drowns
the confusions. Counts stand on the colours, so that nothing is lost without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from labbench.results import Report
from labbench.runs import RunFolder
from labbench.views import glyphs, palette
from labbench.views.classes import heading
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme
from labbench.views.source import Judged, judged

Order = Literal["class", "confusion"]
ORDERS: tuple[str, ...] = get_args(Order)

Figures = Literal["counts", "percent", "shades"]
SHADES = "░▒▓█"

SIDE_WIDTH = 11
"""Cells right of the matrix: recall and support."""


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """A confusion matrix with recall and support by row, precision by column."""

    judged: Judged
    percent: bool = False
    """Percent of each row's clips instead of counts."""
    order: Order = "class"
    """confusion: words that are confused stand side by side, the worst pair first."""
    cell: tuple[int, int] | None = None
    """Row and column, as shown, of the cell that is marked and explained."""

    @classmethod
    def of(
        cls,
        run: RunFolder,
        split: str | None = None,
        *,
        percent: bool = False,
        order: Order = "class",
    ) -> ConfusionView:
        """The matrix of a run's split.

        Raises:
            RunError: there is none yet.
        """
        return cls(judged(run, split), percent, order)

    def at(self, row: int, column: int) -> ConfusionView:
        """The same with another cell marked, kept within the matrix."""
        last = len(self.judged.report.words) - 1
        return replace(self, cell=(min(max(row, 0), last), min(max(column, 0), last)))

    @property
    def places(self) -> list[int]:
        """Class at each row and column shown."""
        report = self.judged.report
        return (
            report.confusion_order() if self.order == "confusion" else [*range(len(report.words))]
        )

    def explain(self, row: int, column: int) -> str:
        """What the cell at a shown row and column says, in words."""
        report, places = self.judged.report, self.places
        actual, predicted = places[row], places[column]
        word, other = report.words[actual], report.words[predicted]
        count, support = int(report.matrix[actual, predicted]), int(report.support[actual])
        if not support:
            return f"{word}: the split has no clips of it."
        if actual == predicted:
            return f"{word}: {count:,} of {support:,} clips are right ({count / support:.1%})."
        back, others = int(report.matrix[predicted, actual]), int(report.support[predicted])
        noun = "clip" if count == 1 else "clips"
        text = f"{word} → {other}: {count:,} {noun} ({count / support:.1%} of {word})"
        if others:
            text += f"; {other} → {word}: {back:,} ({back / others:.1%})"
        return f"{text}."

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        layout = _layout(self.judged.report, width, height, self)
        lines = [_head(layout, theme), *(_row(layout, self, row, theme) for row in layout.rows)]
        lines.append(_foot(layout, theme))
        notes = [Text(note, style=theme.warn) for note in self.judged.report.notes]
        return Group(heading(self.judged, theme), *lines, *self._below(layout, theme), *notes)

    def _below(self, layout: _Layout, theme: Theme) -> list[Text]:
        """The marked cell, or the worst confusions, in words; and what could not be shown."""
        if self.cell:
            words = [Text(self.explain(*self.cell))]
        else:
            top = "; ".join(pair.in_words() for pair in self.judged.report.confusions(2))
            words = [Text(top or "No confusions: all clips are right.")]
        if layout.said:
            words.append(Text(layout.said, style=theme.muted))
        return words

    def as_json(self) -> dict[str, Any]:
        """Words and matrix in the order shown, recall, precision and support."""
        report, places = self.judged.report, self.places
        return {
            "run": self.judged.run_id,
            "split": self.judged.split,
            "epoch": self.judged.epoch,
            "caption": self.judged.caption,
            "accuracy": report.accuracy,
            "rows": "actual",
            "columns": "predicted",
            "words": [report.words[place] for place in places],
            "matrix": report.matrix[np.ix_(places, places)].tolist(),
            "recall": report.recall[places].tolist(),
            "precision": report.precision[places].tolist(),
            "support": report.support[places].tolist(),
            "notes": list(report.notes),
        }

    def as_csv(self) -> str:
        """The matrix as the report prints it: counts, or percent of the row."""
        report, places = self.judged.report, self.places
        words = [report.words[place] for place in places]
        table: NDArray[Any] = report.matrix
        if self.percent:
            table = np.round(100 * _shares(report), 2)
        rows = table[np.ix_(places, places)].tolist()
        return csv_text(
            ["actual\\predicted", *words],
            [[word, *row] for word, row in zip(words, rows, strict=True)],
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the matrix fits a width and a height."""

    report: Report
    places: list[int]
    rows: range
    columns: range
    figures: Figures
    cell: int
    """Width of a cell."""
    label: int
    """Width of the row labels."""
    shares: NDArray[np.float64]
    """(K, K) of the actual class."""
    worst: float
    """The largest share off the diagonal: the top of its colour scale."""
    said: str


def _layout(report: Report, width: int, height: int | None, view: ConfusionView) -> _Layout:
    K = len(report.words)
    longest = max(len(word) for word in report.words)
    figures, cell, label = _fit(report, width, longest, view.percent)
    columns = _window(K, (width - label - SIDE_WIDTH) // cell, view.cell and view.cell[1])
    rows = _window(K, (height or 1000) - 7, view.cell and view.cell[0])
    shares = _shares(report)
    wrong = shares[~np.eye(K, dtype=bool)]
    said = []
    if figures == "percent":
        said.append("percent of each row" + ("" if view.percent else ": too narrow for counts"))
    elif figures == "shades":
        said.append("too narrow for figures: darker is fewer clips of the row")
    if len(rows) < K or len(columns) < K:
        said.append(f"rows {rows.start + 1}-{rows.stop}, columns {columns.start + 1}-"
                    f"{columns.stop} of {K}")  # fmt: skip
    return _Layout(
        report, view.places, rows, columns, figures, cell, label, shares,
        float(wrong.max()) if wrong.size else 0.0, "; ".join(said),
    )  # fmt: skip


def _fit(report: Report, width: int, longest: int, percent: bool) -> tuple[Figures, int, int]:
    """What the cells show, their width, and that of the labels."""
    K = len(report.words)
    digits = len(str(int(report.matrix.max())))
    for figures, narrowest in (("counts", max(digits, 3) + 1), ("percent", 4), ("shades", 1)):
        if figures == "counts" and percent:
            continue
        for label in (longest + 1, 5, 4):
            room = (width - min(label, longest + 1) - SIDE_WIDTH) // K
            if room >= narrowest:
                widest = {"counts": max(narrowest, longest + 1, 6), "percent": 6, "shades": 2}
                kind: Figures = figures  # type: ignore[assignment]
                return kind, min(room, widest[figures]), min(label, longest + 1)
    return "shades", 1, min(4, longest + 1)


def _window(count: int, room: int, around: int | None) -> range:
    """The part of `count` rows or columns that fits, with `around` inside."""
    size = min(count, max(room, 1))
    start = min(max((around or 0) - size // 2, 0), count - size)
    return range(start, start + size)


def _shares(report: Report) -> NDArray[np.float64]:
    """(K, K) share of the actual class' clips; 0 where it has none."""
    support = np.maximum(report.support, 1)[:, None]
    shares: NDArray[np.float64] = report.matrix / support
    return shares


def _names(layout: _Layout, width: int) -> list[str]:
    return glyphs.shortened([layout.report.words[place] for place in layout.places], width)


def _head(layout: _Layout, theme: Theme) -> Text:
    line = Text(glyphs.clip("actual ↓", layout.label - 1).ljust(layout.label), style=theme.muted)
    gap = 0 if layout.cell <= 2 else 1
    names = _names(layout, layout.cell - gap)
    for column in layout.columns:
        line.append(names[column].rjust(layout.cell), style="not dim")
    return line.append("recall clips".rjust(SIDE_WIDTH + 1)[1:])


def _row(layout: _Layout, view: ConfusionView, row: int, theme: Theme) -> Text:
    actual = layout.places[row]
    marked_row = view.cell is not None and view.cell[0] == row
    name = _names(layout, layout.label - 1)[row].ljust(layout.label)
    line = Text(name, style="bold" if marked_row else "")
    for column in layout.columns:
        predicted = layout.places[column]
        text = _figure(layout, actual, predicted)
        style = _style(layout, actual, predicted, theme)
        if marked_row and view.cell == (row, column):
            text, style = _marked(text), style + Style(bold=True, reverse=True)
        line.append(text, style=style)
    recall, support = layout.report.recall[actual], int(layout.report.support[actual])
    return line.append(f" {recall:.2f} {support:>5}"[:SIDE_WIDTH])


def _marked(text: str) -> str:
    """A cell's text in brackets, as far as its width lets it."""
    if len(text) < 3:
        return text
    inner = text.strip()
    return (
        f"[{inner}]".rjust(len(text)) if len(inner) + 2 <= len(text) else f">{inner}"[: len(text)]
    )


def _figure(layout: _Layout, actual: int, predicted: int) -> str:
    count, share = int(layout.report.matrix[actual, predicted]), layout.shares[actual, predicted]
    if not count:
        return "·".rjust(layout.cell)
    if layout.figures == "counts":
        return str(count).rjust(layout.cell)
    if layout.figures == "percent":
        return (f"{100 * share:.0f}" if share >= 0.005 else "<1").rjust(layout.cell)
    top = 1.0 if actual == predicted else layout.worst
    return SHADES[min(int(share / top * len(SHADES)), len(SHADES) - 1)].rjust(layout.cell)


def _style(layout: _Layout, actual: int, predicted: int, theme: Theme) -> Style:
    share = float(layout.shares[actual, predicted])
    if not share:
        return Style.parse(theme.muted)
    if actual == predicted:
        return palette.cell("viridis", share, light=theme.light)
    # The lower tenth of the map is black: a single clip must be told from none.
    return palette.cell("inferno", 0.15 + 0.75 * share / layout.worst, light=theme.light)


def _foot(layout: _Layout, theme: Theme) -> Text:
    line = Text(glyphs.clip("precision", layout.label - 1).ljust(layout.label), style=theme.muted)
    for column in layout.columns:
        precision = layout.report.precision[layout.places[column]]
        figure = f"{precision:.2f}".removeprefix("0") if precision < 0.995 else "1.0"
        line.append(figure.rjust(layout.cell) if layout.cell > 3 else " " * layout.cell)
    return line
