"""The presets as an outline of lines: groups, tables, their rows, and presets."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from labbench import paths
from labbench.presets import Library
from labbench.presets.library import Table

Kind = Literal["group", "table", "row", "preset", "wrong"]

MODELS, TABLES, MINE = "Models", "Tables", "Mine"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the outline."""

    key: str
    kind: Kind
    depth: int
    label: str
    names: tuple[str, ...]
    """The presets under it; of a preset its own name."""
    open: bool | None = None
    """Whether it shows what is under it; None: there is nothing."""

    @property
    def preset(self) -> str | None:
        """The preset it is, if it is one."""
        return self.names[0] if self.kind == "preset" else None


class Outline:
    """All presets of a library in groups."""

    def __init__(self, library: Library) -> None:
        self._names = library.names()
        self._tables = library.tables()
        self._wrong = list(library.wrong)
        self._own = {table.name for table in self._tables if table.own}
        plain = [name for name in self._names if "/" not in name]
        own = {name for name in plain if library.is_own(name)}
        self._mine = [name for name in plain if name in own]
        # What a newcomer runs first stands first.
        self._models = sorted((n for n in plain if n not in own), key=lambda n: n != "demo")

    def lines(self, opened: Collection[str]) -> list[Line]:
        """The lines in view, with these keys opened."""
        found: list[Line] = []
        groups: tuple[tuple[str, list[str], list[Table]], ...] = (
            (MODELS, self._models, []),
            (TABLES, [], [one for one in self._tables if not one.own]),
            (MINE, self._mine, [one for one in self._tables if one.own]),
        )
        for title, plain, tables in groups:
            under = (*plain, *(name for table in tables for name in _cells(table)))
            key = f"group:{title}"
            found.append(Line(key, "group", 0, title, tuple(under), key in opened))
            if key in opened:
                found += [_preset(name, name, 1) for name in plain]
                for table in tables:
                    found += _table(table, opened)
                if title == MINE:
                    found += [_wrong(name) for name in self._wrong]
        return found

    def searched(self, text: str) -> list[Line]:
        """Presets whose name or labels hold all words of the text; those by name come first."""
        words = text.lower().split()
        labels = dict(self._labelled())
        found = [name for name in self._names if _holds(f"{name} {labels.get(name, '')}", words)]
        found.sort(key=lambda name: not _holds(name, words))
        return [_preset(name, name, 0) for name in found]

    def _labelled(self) -> Iterator[tuple[str, str]]:
        for table in self._tables:
            for row, row_label in table.rows.items():
                for column, label in table.columns.items():
                    yield table.cell(row, column), f"{row_label} {label}"


def _holds(text: str, words: list[str]) -> bool:
    """Whether each word begins some part of the text: `8` finds `8 CONV`, not `128`."""
    parts = re.split(r"[^a-z0-9.]+", text.lower())
    return all(any(part.startswith(word) for part in parts) for word in words)


def _cells(table: Table) -> list[str]:
    return [table.cell(row, column) for row in table.rows for column in table.columns]


def _preset(name: str, label: str, depth: int) -> Line:
    return Line(f"preset:{name}", "preset", depth, label, (name,))


def _wrong(file: str) -> Line:
    """A file of the user's that cannot be used."""
    return Line(f"wrong:{file}", "wrong", 1, file, ())


def _table(table: Table, opened: Collection[str]) -> list[Line]:
    """A table, its rows where it is open, and their presets where those are."""
    key = f"table:{table.name}"
    found = [Line(key, "table", 1, table.name, tuple(_cells(table)), key in opened)]
    for row, label in table.rows.items() if key in opened else ():
        row_key = f"row:{table.name}/{row}"
        names = tuple(table.cell(row, column) for column in table.columns)
        found.append(Line(row_key, "row", 2, label, names, row_key in opened))
        if row_key in opened:
            found += [
                _preset(name, column, 3)
                for name, column in zip(names, table.columns.values(), strict=True)
            ]
    return found


def library() -> Library:
    """All presets; files of the user's that cannot be used are left out and told in `wrong`."""
    return Library(lenient=True)


def own_files() -> tuple[tuple[str, int, int], ...]:
    """What changes when a preset file of the user's comes, goes or is written."""
    found = []
    with suppress(OSError), os.scandir(paths.user_presets_dir()) as entries:
        for entry in entries:
            if entry.name.endswith(".toml"):
                stat = entry.stat()
                found.append((entry.name, stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))
