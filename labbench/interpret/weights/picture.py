"""Weights: a line a layer, and a histogram of the chosen one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.architecture.stages import layer_named
from labbench.draw.columns import Column, fitted, marked
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.plot import Axes, Series, chart
from labbench.interpret.picture import AnalysisView
from labbench.interpret.weights.answer import LayerWeights, Weights
from labbench.interpret.weights.options import WeightsOptions
from labbench.runs import RunFolder

FIELDS = ("layer", "count", "mean", "std", "norm", "start_norm", "moved", "share", "cosine")

HEIGHT, LEAST = 14, 6
"""Lines of the histogram where no height is asked for, and at least."""


@dataclass(frozen=True, slots=True)
class WeightsView(AnalysisView[WeightsOptions]):
    """All layers of a run's best net, one of them marked."""

    weights: Weights
    layer: LayerWeights

    def having(self, options: WeightsOptions) -> WeightsView:
        """The view with another layer or another histogram."""
        return replace(self, layer=_layer(self.weights, options.layer), options=options)

    def moved(self, by: int) -> WeightsView:
        """The view with a layer marked that is so many lines on; clipped."""
        layers = self.weights.layers
        place = min(max(layers.index(self.layer) + by, 0), len(layers) - 1)
        return self.having(self.options.having(layer=layers[place].name))

    def clicked(self, x: int, y: int, width: int, height: int) -> WeightsView | None:
        """The view after a click on the line of a layer."""
        layers = self.weights.layers
        if not 1 <= y <= len(layers):
            return None
        return self.having(self.options.having(layer=layers[y - 1].name))

    def heading(self, theme: Theme, place: str = "") -> Text:
        said = Text(f"best net, epoch {self.weights.epoch}", style=theme.muted)
        return Text.assemble(said, self.warning(theme))

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        table = fitted(self._columns(theme), width, theme)
        used = len(self.weights.layers) + 3
        room = HEIGHT if height is None else height - used
        if room < LEAST:
            return table
        said = Text(self.said(), style=theme.muted, no_wrap=True, overflow="ellipsis")
        return Group(table, Text(), said, self._chart(width, room, theme))

    def said(self) -> str:
        """What the histogram shows."""
        if self.options.of == "moved":
            return f"{self.layer.name}: weights a bin by how far each moved"
        return f"{self.layer.name}: weights a bin, now (thick) and at the start"

    def _chart(self, width: int, height: int, theme: Theme) -> RenderableType:
        one = self.layer
        if self.options.of == "moved":
            edges, counts = one.moved_edges_F, [(one.moved_B, theme.validation, "hd")]
        else:
            edges = one.edges_E
            counts = [(one.start_B, theme.train, "braille"), (one.now_B, theme.validation, "hd")]
        middles = (edges[1:] + edges[:-1]) / 2
        series = [Series(middles, values.astype(float), *rest) for values, *rest in counts]
        span = (float(edges[0]), float(edges[-1]))
        return chart(series, Axes(span), width, height, theme)

    def _columns(self, theme: Theme) -> list[Column]:
        rows = [_fields(one) for one in self.weights.layers]
        marks = [one is self.layer for one in self.weights.layers]

        def column(place: int, form: str, title: str, rank: int = 0) -> Column:
            cells = marked(
                [f"{row[place]:{form}}" for row in rows], marks, theme, pointer=not place
            )
            return Column(title, cells, right=bool(place), rank=rank)

        return [
            column(0, "", "layer"), column(1, ",", "weights"), column(2, "+.4f", "mean", 2),
            column(3, ".4f", "std", 2), column(4, ".3f", "norm"),
            column(5, ".3f", "at start", 1), column(6, ".3f", "moved"),
            column(7, ".1%", "of start", 1), column(8, ".3f", "cosine", 1),
        ]  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Of each layer its figures and histograms."""
        return {
            "run": self.run_id, "epoch": self.weights.epoch,
            "layers": [
                {
                    **dict(zip(FIELDS, _fields(one), strict=True)),
                    "edges": one.edges_E.tolist(), "now": one.now_B.tolist(),
                    "start": one.start_B.tolist(), "moved_edges": one.moved_edges_F.tolist(),
                    "moved_counts": one.moved_B.tolist(),
                }
                for one in self.weights.layers
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a layer."""
        return csv_text(FIELDS, [_fields(one) for one in self.weights.layers])

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """By layer its histograms, and the figures of all layers."""
        layers = self.weights.layers
        arrays: dict[str, NDArray[Any]] = {
            name: np.array([_fields(one)[place] for one in layers])
            for place, name in enumerate(FIELDS)
        }
        for one in layers:
            arrays |= {
                f"{one.name}.edges": one.edges_E, f"{one.name}.now": one.now_B,
                f"{one.name}.start": one.start_B, f"{one.name}.moved_edges": one.moved_edges_F,
                f"{one.name}.moved_counts": one.moved_B,
            }  # fmt: skip
        return arrays


def view(run: RunFolder, options: WeightsOptions, weights: Weights) -> WeightsView:
    """What was found out, as the options want it.

    Raises:
        RunError: there is no such layer.
    """
    layer = _layer(weights, options.layer)
    return WeightsView(run.id, run.status().synthetic, options, weights, layer)


def _layer(weights: Weights, name: str) -> LayerWeights:
    by_name = {one.name: one for one in weights.layers}
    return by_name[layer_named(tuple(by_name), name) if name else weights.layers[0].name]


def _fields(one: LayerWeights) -> list[Any]:
    return [one.name, one.count, one.mean, one.std, one.norm, one.start_norm, one.moved, one.share,
            one.cosine]  # fmt: skip
