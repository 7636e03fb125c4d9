"""Tables whose strings are what they say: `[1]` in a path or a name is no markup."""

from __future__ import annotations

from typing import Any, cast

from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text


class Table(RichTable):
    """Rich's table, strings taken as they are."""

    @classmethod
    def grid(cls, *headers: Any, **options: Any) -> Table:
        return cast(Table, super().grid(*headers, **options))

    def add_column(self, header: RenderableType = "", *rest: Any, **options: Any) -> None:
        super().add_column(_plain(header), *rest, **options)

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        super().add_row(*map(_plain, cells), **options)


def _plain(cell: Any) -> Any:
    return Text(cell) if isinstance(cell, str) else cell
