"""The presets there are: name, size, published accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from labbench import units
from labbench.presets import Listed
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme


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
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=theme.muted)
        table.add_column("preset", no_wrap=True, overflow="fold")
        table.add_column("parameters", justify="right", no_wrap=True)
        table.add_column("published", justify="right", no_wrap=True)
        table.add_column("about", style=theme.muted, no_wrap=True, overflow="ellipsis")
        for one in self.listed:
            published = one.figure.accuracy if one.figure else None
            name = Text(one.name, style=theme.accent if one.own else "")
            parameters = units.whole(one.parameters)
            table.add_row(name, parameters, units.accuracy(published), one.preset.about)
        return table

    def as_json(self) -> list[dict[str, Any]]:
        """One object a preset: name, table, row, column, parameters, published accuracy."""
        return [one.as_dict() for one in self.listed]

    def as_csv(self) -> str:
        """One row a preset, with the keys of the JSON."""
        rows = self.as_json()
        return csv_text(list(rows[0]) if rows else ["name"], [list(row.values()) for row in rows])
