"""Where one can go from a screen: `bench.go(ToRun("0001-demo"))`; only `router` knows screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
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
