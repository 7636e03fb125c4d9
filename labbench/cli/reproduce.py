"""`labbench reproduce`: do our figures agree with the report's."""

from __future__ import annotations

from typing import Annotated

import typer

from labbench.cli.options import Json
from labbench.cli.tables import Columns, Data, Rows, Set, Tolerance
from labbench.errors import MissedError


def reproduce(
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE", help="None: all of the report.")
    ] = None,
    tolerance: Tolerance = 0.01,
    rows: Rows = None,
    columns: Columns = None,
    set_: Set = None,
    data: Data = "",
    json: Json = False,
) -> int:
    """Compare finished cells with the report.

    Exit code 9 if one misses by more than allowed. Cells that are still to be run do not count; how
    many they are is said.
    """
    from labbench.cli.output import print_json, print_view, say
    from labbench.cli.tables import all_cells, changes, every_table, parts
    from labbench.presets import Library
    from labbench.tables.layout import TableLayout
    from labbench.tables.reproduction import ReproductionView

    library, cells, laid = Library(lenient=True), all_cells(), changes(set_, data)
    if tables:
        only = {"rows": parts(rows), "columns": parts(columns)}
        sheets = [TableLayout.of(library, name, changes=laid, **only) for name in tables]
    else:
        sheets = [sheet for sheet in every_table(library, laid) if not sheet.own]
    view = ReproductionView.of([cells.filled(sheet) for sheet in sheets], tolerance)
    if json:
        print_json(view.as_json())
    elif view.missed:
        print_view(view)
    say(view.in_words())
    return MissedError.exit_code if view.missed else 0
