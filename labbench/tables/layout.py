"""A table of presets as cells to be run: each with its settings, figure and parameters."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from labbench import architecture
from labbench.errors import PresetError, nearest
from labbench.presets import Figure, Library, Preset, edited, published, settings_key


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One cell of a table as it is to be run."""

    row: str
    column: str
    preset: Preset
    key: str
    """Its settings (`presets.settings_key`)."""
    figure: Figure | None
    """What the report says of it."""
    parameters: int
    """Trainable parameters of its net."""

    @property
    def name(self) -> str:
        """The name of its preset: table/row/column."""
        return self.preset.name


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table, or some rows and columns of it."""

    name: str
    about: str
    rows: Mapping[str, str]
    """Row name -> label."""
    columns: Mapping[str, str]
    cells: Mapping[tuple[str, str], PlannedCell]
    """By row and column."""
    changes: tuple[str, ...] = ()
    """What is changed in all cells, as after --set."""
    own: bool = False
    """Whether the table is the user's own."""

    @classmethod
    def of(
        cls,
        library: Library,
        name: str,
        *,
        rows: Sequence[str] = (),
        columns: Sequence[str] = (),
        changes: Sequence[str] = (),
    ) -> TableLayout:
        """The table of a name or of a TOML file's path.

        Args:
            rows, columns: only these, by name or pattern (`*`, `?`); all where none are named.
            changes: `section.key=value` laid over every cell.

        Raises:
            PresetError: there is no such table, row or column, or a cell cannot be used.
        """
        table = library.table(name)
        kept_rows = _only(table.rows, rows, "--rows", table.name)
        kept_columns = _only(table.columns, columns, "--columns", table.name)
        cells = {
            (row, column): _cell(library.get(table.cell(row, column)), row, column, changes)
            for row in kept_rows
            for column in kept_columns
        }
        return cls(
            table.name, table.about, kept_rows, kept_columns, cells, tuple(changes), table.own
        )

    def __iter__(self) -> Iterator[PlannedCell]:
        return iter(self.cells.values())

    def __len__(self) -> int:
        return len(self.cells)

    def check(self, row: str) -> ParameterCheck | None:
        """Whether a row's nets have the report's number of parameters.

        None where the report gives none. Its one figure a row counts no batch normalisation, but
        where its note says so (data/README.md).
        """
        for column in self.columns:
            cell = self.cells[row, column]
            if cell.figure is not None and cell.figure.parameters:
                with_norm = "DO+BN" in cell.figure.note
                return ParameterCheck(_counted(cell.preset, with_norm), cell.figure.parameters)
        return None


@dataclass(frozen=True, slots=True)
class ParameterCheck:
    """Trainable parameters of a row's net beside those of the report."""

    ours: int
    reported: int

    @property
    def equal(self) -> bool:
        return self.ours == self.reported


def _cell(preset: Preset, row: str, column: str, changes: Sequence[str]) -> PlannedCell:
    preset = edited(preset, changes) if changes else preset
    plan = preset.plan
    return PlannedCell(
        row, column, preset, settings_key(preset), published(preset.published), plan.parameters
    )


def _counted(preset: Preset, batch_norm: bool) -> int:
    """Parameters of a preset's net with or without batch normalisation."""
    model = msgspec.structs.replace(preset.model, batch_norm=batch_norm)
    return architecture.plan(model, len(preset.data.words)).parameters


def _only(
    names: Mapping[str, str], wanted: Sequence[str], option: str, table: str
) -> Mapping[str, str]:
    """The names that are wanted or match a pattern that is, in the table's order."""
    kept = set()
    for name in wanted:
        found = {one for one in names if one == name or fnmatch.fnmatchcase(one, name)}
        kept |= found
        if not found:
            raise PresetError(
                f"the table {table} has no {option.strip('-')[:-1]} {name!r}.", where=option,
                hint=nearest(name, names),
            )  # fmt: skip
    return {name: label for name, label in names.items() if not wanted or name in kept}
