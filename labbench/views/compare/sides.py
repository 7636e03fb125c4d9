"""The compared runs, each beside the first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from labbench.draw.palette import Theme
from labbench.errors import LabbenchError, RunError
from labbench.evaluation import Paired, Report, paired
from labbench.presets import Preset
from labbench.runs import History, Predictions, RunFolder, Status
from labbench.runs.flaws import flaw
from labbench.runs.history import MOST, fold
from labbench.views.source import Evaluation, chosen_predictions, evaluate_predictions

SPLITS = ("test", "validation")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared runs."""

    run: RunFolder
    slot: int
    """Its place among the runs: its letter and colour go by it."""
    status: Status
    preset: Preset
    about: dict[str, Any]
    """run.json, {} before the start."""
    history: History
    """Empty where no curves were asked for."""
    predictions: Predictions | None = None
    evaluation: Evaluation | None = None
    why: str = ""
    """Why there are no results."""

    @property
    def letter(self) -> str:
        """What it is called in pictures."""
        return letter(self.slot)

    def color(self, theme: Theme) -> str:
        """What it is drawn in."""
        return theme.runs[self.slot % len(theme.runs)]

    @property
    def report(self) -> Report | None:
        """Its results."""
        return self.evaluation.report if self.evaluation else None

    @property
    def fingerprint(self) -> str:
        """Of its clips; empty where it is not known."""
        return str(self.about.get("clips", {}).get("fingerprint", ""))


def letter(slot: int) -> str:
    """A to Z, then A2 and so on."""
    return f"{chr(ord('A') + slot % 26)}{slot // 26 + 1 if slot >= 26 else ''}"


def common_split(runs: Sequence[RunFolder]) -> str:
    """The split that most of the runs have results on, test before validation."""

    def having(split: str) -> int:
        return sum(run.predictions_path(split).exists() for run in runs)

    return max(SPLITS, key=having)


def read_side(run: RunFolder, slot: int, split: str, *, curves: bool = True) -> Side:
    """A run with its results on a split, if it has any.

    Args:
        curves: whether to read its history, which may take long.

    Raises:
        RunError, PresetError: the folder is damaged.
    """
    history = run.history(MOST) if curves else fold([])
    side = Side(run, slot, run.status(), run.preset(), run.about(), history)
    return with_results(side, split)


def with_results(side: Side, split: str) -> Side:
    """The run with its results on a split, or why it has none."""
    try:
        predictions = chosen_predictions(side.run, side.status, split)
        evaluation = evaluate_predictions(side.run, side.status, predictions)
    except LabbenchError as error:
        return replace(side, predictions=None, evaluation=None, why=error.what)
    return replace(side, predictions=predictions, evaluation=evaluation, why="")


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs side by side; the first is what the others are compared with."""

    sides: tuple[Side, ...]
    split: str
    pairs: tuple[Paired | str, ...]
    """Each run beside the first one, clip by clip, or why that cannot be; "" for the first."""

    @classmethod
    def of(cls, sides: Sequence[Side], split: str) -> Compared:
        """The comparison of at least one run."""
        first, *others = sides
        return cls(tuple(sides), split, ("", *(_pair(first, other) for other in others)))

    @property
    def first(self) -> Side:
        """What the others are compared with."""
        return self.sides[0]

    def notes(self) -> list[str]:
        """What a reader of the figures must know."""
        found = [
            f"{side.letter} beside {self.first.letter}: {pair}"
            for side, pair in zip(self.sides, self.pairs, strict=True)
            if isinstance(pair, str) and pair and not self.first.why
        ]
        if self.first.why:
            found = [f"{self.first.letter}: {self.first.why}"]
        if any(side.status.synthetic for side in self.sides):
            letters = ", ".join(side.letter for side in self.sides if side.status.synthetic)
            found.append(f"SYNTHETIC speech: {letters}")
        for side in self.sides:
            if wrong := flaw(side.run, side.status):
                found.append(f"{side.letter} was {wrong}")
        if sum(isinstance(pair, Paired) for pair in self.pairs) > 1:
            found.append("Each p is of one pair alone: among many pairs some are small by chance.")
        return found


def _pair(first: Side, other: Side) -> Paired | str:
    """The other run beside the first, clip by clip, or why that cannot be."""
    if other.predictions is None or other.evaluation is None:
        return other.why
    if first.predictions is None or first.evaluation is None:
        return f"{first.letter} has no results yet."
    if first.fingerprint and other.fingerprint and first.fingerprint != other.fingerprint:
        return f"evaluated on other clips ({_clips(other)}, not {_clips(first)})."
    try:
        return paired(first.predictions, other.predictions)
    except RunError as error:
        return error.what


def _clips(side: Side) -> str:
    name = side.status.clips or "unknown clips"
    return f"{name} {side.fingerprint[:6]}"
