"""Texts, tables and consoles show names as they are, and what is no letter as an escape."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.text import Text as RichText

import labbench
from labbench.draw.plain import Console, Table, Text

NAME = "\x1b]52;c;ZXZpbA==\x07red\x9b31m\u202eexe\n"
SHOWN = r"\x1b]52;c;ZXZpbA==\x07red\x9b31m\u202eexe\n"


def test_strings_are_no_markup() -> None:
    grid = Table.grid()
    grid.add_row("/tmp/[odd]/x", "[/x] :cat:")
    table = Table()
    table.add_column("[bold]")
    table.add_row("[red]y")
    for made, texts in ((grid, ["/tmp/[odd]/x", "[/x] :cat:"]), (table, ["[bold]", "[red]y"])):
        target = io.StringIO()
        Console(file=target, width=60).print(made)
        assert all(text in target.getvalue() for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        Text(NAME),
        Text().append(NAME),
        Text.assemble(NAME),
        Text.assemble((NAME, "bold")),
        Text("").join([Text(NAME)]),
        Text("\n").blank_copy().append(NAME),
    ],
)
def test_a_text_is_one_line_of_what_can_be_seen(text: Text) -> None:
    assert text.plain == SHOWN
    assert text.cell_len == len(SHOWN)


def test_line_ends_alone_break_a_line() -> None:
    assert Text.assemble("a", "\n", ("b", "bold"), "\n\n").plain == "a\nb\n\n"
    assert Text.lines("said\n\x1b[31mred\tx\n").plain == "said\n\\x1b[31mred\tx\n"


def test_a_table_gives_a_name_the_room_that_its_escapes_take() -> None:
    table = Table("[1]", NAME, box=None)
    table.add_row(NAME, "b")
    target = io.StringIO()
    Console(file=target, width=120).print(table)
    lines = target.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].split() == ["[1]", SHOWN]
    assert lines[1].split() == [SHOWN, "b"]


def test_a_console_writes_no_controls_but_its_own() -> None:
    target = io.StringIO()
    console = Console(
        file=target, width=120, force_terminal=True, color_system="standard", highlight=False
    )
    console.print(RichText(NAME, "red"))
    console.print(NAME, markup=False)
    written = target.getvalue()
    assert written.startswith("\x1b[31m\\x1b]52")
    assert re.findall(r"\x1b(\[\d+m)", written) == ["[31m", "[0m"]
    assert not re.search(r"[\x07\x9b\u202e]", written)


def test_nothing_else_makes_a_text_or_a_console() -> None:
    made = re.compile(r"^\s*from rich\.(text import Text|console import .*\bConsole\b)", re.M)
    root = Path(labbench.__file__).parent
    # All but the first for types of arguments.
    allowed = {
        "draw/plain.py", "draw/halfblocks.py", "draw/columns.py", "tui/canvas.py",
        "tui/clip/glance.py", "tui/clip/screen.py", "tui/compare/reader.py", "tui/run/reader.py",
        "tui/inside/work.py",
    }  # fmt: skip
    found = {
        str(path.relative_to(root)) for path in root.rglob("*.py") if made.search(path.read_text())
    }
    assert found <= allowed
