"""Columns fitted to a width, against Rich's own table."""

from __future__ import annotations

import io

import pytest
from rich.console import RenderableType
from rich.style import Style
from rich.table import Table

from labbench.draw.columns import Column, fitted
from labbench.draw.palette import DARK
from labbench.draw.plain import Console, Text

WORDS = ["", "zero", "größe", "字と音", "cust\tom", "a longer one that is cut"]
CELLS: list[Text | str] = [
    *WORDS, *(Text(word, "red") for word in WORDS), Text.assemble("0.9533", (" val", "bold")),
]  # fmt: skip


def cells_of(picture: RenderableType, width: int) -> list[list[tuple[str, Style | None]]]:
    """Every cell of the terminal and its style; spaces without a background look alike."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor"
    )
    return [
        [
            (sign, style if sign != " " and style else None)
            for text, style, _ in line
            for sign in text
        ]
        for line in console.render_lines(picture)
    ]


@pytest.mark.parametrize("width", [30, 44, 60, 100])
def test_as_rich_draws_it(width: int) -> None:
    columns = [
        Column("name", CELLS, least=8),
        Column("right", CELLS[::-1], right=True, least=4),
        Column("last", CELLS, least=9),
    ]
    drawn = fitted(columns, width, DARK)
    table = Table(
        box=None, pad_edge=False, padding=(0, drawn.gap, 0, 0), header_style=DARK.muted
    )  # fmt: skip
    for one, cells in zip(columns, drawn.widths, strict=True):
        table.add_column(
            one.title, justify="right" if one.right else "left", no_wrap=True,
            overflow="ellipsis", width=cells,
        )  # fmt: skip
    for row in zip(*(one.cells for one in columns), strict=True):
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    assert cells_of(drawn, width) == cells_of(table, width)


def test_no_column_is_wider_than_the_picture() -> None:
    columns = [Column(title, ["0123456789"]) for title in ("one", "two", "three")]
    assert max(len(line) for line in cells_of(fitted(columns, 17, DARK), 17)) == 17
    assert cells_of(fitted([], 17, DARK), 17) == []
