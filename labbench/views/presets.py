"""The presets there are: name, size, published accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType

from labbench import units
from labbench.draw.columns import Column, fitted
from labbench.draw.export import csv_of
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.presets import Listed


@dataclass(frozen=True, slots=True)
class PresetsView:
    """Presets by name, as the library orders them."""

    listed: tuple[Listed, ...]

    @classmethod
    def of(cls, listed: Sequence[Listed]) -> PresetsView:
        """The view of some presets of a library."""
        return cls(tuple(listed))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        names = [Text(one.name, style=theme.accent if one.own else "") for one in self.listed]
        sizes = [Text(units.whole(one.parameters)) for one in self.listed]
        figures = [one.figure.accuracy if one.figure else None for one in self.listed]
        about = [Text(one.preset.about, style=theme.muted) for one in self.listed]
        columns = [
            Column("preset", names),
            Column("parameters", sizes, rank=2, right=True),
            Column("published", [Text(units.accuracy(one)) for one in figures], 1, right=True),
            Column("about", about, rank=3, least=12),
        ]
        return fitted(columns, width, theme)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a preset: name, table, row, column, parameters, published accuracy."""
        return [one.as_dict() for one in self.listed]

    def as_csv(self) -> str:
        """One row a preset, with the keys of the JSON."""
        return csv_of(self.as_json(), "name")
