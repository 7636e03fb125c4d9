"""Views as plain lines, and as the runs of characters and styles they are made of."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console, RenderableType
from rich.segment import Segment

from labbench.draw.export import View, ansi
from labbench.draw.palette import DARK, TERMINAL, Theme
from labbench.evaluation import from_matrix
from labbench.interpret.picture import AnalysisView
from labbench.views.source import Evaluation
from tests.recorded import report_matrix


@dataclass
class Body:
    """A picture of an analysis as a tab shows it, without heading."""

    view: AnalysisView[Any]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        return self.view.body(width, height, theme)

    def as_json(self) -> Any:
        return self.view.as_json()

    def as_csv(self) -> str:
        return self.view.as_csv()


GOLDEN = Path(__file__).parent / "golden"


def plain(view: View, width: int, height: int | None = None) -> str:
    """The view without colours."""
    return ansi(view, width, height, None)


def lines(view: View, width: int, height: int | None = None) -> list[str]:
    """The lines of the view without colours."""
    return plain(view, width, height).splitlines()


def segments(view: View, width: int, theme: Theme = DARK) -> list[Segment]:
    """What a truecolor terminal would be sent."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor"
    )
    return list(console.render(view.render(width, theme=theme)))


def golden(name: str) -> str:
    """A picture that was looked at and found right."""
    return (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def results(
    matrix: np.ndarray | None = None, words: tuple[str, ...] = (), synthetic: bool = False
) -> Evaluation:
    """Results with a confusion matrix, by default the report's."""
    if matrix is None:
        words, matrix = report_matrix()
    return Evaluation(
        run_id="0001-custom-ch32", preset="custom-ch32", split="test", epoch=9,
        caption="test, best epoch 9", synthetic=synthetic, published=0.9533,
        report=from_matrix(words, matrix),
    )  # fmt: skip
