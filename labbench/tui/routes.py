"""Where one can go from a screen: `bench.go(ToRun("0001-demo"))`; only `router` knows screens."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from textual.screen import Screen

    from labbench.presets import Preset


@dataclass(frozen=True, slots=True)
class ToMode:
    """A mode; where it is in front already, its first screen."""

    name: str


@dataclass(frozen=True, slots=True)
class ToPresets:
    """The presets, past the greeting."""


@dataclass(frozen=True, slots=True)
class ToData:
    """The list of data sets."""

    ask: Literal["add", "fetch"]
    """What is asked there: which clips to add, or to fetch Speech Commands."""


@dataclass(frozen=True, slots=True)
class ToForm:
    """The form that changes a preset's values before it is launched."""

    preset: Preset
    of: str = ""
    """The run that is to be started anew with changes, if it is one."""


@dataclass(frozen=True, slots=True)
class ToRun:
    """A run: its curves, events and console."""

    run_id: str


@dataclass(frozen=True, slots=True)
class ToResults:
    """What came of a run."""

    run_id: str


@dataclass(frozen=True, slots=True)
class ToInside:
    """The inside of a run's net."""

    run_id: str
    tab: str = ""
    """The title of a tab; empty: the first one."""
    pair: tuple[str, str] | None = None
    """Two labels to look at first."""


Route = ToMode | ToPresets | ToData | ToForm | ToRun | ToResults | ToInside


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
