"""What `table`, `sweep` and `reproduce` share: the table asked for, on the clips meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labbench.presets import Library
    from labbench.tables.layout import TableLayout
    from labbench.tables.progress import Cells

Rows = Annotated[
    list[str] | None, typer.Option("--rows", metavar="ROW,...", help="Only these rows.")
]
Columns = Annotated[
    list[str] | None, typer.Option("--columns", metavar="COLUMN,...", help="Only these columns.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Cells with a value changed."),
]
Data = Annotated[str, typer.Option(help="The clips: short for --set data.name=NAME.")]
Tolerance = Annotated[
    float, typer.Option(min=0, max=1, help="How far an accuracy may be from the published one.")
]


def parts(values: list[str] | None) -> list[str]:
    """Names given one by one or with commas between."""
    found = (part.strip() for value in values or [] for part in value.split(","))
    return [part for part in found if part]


def changes(set_: list[str] | None, data: str) -> list[str]:
    """What is laid over every cell."""
    return [*(set_ or []), *([f"data.name={data}"] if data else [])]


def all_cells() -> Cells:
    """All runs by their settings; those that cannot be read are told of."""
    from labbench.cli.output import say
    from labbench.runs.reader import listing
    from labbench.tables.progress import Cells

    good, damaged = listing()
    for run, why in damaged:
        say(f"labbench: {run.id} cannot be read: {why}")
    return Cells(good)


def every_table(library: Library, changes: Sequence[str] = ()) -> list[TableLayout]:
    """All tables there are, with `section.key=value` laid over every cell."""
    from labbench.tables.layout import TableLayout

    return [TableLayout.of(library, table.name, changes=changes) for table in library.tables()]
