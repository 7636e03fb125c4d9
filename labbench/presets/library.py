"""All presets by name: the ones shipped, the user's own, and every cell of every table.

A file is one preset, or (with `[rows.*]` and `[columns.*]`) a table of them. A cell is named
`table/row/column`; it is the table's own settings, then the row's, then the column's.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbench import paths
from labbench.errors import PresetError, nearest
from labbench.presets import declare
from labbench.presets.declare import Tree, merged
from labbench.presets.published import Figure, published
from labbench.presets.settings import SECTIONS, Preset

FILE_KEYS = ("about", "base", *SECTIONS)
TABLE_KEYS = (*FILE_KEYS, "rows", "columns")

MOST_BASES = 20
"""Files that may stand on one another."""

MOST_CELLS = 10_000
"""Cells of a table: each is a preset that listings name and check."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of presets: rows x columns of cells."""

    name: str
    about: str
    rows: Mapping[str, str]
    """Row name -> label."""
    columns: Mapping[str, str]
    own: bool
    """Whether it is the user's own."""

    def cell(self, row: str, column: str) -> str:
        """The preset name of a cell."""
        return f"{self.name}/{row}/{column}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A preset as `labbench presets` lists it."""

    preset: Preset
    parameters: int
    figure: Figure | None
    own: bool

    @property
    def name(self) -> str:
        return self.preset.name

    def as_dict(self) -> dict[str, Any]:
        """Name, table, row, column, trainable parameters, published accuracy or null."""
        cell = self.preset.published
        table, row, column = self.name.split("/") if "/" in self.name else (None, None, None)
        return {
            "name": self.name,
            "about": self.preset.about,
            "table": table,
            "row": row,
            "column": column,
            "parameters": self.parameters,
            "published_accuracy": self.figure.accuracy if self.figure else None,
            "published_cell": f"{cell.table}/{cell.row}/{cell.column}" if cell else None,
            "own": self.own,
        }


