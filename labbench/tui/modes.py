"""The modes of the app: a number key each, and a stack of screens."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode and where its first screen is; the module is loaded when the mode is first opened."""

    name: str
    key: str
    title: str
    about: str
    module: str
    screen: str

    def make(self) -> Screen[Any]:
        """A new first screen."""
        made: Screen[Any] = getattr(importlib.import_module(self.module), self.screen)()
        return made


MODES: tuple[Mode, ...] = (
    Mode("bench", "1", "Bench", "pick a preset and launch it", "labbench.tui.bench.screen",
         "PresetsScreen"),
    Mode("runs", "2", "Runs", "all runs and how they stand", "labbench.tui.runs.screen",
         "RunsScreen"),
    Mode("tables", "3", "Tables", "the report's tables, ours beside them",
         "labbench.tui.tables.screen", "TablesScreen"),
    Mode("compare", "4", "Compare", "marked runs side by side", "labbench.tui.compare.screen",
         "CompareScreen"),
    Mode("data", "5", "Data", "clips to train on", "labbench.tui.data.screen", "DataScreen"),
)  # fmt: skip
