"""`labbench table` and `reproduce`: the report's tables, ours beside the published figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.options import FORMAT, Json, JsonForm, Output, Width
from labbench.errors import MissedError

if TYPE_CHECKING:
    from labbench.draw.export import Format
    from labbench.presets import Library
    from labbench.tables.forms import TextForm
    from labbench.tables.layout import TableLayout
    from labbench.tables.progress import Cells, TableProgress
    from labbench.tables.view import TableView

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


Form = Literal["ansi", "md", "csv", "json", "latex", "html"]
"""How it is written."""


Sort = Literal["table", "ours", "published", "difference", "far"]
"""Orders of a table's rows."""


_VIEWS: dict[Form, Format] = {"ansi": "ansi", "csv": "csv", "json": "json"}
_TEXTS: dict[Form, TextForm] = {"md": "md", "latex": "latex", "html": "html"}


def table(
    name: Annotated[
        str, typer.Argument(metavar="TABLE", help="A table by name or .toml file; none: all.")
    ] = "",
    form: Annotated[Form, FORMAT] = "ansi",
    json: JsonForm = False,
    rows: Rows = None,
    columns: Columns = None,
    set_: Set = None,
    data: Data = "",
    tolerance: Tolerance = 0.01,
    sort: Annotated[
        Sort, typer.Option(help="Order of rows; far: the farthest from the report first.")
    ] = "table",
    by: Annotated[
        str, typer.Option(metavar="COLUMN", help="The column --sort uses; default: the first.")
    ] = "",
    width: Width = None,
    output: Output = None,
) -> None:
    """Show a table: our figures beside the published ones.

    Ours are mean and standard deviation over seeds. Without a name: all tables and their progress.
    """
    from labbench.cli.output import tell_wrong
    from labbench.presets import Library
    from labbench.tables.layout import TableLayout
    from labbench.tables.pace import left_s
    from labbench.tables.progress import sorted_rows

    form = "json" if json else form
    library, cells = Library(lenient=True), all_cells()
    if not name:
        if by or sort != "table":
            raise typer.BadParameter("sorts the rows of one table: name it.", param_hint="--sort")
        tell_wrong(library)
        _list([cells.progress(layout) for layout in every_table(library)], form, tolerance, output)
        return
    layout = TableLayout.of(
        library, name, rows=parts(rows), columns=parts(columns), changes=changes(set_, data)
    )
    from labbench.tables.view import TableView

    one = cells.progress(layout)
    left = left_s(one, max(one.count("live"), 1))
    order = sorted_rows(one, sort, _column(layout, by))
    view = TableView.of(one, tolerance=tolerance, courses=courses(one), rows=order, left_s=left)
    _put(view, form, width, output)


def _column(layout: TableLayout, name: str) -> str:
    """The column of a name, the first where none is named.

    Raises:
        PresetError: it is not among those that are shown.
    """
    from labbench.errors import PresetError, nearest

    if name and name not in layout.columns:
        raise PresetError(
            f"the table {layout.name} shows no column {name!r}.", where="--by",
            hint=nearest(name, layout.columns),
        )  # fmt: skip
    return name or next(iter(layout.columns))


def courses(one: TableProgress) -> dict[str, list[float]]:
    """Validation accuracies by epoch of the live runs of a table."""
    from labbench.runs.log import Course

    found = {}
    for cell in one:
        if cell.live is not None:
            course = Course(cell.live.run.events_path)
            course.read()
            found[cell.live.run.id] = course.accuracies
    return found


def _put(view: TableView, form: Form, width: int | None, output: Path | None) -> None:
    from labbench.cli.output import write_view
    from labbench.outputs import STDOUT, write_output
    from labbench.tables.forms import formatted

    if form not in _TEXTS:
        title = view.progress.layout.name
        write_view(view, _VIEWS[form], title=title, width=width, output=output)
        return
    write_output(output or STDOUT, formatted(view, _TEXTS[form]))


def _list(tables: list[TableProgress], form: Form, tolerance: float, output: Path | None) -> None:
    """All tables at a glance.

    Raises:
        typer.BadParameter: the format is one for single tables.
    """
    from labbench.cli.output import write_view
    from labbench.tables.overview import TablesView

    if form not in _VIEWS:
        raise typer.BadParameter(
            f"{form} shows one table: name it. See `labbench table`.", param_hint="--format"
        )
    view = TablesView.of(tables, tolerance=tolerance)
    write_view(view, _VIEWS[form], title="tables", output=output)


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

    Exit code 9 if one misses by more than the tolerance. Cells still to be run do not count; their
    number is printed.
    """
    from labbench.cli.output import print_json, print_view, say
    from labbench.presets import Library
    from labbench.tables.layout import TableLayout
    from labbench.tables.reproduction import ReproductionView

    library, cells, laid = Library(lenient=True), all_cells(), changes(set_, data)
    if tables:
        only = {"rows": parts(rows), "columns": parts(columns)}
        layouts = [TableLayout.of(library, name, changes=laid, **only) for name in tables]
    else:
        layouts = [layout for layout in every_table(library, laid) if not layout.own]
    view = ReproductionView.of([cells.progress(layout) for layout in layouts], tolerance)
    if json:
        print_json(view.as_json())
    elif view.missed:
        print_view(view)
    say(view.in_words())
    return MissedError.exit_code if view.missed else 0
