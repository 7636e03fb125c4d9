"""The settings of several runs, only those that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.presets import SECTIONS, resolved, to_tree
from labbench.views.compare.sides import Side

RAN_ON = ("labbench", "torch", "device", "precision", "threads", "host")
"""What run.json tells of a run that can explain a difference."""

MOST = 28
"""Cells of a value; longer ones are cut."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting and its value in every run; None where a run has none."""

    key: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs do not have the same."""
        return any(value != self.values[0] for value in self.values)

    def in_words(self) -> list[str]:
        """Each value, so that those that differ read differently."""
        said = [units.MISSING if one is None else glyphs.setting(one) for one in self.values]
        if (
            self.differs
            and len(set(said)) == 1
            and all(isinstance(one, list | tuple) for one in self.values)
        ):
            shared = set(self.values[0]).intersection(*self.values[1:])
            others = [[one for one in value if one not in shared] for value in self.values]
            return [f"... {'/'.join(words)}" if words else "in another order" for words in others]
        return said


def differing(sides: Sequence[Side]) -> tuple[list[Setting], int]:
    """The settings that differ, and how many others are the same in all runs."""
    every = [*_presets(sides), *_ran_on(sides)]
    kept = [setting for setting in every if setting.differs]
    return kept, sum(not one.differs for one in _presets(sides))


def _presets(sides: Sequence[Side]) -> Iterator[Setting]:
    trees = [to_tree(resolved(side.preset)) for side in sides]
    for section in SECTIONS:
        keys = dict.fromkeys(key for tree in trees for key in tree[section])
        for key in keys:
            yield Setting(f"{section}.{key}", tuple(tree[section].get(key) for tree in trees))


def _ran_on(sides: Sequence[Side]) -> Iterator[Setting]:
    """What the runs trained on and with, told by those that have begun."""
    prints = [side.fingerprint for side in sides]
    if all(prints):
        clips = [f"{side.status.clips} {side.fingerprint[:6]}" for side in sides]
        yield Setting("clips", tuple(clips))
    parameters = [side.status.parameters for side in sides]
    if all(parameters):
        yield Setting("parameters", tuple(parameters))
    for key in RAN_ON:
        values = tuple(side.about.get(key) for side in sides)
        if None not in values:
            yield Setting(f"ran.{key}", values)


def render(sides: Sequence[Side], width: int, theme: Theme) -> RenderableType:
    """A line for each setting that differs, a column for each run."""
    found, same = differing(sides)
    alike = f"{units.plural(same, 'setting is', 'settings are')} the same in all runs."
    if not found:
        return Text(alike if len(sides) > 1 else "One run alone: nothing differs.", theme.muted)
    parts: list[RenderableType] = []
    for group in _groups(found, len(sides), width):
        keys = Column("setting", [Text(one.key, theme.muted) for one in found], least=10)
        columns = [_column(found, sides[index], index, theme) for index in group]
        parts += [fitted([keys, *columns], width, theme), Text()]
    return Group(*parts, Text(alike, theme.muted))


def _column(found: Sequence[Setting], side: Side, index: int, theme: Theme) -> Column:
    texts = []
    for one in found:
        style = "" if one.values[index] == one.values[0] else f"bold {side.color(theme)}"
        texts.append(Text(glyphs.clip(one.in_words()[index], MOST), style))
    return Column(side.letter, texts, least=6)


def _groups(found: Sequence[Setting], count: int, width: int) -> list[list[int]]:
    """Runs that stand beside each other; the first is in every group."""
    widest = max(min(len(text), MOST) for one in found for text in one.in_words())
    keys = max(len(one.key) for one in found)
    room = max((width - keys) // (max(min(widest, 14), 6) + 2) - 1, 1)
    others = list(range(1, count))
    starts = range(0, max(len(others), 1), room)
    return [[0, *others[start : start + room]] for start in starts]


def as_json(sides: Sequence[Side]) -> dict[str, list[Any]]:
    """By setting that differs: its value in every run, in order."""
    found, _ = differing(sides)
    return {one.key: list(one.values) for one in found}


def rows(sides: Sequence[Side]) -> list[list[Any]]:
    """The setting, then its value in every run."""
    found, _ = differing(sides)
    return [[one.key, *map(_plain, one.values)] for one in found]


def _plain(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value
