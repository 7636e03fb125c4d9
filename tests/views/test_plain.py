"""Names that look like Rich's markup or emoji are shown as they are."""

from __future__ import annotations

import io

from rich.console import Console

from labbench.views.plain import Table


def test_strings_are_no_markup() -> None:
    grid = Table.grid()
    grid.add_row("/tmp/[odd]/x", "[/x] :cat:")
    table = Table()
    table.add_column("[bold]")
    table.add_row("[red]y")
    for made, texts in ((grid, ["/tmp/[odd]/x", "[/x] :cat:"]), (table, ["[bold]", "[red]y"])):
        console = Console(file=io.StringIO(), width=60)
        console.print(made)
        shown = console.file.getvalue()  # type: ignore[attr-defined]
        assert all(text in shown for text in texts)
