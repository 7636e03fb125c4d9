"""The confusion matrix as a heat map: actual words in rows, predicted ones in columns.

The diagonal (right) and the rest (wrong) have colour scales of their own, or the diagonal drowns
the confusions. Counts stand on the colours, so that nothing is lost without them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.style import Style

from labbench.draw import glyphs, palette
from labbench.draw.columns import in_view
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Console, Text
from labbench.evaluation import Report
from labbench.runs import RunFolder
from labbench.views.classes import heading
from labbench.views.source import Evaluation, evaluation_of

Order = Literal["name", "confusion"]
ORDERS: tuple[str, ...] = get_args(Order)

Figures = Literal["counts", "percent", "shades"]
SHADES = "░▒▓█"
TOO_NARROW = "shades of the row's clips: too narrow"
PERCENT = "percent of row"
UPRIGHT = 3
"""Letters of a word that is written downwards."""

SIDES = (" recall   clips", " rec clips")
"""Heads of the columns right of the matrix, the roomier first."""


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """A confusion matrix with recall and support by row, precision by column."""

    evaluation: Evaluation
    percent: bool = False
    """Percent of each row's clips instead of counts."""
    order: Order = "name"
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
        order: Order = "name",
    ) -> ConfusionView:
        """The matrix of a run's split.

        Raises:
            RunError: there is none yet.
        """
        return cls(evaluation_of(run, split), percent, order)

    def at(self, row: int, column: int) -> ConfusionView:
        """The same with another cell marked, kept within the matrix."""
        last = len(self.evaluation.report.words) - 1
        return replace(self, cell=(min(max(row, 0), last), min(max(column, 0), last)))

    @property
    def places(self) -> list[int]:
        """Class at each row and column shown."""
        report = self.evaluation.report
        return (
            report.confusion_order() if self.order == "confusion" else [*range(len(report.words))]
        )

    def cell_at(self, x: int, y: int, width: int, height: int) -> tuple[int, int] | None:
        """Row and column, as shown, of the cell drawn at a place of the body, if one is."""
        used = _lines([Text(self._words())], width)
        layout = _layout(self, width, height - used, beside=True)
        above = 1 + (UPRIGHT if layout.figures == "shades" else 1)
        row = layout.rows.start + y - above
        column = layout.columns.start + (x - layout.label) // layout.cell
        return (row, column) if row in layout.rows and column in layout.columns else None

    def explain(self, row: int, column: int) -> str:
        """What the cell at a shown row and column says, in words."""
        report, places = self.evaluation.report, self.places
        actual, predicted = places[row], places[column]
        word, other = report.words[actual], report.words[predicted]
        count, support = int(report.matrix[actual, predicted]), int(report.support[actual])
        if not support:
            return f"{word}: the split has no clips of it."
        if actual == predicted:
            return f"{word}: {count:,} of {support:,} clips correct ({count / support:.1%})."
        back, others = int(report.matrix[predicted, actual]), int(report.support[predicted])
        noun = "clip" if count == 1 else "clips"
        text = f"{word} → {other}: {count:,} {noun} ({count / support:.1%} of {word})"
        if others:
            text += f"; {other} → {word}: {back:,} ({back / others:.1%})"
        return f"{text}."

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        above, words = heading(self.evaluation, theme), Text(self._words())
        notes = [Text(note, style=theme.warn) for note in self.evaluation.report.notes]
        used = _lines([above, words, *notes], width)
        layout = _layout(self, width, None if height is None else height - used)
        said = [Text(one, style=theme.muted) for one in layout.said]
        return Group(above, *self._matrix(layout, _axes(theme), theme), words, *said, *notes)

    def body(self, width: int, height: int, theme: Theme) -> RenderableType:
        """The matrix without heading and notes, for where they are said beside it."""
        words = Text(self._words())
        layout = _layout(self, width, height - _lines([words], width), beside=True)
        axes = _axes(theme)
        if layout.said:
            axes.append(f"   {' · '.join(reversed(layout.said))}", style=theme.accent)
        return Group(*self._matrix(layout, axes, theme), words)

    def _matrix(self, layout: _Layout, axes: Text, theme: Theme) -> list[Text]:
        """The words above the columns, the rows, and the precision below."""
        rows = [_row(layout, self, row, theme) for row in layout.rows]
        return [axes, *_head(layout), *rows, *_foot(layout, theme)]

    def _words(self) -> str:
        """The marked cell, or the worst confusions, in words."""
        if self.cell:
            return self.explain(*self.cell)
        top = "; ".join(pair.in_words() for pair in self.evaluation.report.confusions(2))
        return top or "No confusions: all clips correct."

    def as_json(self) -> dict[str, Any]:
        """Words and matrix in the order shown, recall, precision and support."""
        report, places = self.evaluation.report, self.places
        return {
            "run": self.evaluation.run_id,
            "split": self.evaluation.split,
            "epoch": self.evaluation.epoch,
            "caption": self.evaluation.caption,
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
        report, places = self.evaluation.report, self.places
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
    side: str
    """Head of the columns right of the matrix."""
    shares: NDArray[np.float64]
    """(K, K) of the actual class."""
    worst: float
    """The largest share off the diagonal: the top of its colour scale."""
    said: tuple[str, ...]
    """What is not shown as asked; each fits a line of 40 cells."""

    def names(self, width: int) -> list[str]:
        """The words in the order shown, cut to a width and kept apart."""
        return glyphs.shortened([self.report.words[place] for place in self.places], width)


def _layout(
    view: ConfusionView, width: int, height: int | None, *, beside: bool = False
) -> _Layout:
    """How the matrix of a view fits.

    Args:
        beside: whether what is said stands beside the axes, not in lines of its own.
    """
    report = view.evaluation.report
    K = len(report.words)
    figures, cell, label, side = _fit(report, width, view.percent)
    columns = in_view(K, (width - label - len(side)) // cell, view.cell and view.cell[1])
    shares = _shares(report)
    wrong = shares[~np.eye(K, dtype=bool)]
    said = [] if figures == "counts" else [PERCENT if figures == "percent" else TOO_NARROW]
    if figures == "percent" and not view.percent:
        said = [f"{PERCENT}: too narrow for counts"]
    # Above and below the rows stand the words (upright where narrow) and the precision.
    used = 1 + (UPRIGHT if figures == "shades" else 1) + (figures != "shades")
    used += 0 if beside else len(said)
    rows = in_view(K, K if height is None else height - used, view.cell and view.cell[0])
    if len(rows) < K or len(columns) < K:
        room = (height or 1000) - used - (not beside)
        rows = in_view(K, min(len(rows), room), view.cell and view.cell[0])
        part = f"rows {rows.start + 1}-{rows.stop}, columns {columns.start + 1}-{columns.stop}"
        said.append(f"{part} of {K}")
    worst = float(wrong.max()) if wrong.size else 0.0
    return _Layout(
        report, view.places, rows, columns, figures, cell, label, side, shares, worst, tuple(said)
    )


def _fit(report: Report, width: int, percent: bool) -> tuple[Figures, int, int, str]:
    """What the cells show, their width, that of the labels, and the columns at the right."""
    K = len(report.words)
    longest = max(len(word) for word in report.words)
    digits = len(str(int(report.matrix.max())))
    kinds: list[tuple[Figures, int, int]] = [
        ("counts", max(digits, 3) + 1, max(digits + 2, longest + 1, 6)),
        ("percent", 4, max(longest + 1, 6)),
        ("shades", 1, 2),
    ]
    labels = sorted({min(longest + 1, most) for most in (longest + 1, 7, 5, 4)}, reverse=True)
    for kind, narrowest, widest in kinds[1:] if percent else kinds:
        for label in labels:
            for side in SIDES:
                room = (width - label - len(side)) // K
                if room >= narrowest:
                    return kind, min(room, widest), label, side
    return "shades", 1, labels[-1], SIDES[-1]


def _lines(parts: Sequence[RenderableType], width: int) -> int:
    """Lines the parts take at a width."""
    console = Console(width=width, file=io.StringIO())
    return sum(len(console.render_lines(part, pad=False)) for part in parts)


def _shares(report: Report) -> NDArray[np.float64]:
    """(K, K) share of the actual class' clips; 0 where it has none."""
    support = np.maximum(report.support, 1)[:, None]
    shares: NDArray[np.float64] = report.matrix / support
    return shares


def _axes(theme: Theme) -> Text:
    """What rows and columns are."""
    return Text("actual ↓  predicted →", style=theme.muted, no_wrap=True, overflow="ellipsis")


def _head(layout: _Layout) -> list[Text]:
    """The words above the columns; upright where cells are too narrow for a few letters."""
    upright = layout.figures == "shades"
    names = layout.names(UPRIGHT if upright else layout.cell - 1)
    if not upright:
        shown = [names[column].rjust(layout.cell) for column in layout.columns]
        return [Text(" " * layout.label + "".join(shown) + layout.side)]
    lines = []
    for letter in range(UPRIGHT):
        signs = [names[column].ljust(UPRIGHT)[letter] for column in layout.columns]
        line = " " * layout.label + "".join(sign.rjust(layout.cell) for sign in signs)
        lines.append(Text(line + (layout.side if letter == UPRIGHT - 1 else "")))
    return lines


def _row(layout: _Layout, view: ConfusionView, row: int, theme: Theme) -> Text:
    actual = layout.places[row]
    marked_row = view.cell is not None and view.cell[0] == row
    name = layout.names(layout.label - 1)[row].ljust(layout.label)
    line = Text(name, style="bold" if marked_row else "")
    for column in layout.columns:
        predicted = layout.places[column]
        text = _figure(layout, actual, predicted)
        style = _style(layout, actual, predicted, theme)
        if view.cell == (row, column):
            text, style = _marked(text), _cursor(theme)
        line.append(text, style=style)
    recall, support = _rate(layout.report.recall[actual]), int(layout.report.support[actual])
    split = layout.side.index("clips") - 1
    line.append(recall.rjust(len(layout.side[:split].rstrip())))
    return line.append(f"{support:,}".rjust(len(layout.side) - len(line) + _matrix_end(layout)))


def _matrix_end(layout: _Layout) -> int:
    """Cells of the labels and the matrix."""
    return layout.label + layout.cell * len(layout.columns)


def _rate(value: float) -> str:
    """Precision or recall in two places: `.95`, `1.0`."""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1.0"


def _marked(text: str) -> str:
    """A cell's text with a sign that it is marked, as far as its width lets it."""
    inner = text.strip()
    if len(inner) + 2 <= len(text):
        return f"[{inner}]".rjust(len(text))
    return f">{inner}".rjust(len(text)) if len(inner) < len(text) else text


def _cursor(theme: Theme) -> Style:
    """What no colour of a map looks like: the ground's opposite."""
    if theme is TERMINAL:
        return Style(bold=True, reverse=True)
    ink, ground = ("#ffffff", "#000000") if theme.light else ("#000000", "#ffffff")
    return Style(color=ink, bgcolor=ground, bold=True)


def _figure(layout: _Layout, actual: int, predicted: int) -> str:
    count, share = int(layout.report.matrix[actual, predicted]), layout.shares[actual, predicted]
    if not count:
        return "·".rjust(layout.cell)
    if layout.figures == "counts":
        return str(count).rjust(layout.cell)
    if layout.figures == "percent":
        return (f"{100 * share:.0f}" if share >= 0.005 else "<1").rjust(layout.cell)
    top = 1.0 if actual == predicted else layout.worst
    return SHADES[min(int(share / top * len(SHADES)), len(SHADES) - 1)] * layout.cell


def _style(layout: _Layout, actual: int, predicted: int, theme: Theme) -> Style:
    share = float(layout.shares[actual, predicted])
    if not share:
        return Style.parse(theme.muted)
    if actual == predicted:
        style = palette.cell("viridis", share, light=theme.light)
    else:
        # The lower tenth of the map is black: a single clip must be told from none.
        share = 0.2 + 0.7 * share / layout.worst
        style = palette.cell("inferno", share, light=theme.light)
    return Style(color=style.bgcolor) if layout.figures == "shades" else style


def _foot(layout: _Layout, theme: Theme) -> list[Text]:
    """Precision below the columns, where it has room."""
    if layout.figures == "shades":
        return []
    name = "precision" if layout.label > len("precision") else "prec"
    line = Text(name[: layout.label - 1].ljust(layout.label), style=theme.muted)
    for column in layout.columns:
        line.append(_rate(layout.report.precision[layout.places[column]]).rjust(layout.cell))
    return [line]