class Library:
    """The presets of one or more folders; a user's file may not take a shipped name.

    Args:
        shipped: the folder that comes with labbench.
        own: the user's folder; need not exist.
        lenient: leave files of the user's that cannot be used out, and say so in `wrong`.
    """

    def __init__(
        self, shipped: Path | None = None, own: Path | None = None, *, lenient: bool = False
    ) -> None:
        self._files: dict[str, tuple[Path, bool]] = {}
        self._trees: dict[str, Tree] = {}
        self.wrong: dict[str, PresetError] = {}
        """By file name: what is wrong with the user's files that were left out."""
        own = own or paths.user_presets_dir()
        for folder, is_own in ((shipped or paths.shipped_dir("presets"), False), (own, True)):
            # What is hidden is no preset: an editor's copy or lock, or a file without a name.
            for path in sorted(folder.glob("[!.]*.toml")):
                if path.stem not in self._files and not path.stem.endswith(".toml"):
                    self._files[path.stem] = (path, is_own)
                    continue
                taken = PresetError(
                    f"the name {path.stem!r} is taken by a preset of labbench."
                    if path.stem in self._files
                    else f"the name {path.stem!r} is that of a file: a preset's has no .toml.",
                    where=str(path), hint="Rename the file.",
                )  # fmt: skip
                if not lenient:
                    raise taken
                self.wrong[path.name] = taken
        if lenient:
            # What cannot be read goes first: what stands on it is then told that it is missing.
            self._leave_out(self._tree)
            self._leave_out(self._whole)

    def add(self, path: Path) -> str:
        """Take in a file from elsewhere; returns the name it has here, that of the file.

        Raises:
            PresetError: it cannot be read, or its name is taken by another file.
        """
        taken = self._files.get(path.stem)
        if taken is None:
            self._files[path.stem] = (path, True)
            try:
                self._tree(path.stem)
            except PresetError:
                del self._files[path.stem]
                raise
        elif taken[0].absolute() != path.absolute():
            raise PresetError(
                f"the name {path.stem!r} is taken by {taken[0]}.", where=str(path),
                hint="Rename the file.",
            )  # fmt: skip
        return path.stem

    def hold(self, name: str, tree: Tree) -> None:
        """Take in a table that is in no file (yet), in place of one of its name.

        Raises:
            PresetError: it is no table.
        """
        _check_table(tree, name)
        self._files[name] = (Path(f"{name}.toml"), True)
        self._trees[name] = tree

    def _leave_out(self, check: Callable[[str], object]) -> None:
        """Leave out the user's files that do not pass a check."""
        for stem, (path, is_own) in list(self._files.items()):
            if is_own:
                try:
                    check(stem)
                except PresetError as error:
                    self.wrong[path.name] = error
        for name in self.wrong:
            stem = name.removesuffix(".toml")
            if stem in self._files and self._files[stem][1]:
                del self._files[stem]

    def _whole(self, stem: str) -> None:
        """Make every preset of a file."""
        for name in _names(stem, self._tree(stem)):
            self.get(name)

    def names(self) -> list[str]:
        """Names of all presets, cells included, in the order of files, rows and columns."""
        return [name for name, _ in self._everything()]

    def is_own(self, name: str) -> bool:
        """Whether a preset, a table or a cell of one is the user's own."""
        return self._files[name.split("/")[0]][1]

    def tables(self) -> list[Table]:
        """All tables."""
        return [self.table(stem) for stem in self._files if "rows" in self._tree(stem)]

    def table(self, name: str) -> Table:
        """The table `name`, or that of a path to a TOML file.

        Raises:
            PresetError: there is none.
        """
        if name.endswith(".toml"):
            name = self.add(paths.expanded(name))
        if wrong := self.wrong.get(f"{name}.toml"):
            raise wrong
        if name not in self._files or "rows" not in self._tree(name):
            names = [table.name for table in self.tables()]
            raise PresetError(f"there is no table {name!r}.", hint=nearest(name, names))
        tree = self._tree(name)
        return Table(
            name=name,
            about=tree.get("about", ""),
            rows={key: str(part.get("label", key)) for key, part in tree["rows"].items()},
            columns={key: str(part.get("label", key)) for key, part in tree["columns"].items()},
            own=self._files[name][1],
        )

    def get(self, name: str) -> Preset:
        """The preset of that name, or of that path to a TOML file (a run's preset.toml too).

        Raises:
            PresetError: there is none, or it cannot be used as written.
        """
        if name.endswith(".toml"):
            return self._from_path(paths.expanded(name))
        return self._named(name, ())

    def listed(self, pattern: str = "") -> list[Listed]:
        """All presets whose name holds or matches (`*`, `?`) the pattern."""
        return [
            Listed(
                preset,
                preset.plan.parameters,
                published(preset.published),
                self.is_own(preset.name),
            )
            for name, preset in ((name, self.get(name)) for name in self.names())
            if not pattern or pattern in name or fnmatch.fnmatchcase(name, pattern)
        ]

    def _everything(self) -> Iterator[tuple[str, Tree]]:
        for stem in self._files:
            tree = self._tree(stem)
            for name in _names(stem, tree):
                yield name, tree

    def _tree(self, stem: str) -> Tree:
        if stem not in self._trees:
            path, _ = self._files[stem]
            tree = declare.load_file(path)
            _check_table(tree, str(path)) if "rows" in tree or "columns" in tree else None
            self._trees[stem] = tree
        return self._trees[stem]

    def _named(self, name: str, seen: tuple[str, ...]) -> Preset:
        """The preset of a name, for files that stand on it one over the other: `seen`."""
        stem, *cell = name.split("/")
        if stem not in self._files:
            raise self._missing(name)
        tree = self._tree(stem)
        if "rows" not in tree:
            if cell:
                raise self._missing(name)
            return self._plain(stem, tree, str(self._files[stem][0]), (*seen, stem))
        if len(cell) != 2 or cell[0] not in tree["rows"] or cell[1] not in tree["columns"]:
            raise self._missing(name)
        return self._cell(stem, cell[0], cell[1], (*seen, stem))

    def _plain(self, name: str, tree: Tree, where: str, seen: tuple[str, ...]) -> Preset:
        """The preset of a file that is no table, laid over its base if it names one."""
        _check_keys(tree, FILE_KEYS, where)
        base = tree.get("base")
        below = declare.to_tree(self._base(base, where, seen)) if base else {}
        own = {key: value for key, value in tree.items() if key != "base"}
        preset = declare.from_tree(merged(below, own, {"name": name}), where)
        declare.readable(preset, where)
        return declare.as_published(preset, declare.from_tree(below, where)) if base else preset

    def _base(self, base: Any, where: str, seen: tuple[str, ...]) -> Preset:
        if str(base).split("/")[0] in seen:
            raise PresetError(f"base = {base!r} leads back to itself.", where=where)
        if len(seen) > MOST_BASES:
            raise PresetError(f"stands on more than {MOST_BASES} other files.", where=where)
        try:
            return self._named(str(base), seen)
        except PresetError as error:
            if error.where:
                raise
            raise PresetError(f"base: {error.what}", where=where, hint=error.hint) from None

    def _cell(self, table: str, row: str, column: str, seen: tuple[str, ...]) -> Preset:
        tree = self._tree(table)
        path, own = self._files[table]
        parts = [tree["rows"][row], tree["columns"][column]]
        below = {key: value for key, value in tree.items() if key in (*SECTIONS, "base")}
        base: Tree = {}
        if name := below.pop("base", None):
            base = declare.to_tree(self._base(name, str(path), seen))
            base.pop("published", None)
        edits = [{key: part[key] for key in part if key != "label"} for part in parts]
        labels = [str(parts[0].get("label", row)), str(parts[1].get("label", column))]
        head: Tree = {"name": f"{table}/{row}/{column}", "about": ", ".join(labels)}
        if not own:
            head["published"] = {"table": table, "row": row, "column": column}
        where = f"{path} [{row} x {column}]"
        return declare.readable(declare.from_tree(merged(base, below, *edits, head), where), where)

    def _from_path(self, path: Path) -> Preset:
        tree = declare.load_file(path)
        if "rows" in tree or "columns" in tree:
            raise PresetError(
                "is a table, not one preset.", where=str(path),
                hint=f"Put it into {paths.user_presets_dir()} and run its cells by name.",
            )  # fmt: skip
        if "base" in tree:
            return self._plain(path.stem, tree, str(path), ())
        preset = declare.from_tree({"name": path.stem, **tree}, str(path))
        return declare.readable(preset, str(path))

    def _missing(self, name: str) -> PresetError:
        if wrong := self.wrong.get(f"{name.split('/')[0]}.toml"):
            return wrong
        try:
            names = self.names()
        except PresetError:  # another file is wrong: this one is still only missing
            return PresetError(f"there is no preset {name!r}.", hint="See `labbench presets`.")
        tables = [name for name in self._files if "rows" in self._tree(name)]
        hint = nearest(name, [*names, *tables])
        if not hint.startswith("Did"):
            hint = "See `labbench presets`."
        if name in tables:
            first = next(cell for cell in names if cell.startswith(f"{name}/"))
            hint = f"It is a table: name a cell of it, such as {first!r}."
        return PresetError(f"there is no preset {name!r}.", hint=hint)


