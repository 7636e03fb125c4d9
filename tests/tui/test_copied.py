"""What `y` copies prints what is seen: every screen in its states, its command run and compared."""

from __future__ import annotations

import io
import shlex
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from rich.text import Text
from textual.pilot import Pilot

from labbench.cli.app import run_app
from labbench.runs import notes
from labbench.runs.notes import Notes
from labbench.tui.runs.screen import FILTERS, RunsScreen
from labbench.tui.screen import BenchScreen
from labbench.tui.table import GAP, Table
from labbench.worker import dispatch
from tests.tui.conftest import World, every_state, keys, settle

WIDE = 200
"""Cells that commands may use, so that no column is left out."""

SIZE = (180, 50)


class Walk:
    """An app that is walked through states, and the commands that are copied there."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot, self.app = pilot, pilot.app
        self.lines: list[str] = []
        """What was copied."""

    @property
    def screen(self) -> Any:
        """What is in front."""
        return self.app.screen

    async def press(self, *pressed: str) -> None:
        await keys(self.pilot, *pressed)

    async def copied(self, *pressed: str, more: str = "") -> list[str]:
        """Press keys and then `y`; run what is copied; returns the lines it prints.

        Args:
            more: options to run it with besides, as a size.
        """
        await self.press(*pressed)
        self.app.copy_to_clipboard("")
        await self.press("y")
        self.lines.append(self.app.clipboard)
        return self.run(f"{self.app.clipboard} {more}")

    def run(self, line: str) -> list[str]:
        """Run a command line of ours that has nothing to say; returns the lines it prints."""
        labbench, *words = shlex.split(line)
        assert labbench == "labbench"
        with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as said:
            code = run_app(words)
        assert (code, said.getvalue()) == (0, ""), line
        return [line.rstrip() for line in Text.from_ansi(printed.getvalue()).plain.splitlines()]


def rows(table: Table) -> list[dict[str, str]]:
    """What is painted of all rows of a list, by column."""
    assert len(table.visible_keys()) == len(table.keys)
    lines = [table.render_line(y).text for y in range(len(table.keys) + 1)]
    spans, at = [], 0
    for _, width in table._fitted:
        spans.append((at, at + width))
        at += width + GAP
    titles, *cells = [[line[start:end].strip() for start, end in spans] for line in lines]
    return [dict(zip(titles, row, strict=True)) for row in cells]


def assert_listed(seen: Sequence[Sequence[str]], printed: Sequence[str]) -> None:
    """The cells of every row stand in the printed line of that place, and no row follows.

    The first line printed are titles; what follows an empty line is no list.
    """
    body = list(printed[1:])
    body = body[: body.index("")] if "" in body else body
    assert len(body) == len(seen), printed
    for cells, line in zip(seen, body, strict=True):
        words = f" {' '.join(line.split())} "
        assert all(f" {cell} " in words for cell in cells), (cells, line)


# Runs


async def runs(walk: Walk) -> None:
    """Sorted every way, filtered, searched."""
    await walk.press("2")
    screen, orders = walk.screen, set[tuple[str, ...]]()
    assert isinstance(screen, RunsScreen)

    async def same(*pressed: str) -> None:
        printed = await walk.copied(*pressed)
        seen = rows(screen.query_one(Table))
        titles = ("run", "preset", "best", "difference")
        cells = [[row[title] for title in titles if row[title]] for row in seen]
        assert_listed([[one for one in row if one != "synthetic"] for row in cells], printed)
        orders.add(tuple(row["run"] for row in seen))

    for _ in range(7):
        await same()
        await walk.press("s", "down", "enter")
    walk.app.mark(walk.app.looked.entries[1].id)
    walk.app.mark(walk.app.looked.entries[4].id)
    for name, _ in FILTERS[1:]:
        await same("f", "down", "enter")
        assert screen._filter == name
    await same("escape", "slash", *"TANH", "space", *"speech", "enter")
    await same("f", "down", "enter")
    assert len(orders) == 14


WALKS: dict[type[BenchScreen[Any]], Callable[[Walk], Awaitable[None]]] = {RunsScreen: runs}
"""How each screen is walked."""


def fill() -> None:
    """A home with something in it for every screen."""
    first, *_, last = every_state()
    notes.write(first.path, Notes(note="as published"))
    notes.write(last.path, Notes(tags=("again", "small")))


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that start nothing, and that have room."""
    monkeypatch.setenv("COLUMNS", str(WIDE))
    monkeypatch.setattr(dispatch, "ensure_dispatcher", lambda *_, **__: None)


@pytest.mark.parametrize("screen", WALKS, ids=lambda screen: screen.__name__)
async def test_a_copied_command_prints_what_is_seen(
    screen: type[BenchScreen[Any]], world: World, at_rest: None
) -> None:  # fmt: skip
    fill()
    async with world.app().run_test(size=SIZE) as pilot:
        await settle(pilot)
        walk = Walk(pilot)
        await WALKS[screen](walk)
    assert len(set(walk.lines)) == len(walk.lines)
