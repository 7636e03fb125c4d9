"""One-off grids: a table made of one preset and the values some of its keys are to take.

It is kept as a TOML file in the user's presets folder, so it is a table like any other; asked for
again with more values it grows.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tomli_w

from labbench import paths
from labbench.decoding import toml_tree
from labbench.errors import PresetError
from labbench.outputs import write_output
from labbench.presets.declare import Tree, edited, load_file, to_tree
from labbench.presets.library import Library
from labbench.presets.settings import SECTIONS, Preset
from labbench.runs.files import write_error
from labbench.text import toml_shown

ONLY_COLUMN = "all"
"""The column of a grid of one key."""

HEAD = "# Made by labbench sweep --grid; more values of the same keys are added to it.\n"


@dataclass(frozen=True, slots=True)
class Axis:
    """A key and the values it is to take, as they are typed."""

    key: str
    """section.name"""
    values: tuple[str, ...]

    @property
    def short(self) -> str:
        """The key without its section."""
        return self.key.partition(".")[2]


def parse(said: str) -> Axis:
    """The axis of `section.key=value,value,...`.

    Raises:
        PresetError: it is not of that form, or a value is there twice.
    """
    key, sign, values = said.partition("=")
    found = tuple(value.strip() for value in values.split(",") if value.strip())
    if not sign or "." not in key or not found:
        raise PresetError(
            f"{said!r} is not section.key=value,value,...", where="--grid",
            hint="For example: --grid model.activation=relu,tanh",
        )  # fmt: skip
    twice = sorted({value for value in found if found.count(value) > 1})
    if twice:
        raise PresetError(f"{twice[0]!r} is there twice.", where=f"--grid {said}")
    return Axis(key.strip(), found)


def default_name(base: str, axes: Sequence[Axis]) -> str:
    """`custom-ch64-by-activation-initializer`."""
    name = f"{base}-by-{'-'.join(axis.short for axis in axes)}"
    return re.sub(r"[^A-Za-z0-9.+_-]+", "-", name)


def table_of(
    library: Library, base: str, axes: Sequence[Axis], changes: Sequence[str] = ()
) -> Tree:
    """The TOML tree of a grid: the first key makes the rows, the others the columns.

    Raises:
        PresetError: the base, a key or a value cannot be used, or a key is there twice.
    """
    keys = [axis.key for axis in axes]
    if len(set(keys)) < len(keys):
        raise PresetError("a key is there twice.", where="--grid", hint=", ".join(keys))
    preset = edited(library.get(base), changes)
    first, *others = axes
    rows = {_name((value,)): _side(preset, (first,), (value,)) for value in first.values}
    columns = {
        _name(values): _side(preset, others, values)
        for values in itertools.product(*(axis.values for axis in others))
    }
    if not others:
        columns = {ONLY_COLUMN: {"label": "accuracy"}}
    by = " and ".join(axis.key for axis in axes)
    return {
        "about": f"{base} by {by}", "base": base, **_settings(library.get(base), preset),
        "rows": rows, "columns": columns,
    }  # fmt: skip


def keep(name: str, tree: Tree) -> None:
    """Write a grid into the user's presets folder; one that is there already grows.

    Raises:
        PresetError: a table or preset of the name is there that is not this grid.
        RunError: the folder cannot be written.
    """
    path = paths.user_presets_dir() / f"{name}.toml"
    if path.exists():
        # As a file holds it: lists where ours has tuples.
        tree = _grown(load_file(path), toml_tree(tomli_w.dumps(tree)), name)
    elif (paths.shipped_dir("presets") / path.name).exists():
        raise _name_in_use(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
    write_output(path, HEAD + toml_shown(tomli_w.dumps(tree)))


def _grown(old: Tree, new: Tree, name: str) -> Tree:
    """The old grid with the rows and columns of the new one added."""
    sides = ("rows", "columns")
    rest = [{key: one[key] for key in one if key not in (*sides, "about")} for one in (old, new)]
    if rest[0] != rest[1] or not all(side in old for side in sides):
        raise _name_in_use(name)
    grown = {**old}
    for side in sides:
        both = old[side].keys() & new[side].keys()
        if any(_values(old[side][one]) != _values(new[side][one]) for one in both):
            raise _name_in_use(name)
        grown[side] = {**old[side], **new[side]}
    return grown


def _name_in_use(name: str) -> PresetError:
    return PresetError(
        f"there is another table or preset of the name {name!r}.", where="--grid",
        hint="Call this one otherwise: --name NAME",
    )  # fmt: skip


def _values(part: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in part.items() if key != "label"}


def _name(values: Sequence[str]) -> str:
    """The name of a row or column: its values."""
    return re.sub(r"[/\s]+", "_", "+".join(values))


def _side(preset: Preset, axes: Sequence[Axis], values: Sequence[str]) -> Tree:
    """A row or column: what it changes in the preset, and its label."""
    pairs = list(zip(axes, values, strict=True))
    changed = edited(preset, [f"{axis.key}={value}" for axis, value in pairs])
    tree: Tree = {"label": ", ".join(value.replace("_", " ") for value in values)}
    whole = to_tree(changed)
    for axis, _ in pairs:
        section, _, key = axis.key.partition(".")
        tree.setdefault(section, {})[key] = whole[section][key]
    return tree


def _settings(base: Preset, preset: Preset) -> Tree:
    """What --set changed in all cells, by section."""
    before, after = to_tree(base), to_tree(preset)
    found: Tree = {}
    for section in SECTIONS:
        changed = {k: v for k, v in after[section].items() if before[section].get(k) != v}
        if changed:
            found[section] = changed
    return found
