"""Precision, recall, F1 and support of every class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.evaluation import Average, Report
from labbench.evaluation.compare import difference_to_published
from labbench.runs import RunFolder
from labbench.views.source import Evaluation, evaluation_of

Order = Literal["name", "precision", "recall", "f1", "support"]
ORDERS: tuple[str, ...] = get_args(Order)

FIGURES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class ClassesView:
    """Figures by class, with the averages below."""

    evaluation: Evaluation
    order: Order = "name"
    """name: the words' own order; the others: the worst (or rarest) class first."""

    @classmethod
    def of(cls, run: RunFolder, split: str | None = None, order: Order = "name") -> ClassesView:
        """The figures of a run's split.

        Raises:
            RunError: there are none yet.
        """
        return cls(evaluation_of(run, split), order)

    @property
    def rows(self) -> list[int]:
        """Classes in the order they are shown."""
        report = self.evaluation.report
        if self.order == "name":
            return list(range(len(report.words)))
        return [int(index) for index in np.argsort(getattr(report, self.order), kind="stable")]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        return Group(heading(self.evaluation, theme), self.body(width, theme))

    def body(self, width: int, theme: Theme) -> RenderableType:
        """The figures without heading, for where it is said beside them."""
        report = self.evaluation.report
        bars = _bar_width(width, report)
        grid = self._table(bars, theme)
        for index in self.rows:
            figures = [float(getattr(report, name)[index]) for name in FIGURES]
            support = units.whole(int(report.support[index]))
            grid.add_row(report.words[index], *_cells(figures, bars), support)
        grid.add_section()
        for name, average in (("macro", report.macro), ("weighted", report.weighted)):
            figures = [average.precision, average.recall, average.f1]
            grid.add_row(Text(name, style=theme.muted), *_cells(figures, bars), "")
        notes = [Text(note, style=theme.warn) for note in report.notes]
        return Group(grid, *notes)

    def _table(self, bars: int, theme: Theme) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style=theme.muted)
        table.add_column("word", overflow="ellipsis", no_wrap=True, min_width=8)
        for name in FIGURES:
            title = f"{name if name != 'f1' else 'F1'}{' ▲' if name == self.order else ''}"
            table.add_column(title, no_wrap=True)
            if bars:
                table.add_column("", width=bars, style=theme.train, no_wrap=True)
        title = "clips ▲" if self.order == "support" else "clips"
        table.add_column(title, justify="right", no_wrap=True)
        return table

    def as_json(self) -> dict[str, Any]:
        """Split, epoch and figures by class, in the order shown, with the averages."""
        document = report_json(self.evaluation.report)
        document["classes"] = [document["classes"][index] for index in self.rows]
        del document["confusion"]
        head = {
            "run": self.evaluation.run_id,
            "split": self.evaluation.split,
            "epoch": self.evaluation.epoch,
        }
        return {**head, "caption": self.evaluation.caption, **document}

    def as_csv(self) -> str:
        """One row a class, as scikit-learn and the report's table name them."""
        report = self.evaluation.report
        return csv_text(
            ["class", *FIGURES, "support"],
            [
                [
                    report.words[index],
                    *(float(getattr(report, name)[index]) for name in FIGURES),
                    int(report.support[index]),
                ]
                for index in self.rows
            ],
        )


def heading(results: Evaluation, theme: Theme) -> RenderableType:
    """Run, split and epoch, accuracy beside the published one; synthetic clips named as such."""
    text = Text.assemble((results.run_id, "bold"), "  ", (results.caption, theme.muted))
    if results.synthetic:
        text.append_text(glyphs.synthetic(theme))
    return Group(text, accuracy_line(results, theme))


def accuracy_line(results: Evaluation, theme: Theme) -> Text:
    """Accuracy beside the published one, with the difference."""
    report = results.report
    line = Text(f"accuracy {units.accuracy(report.accuracy)}")
    line.append(f" ({report.right:,} of {report.clips:,})", style=theme.muted)
    if results.published is not None:
        line.append(f"  published {units.accuracy(results.published)}")
        apart = difference_to_published(
            report.accuracy, results.published, synthetic=results.synthetic
        )
        if apart is not None:
            line.append("  ").append_text(glyphs.difference(apart, theme))
    return line


def report_json(report: Report) -> dict[str, Any]:
    """A report as what JSON can hold."""
    return {
        "accuracy": report.accuracy,
        "right": report.right,
        "clips": report.clips,
        "classes": [
            {
                "class": word,
                "precision": float(report.precision[index]),
                "recall": float(report.recall[index]),
                "f1": float(report.f1[index]),
                "support": int(report.support[index]),
            }
            for index, word in enumerate(report.words)
        ],
        "macro": _average(report.macro),
        "weighted": _average(report.weighted),
        "confusion": {
            "rows": "actual",
            "columns": "predicted",
            "words": list(report.words),
            "matrix": report.matrix.tolist(),
        },
        "notes": list(report.notes),
    }


def _average(average: Average) -> dict[str, float]:
    return {"precision": average.precision, "recall": average.recall, "f1": average.f1}


def _bar_width(width: int, report: Report) -> int:
    """Cells each of the three bars can have; 0 where the figures need all there is."""
    words = max(8, *(len(word) for word in report.words))
    figures = words + 1 + sum(len(name) + 3 for name in FIGURES) + 7
    room = (width - figures) // len(FIGURES) - 1
    return min(room, 24) if room >= 4 else 0


def _cells(figures: list[float], bars: int) -> list[str]:
    cells = []
    for figure in figures:
        cells.append(f"{figure:.4f}")
        if bars:
            cells.append(glyphs.bar(figure, bars))
    return cells