def _names(stem: str, tree: Tree) -> list[str]:
    """The presets of a file."""
    if "rows" not in tree:
        return [stem]
    return [f"{stem}/{row}/{column}" for row in tree["rows"] for column in tree["columns"]]


def _check_keys(tree: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in tree:
        if key not in known:
            raise PresetError(f"there is no key {key!r}.", where=where, hint=nearest(key, known))


def _check_table(tree: Tree, where: str) -> None:
    """Whether a table has rows and columns of the right form."""
    declare.check_texts(tree, where)
    _check_keys(tree, TABLE_KEYS, where)
    if not isinstance(tree.get("about", ""), str):
        raise PresetError(f"about = {tree['about']!r} is not allowed.", where=where,
                          hint="Allowed: text.")  # fmt: skip
    for side in ("rows", "columns"):
        parts = tree.get(side)
        if not isinstance(parts, dict) or not parts:
            raise PresetError(f"a table needs at least one [{side}.NAME].", where=where)
        for name, part in parts.items():
            if "/" in name:
                raise PresetError(f"{side}.{name}: a name may not hold '/'.", where=where)
            if not isinstance(part, dict):
                raise PresetError(f"{side}.{name} must be a table of settings.", where=where)
            _check_keys(part, ("label", *SECTIONS), f"{where} [{side}.{name}]")
    if (cells := len(tree["rows"]) * len(tree["columns"])) > MOST_CELLS:
        raise PresetError(
            f"a table of {cells:,} cells is too large: at most {MOST_CELLS:,}.", where=where,
            hint="Make several tables of it.",
        )  # fmt: skip
