"""What `y` copies prints what is seen: every screen in its states, its command run and compared."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from rich.text import Text
from textual.pilot import Pilot
from textual.widgets import Static

from labbench.cli.app import run_app
from labbench.presets import Library, Preset, edited, resolved
from labbench.runs import list_runs, notes
from labbench.runs.notes import Notes
from labbench.scheduler import dispatch, start
from labbench.tui.bench.form import Entry, FormScreen
from labbench.tui.bench.screen import PresetsScreen
from labbench.tui.canvas import Canvas
from labbench.tui.clip.screen import ClipScreen
from labbench.tui.compare.screen import CompareScreen
from labbench.tui.compare.widgets import Heads
from labbench.tui.data.clips import ClipsScreen
from labbench.tui.data.screen import DataScreen
from labbench.tui.inside.screen import InsideScreen
from labbench.tui.results.cell import CellScreen
from labbench.tui.results.screen import ResultsScreen
from labbench.tui.routes import ToResults, ToRun
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import FILTERS, RunsScreen
from labbench.tui.screen import BenchScreen
from labbench.tui.table import GAP, Table
from labbench.tui.tables.screen import TablesScreen
from labbench.tui.tables.table import TableScreen
from tests.tui.conftest import World, every_state, keys, settle
from tests.tui.heard import hear
from tests.tui.sets import job, tones
from tests.tui.tables import TANH, filling

WIDE = 200
"""Cells that commands may use, so that no column is left out."""

SIZE = (140, 45)
SIZES: dict[type[BenchScreen[Any]], tuple[int, int]] = {
    RunsScreen: (180, 24), RunScreen: (110, 30), CompareScreen: (140, 30),
    ClipsScreen: (120, 70), ClipScreen: (100, 30),
}  # fmt: skip
"""Where a list must not be cut, panes come one after the other, or less is as good."""


class Walk:
    """An app that is walked through states, and the commands that are copied there."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot, self.app = pilot, pilot.app
        self.lines: list[str] = []
        """What was copied."""

    async def trained(self, preset: Preset, key: str = "y") -> None:
        """Copy the command, and see that it trains just this."""
        before = len(list_runs())
        await self.copied(more="--detach --quiet", key=key)
        *_, new = list_runs()
        assert len(list_runs()) == before + 1
        assert new.preset() == resolved(edited(preset, ["data.name=synthetic"]))

    @property
    def screen(self) -> Any:
        """What is in front."""
        return self.app.screen

    async def press(self, *pressed: str) -> None:
        await settle(self.pilot)
        await keys(self.pilot, *pressed)

    async def copied(self, *pressed: str, more: str = "", talk: str = "", key: str = "y"
    ) -> list[str]:  # fmt: skip
        """Press keys and then that which copies; run what is copied; returns the lines it prints.

        Args:
            more: options to run it with besides, as a size.
            talk: what it says first of all beside them.
        """
        await self.press(*pressed)
        self.app.copy_to_clipboard("")
        await self.press(key)
        self.lines.append(self.app.clipboard)
        labbench, *words = shlex.split(f"{self.app.clipboard} {more}")
        assert labbench == "labbench"
        with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as told:
            code = run_app(words)
        assert code == 0, (words, told.getvalue())
        assert told.getvalue().startswith(talk) if talk else not told.getvalue(), words
        return [line.rstrip() for line in Text.from_ansi(printed.getvalue()).plain.splitlines()]


def picture(widget: Any) -> list[str]:
    """The lines of a widget as they are painted."""
    return [line.text.rstrip() for line in widget.render_lines(widget.size.region)]


def said(screen: Any, part: str) -> str:
    """What a text of the screen says."""
    return str(screen.query_one(part, Static).render())


def rows(table: Table) -> list[dict[str, str]]:
    """What is painted of a list's rows, by column; of columns of one title the first."""
    lines = [table.render_line(y).text for y in range(len(table.visible_keys()) + 1)]
    spans, at = [], 0
    for _, width in table._fitted:
        spans.append((at, at + width))
        at += width + GAP
    titles, *cells = [[line[start:end].strip() for start, end in spans] for line in lines]
    return [dict(reversed([*zip(titles, row, strict=True)])) for row in cells]


def assert_listed(seen: Sequence[Sequence[str]], printed: Sequence[str]) -> None:
    """The cells of every row stand in the printed line of that place, and no row follows.

    The first line printed are titles; what follows an empty line is no list.
    """
    body = list(printed[1:])
    body = body[: body.index("")] if "" in body else body
    assert len(body) == len(seen), printed
    for cells, line in zip(seen, body, strict=True):
        words = f" {' '.join(line.split())} "
        assert all(f" {' '.join(cell.split())} " in words for cell in cells), (cells, line)


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
        assert_listed(cells, printed)
        orders.add(tuple(row["run"] for row in seen))

    for _ in range(7):
        await same()
        await walk.press("s", "down", "enter")
    walk.app.mark(walk.app.runs.entries[1].id)
    walk.app.mark(walk.app.runs.entries[4].id)
    for name, _ in FILTERS[1:]:
        await same("f", "down", "enter")
        assert screen._filter == name
    await same("escape", "slash", *"TANH", "space", *"speech", "enter")
    await same("f", "down", "enter")
    assert len(orders) == 14


# Run


async def run(walk: Walk) -> None:
    """By step, epoch and time; smoothed, logarithmic, a part, values told; events and console."""
    entry = walk.app.runs.entries[0]
    entry.run.console_path.write_text("loading\rloaded\nepoch 1\n")
    walk.app.go(ToRun(entry.id))
    await walk.press()

    async def same(*pressed: str, told: int = 0) -> None:
        chart = walk.screen.query_one(Canvas)
        await walk.press(*pressed)
        size = chart.size
        printed = await walk.copied(
            more=f"--width {size.width} --height {size.height + 2 + told} --color"
        )
        assert printed[-size.height :] == picture(chart)
        if told:
            assert printed[2] == said(walk.screen, "#reading")

    for pressed in ((), ("b",), ("b",), ("s",), ("g",), ("plus",), ("H",)):
        await same(*pressed)
    for pressed in (("l", "l"), ("plus", "L"), ("b",)):
        await same(*pressed, told=1)
    for part, first in (("#lines", "▶ started"), ("#log", "epoch 1")):
        printed = await walk.copied("tab")
        assert any(first in line for line in printed)
        assert printed == list(filter(None, picture(walk.screen.query_one(part))))


# Compare


async def compare(walk: Walk) -> None:
    """Curves a part of them; runs taken out and made first; settings; classes and their orders."""
    entries = walk.app.runs.entries
    for place in (0, 5, 1, 3):
        walk.app.mark(entries[place].id)
    await walk.press("4")

    async def same(*pressed: str) -> None:
        await walk.press(*pressed)
        heads, chart, page = (walk.screen.query_one(part) for part in (Heads, Canvas, "#text"))
        notes = len(walk.screen.found.compared.notes())
        used = len(heads.keys) + 1 + notes + 1 + walk.screen.query_one("#reading").display
        room = f"--height {used + chart.size.height}" if chart.display else ""
        width = chart.size.width if chart.display else page.size.width
        printed = await walk.copied(more=f"--width {width} {room} --color")
        titles = ("", "run", "epochs", "won", "lost", "p")
        cells = [[row[title] for title in titles if row.get(title)] for row in rows(heads)]
        assert_listed(cells, printed[: len(heads.keys) + 1])
        if chart.display:
            assert printed[-chart.size.height :] == picture(chart)
        if walk.screen.query_one("#reading").display:
            assert said(walk.screen, "#reading") in printed
        if page.parent.display:
            shown = [line.text.rstrip() for line in page.render_lines(page.size.region)]
            assert printed[used:] == shown

    await same()
    await same("j", "space")  # B is taken out, and C is B
    await same("G", "m")
    for pressed in (("v",), ("S",), ("v",), ("g",), ("b",), ("plus",), ("right",), ("minus",)):
        await same(*pressed)
    await same("t", "tab")
    for pressed in (("tab",), ("s",), ("p",), ("p",), ("t",)):
        await same(*pressed)


# Results


async def results(walk: Walk) -> None:
    """The matrix, in percent and ordered by confusion; classes in every order; the summary."""
    walk.app.go(ToResults(walk.app.runs.entries[0].id))
    await walk.press()

    def figures(lines: Sequence[str]) -> list[list[str]]:
        """The words and figures of lines that begin with a word."""
        known = walk.screen.evaluation.report.words
        words = [re.sub(r"[\[\]]", " ", line).split() for line in lines]
        return [line for line in words if line[:1] and line[0] in known and "→" not in line]

    async def same(*pressed: str) -> None:
        printed = await walk.copied(*pressed, more="--width 140")
        pane = walk.screen.query_one(f"#{walk.screen.pane}")
        part = pane.query_one(Canvas) if walk.screen.pane == "confusion" else pane.children[0]
        shown = picture(part)
        if walk.screen.pane != "summary":
            assert figures(shown)
            assert figures(printed) == figures(shown)
        else:
            assert " ".join(" ".join(printed).split()) == " ".join(" ".join(shown).split())
        caption = walk.screen.evaluation.caption
        assert any(caption in line for line in (*printed, *shown))

    for pressed in ((), ("p",), ("o",), ("p",), ("t",)):
        await same(*pressed)
    await same("tab")
    for _ in range(4):
        await same("s")
    await same("t", "tab")


async def cell(walk: Walk) -> None:
    """Clips that were taken for another word, and clips that are right."""
    walk.app.go(ToResults(walk.app.runs.entries[0].id))
    await walk.press()

    async def same(*pressed: str) -> None:
        await walk.press(*pressed)
        assert isinstance(walk.screen, CellScreen)
        printed = await walk.copied()
        assert said(walk.screen, "#head").split("  ")[0] in printed[0]
        table = walk.screen.query_one(Table)
        printed = printed[1 : len(table.visible_keys()) + 2]
        assert_listed([list(row.values()) for row in rows(table)], printed)

    await same("enter")
    await same("escape", "t", "n", "enter")
    await same("escape", *["left"] * 20, *["up"] * 20, "enter")


# Tables


async def tables(walk: Walk) -> None:
    """All tables, at every tolerance."""
    filling()
    await walk.press("3")
    for pressed in ((), ("enter", "t", "escape")):
        printed = await walk.copied(*pressed)
        titles = ("table", "done", "under way", "within", "mean Δ")
        shown = rows(walk.screen.query_one(Table))
        assert_listed([[row[title] for title in titles if row[title]] for row in shown], printed)
    assert "--tolerance 0.02" in walk.lines[-1]


async def table(walk: Walk) -> None:
    """One table, sorted by its columns, at other tolerances."""
    filling()
    await walk.press("3", "enter")
    await walk.app.push_screen(TableScreen(TANH))
    await walk.press()

    async def same(*pressed: str) -> None:
        await walk.press(*pressed)
        grid = walk.screen.query_one(Canvas)
        assert await walk.copied(more=f"--width {grid.size.width}") == list(
            filter(None, picture(grid))
        )

    await same()
    for _ in range(4):
        await same("s", "down", "enter")
    await same("right")
    await same("t")


# Data


async def data(walk: Walk) -> None:
    """A data set, and one that is being made."""
    tones()
    await walk.press("5")
    detail = walk.screen.query_one("Detail")
    printed = await walk.copied(more=f"--width {detail.size.width}")
    assert printed == picture(detail)
    job("working")
    walk.screen.look()
    await walk.press()
    await walk.press("g")
    assert walk.screen.job is not None
    printed = await walk.copied(talk="speech_commands: fetching")
    assert printed[1].split()[0] == "tones"


async def clips(walk: Walk) -> None:
    """Clips by word, split and name; more than a terminal is shown where nobody asks."""
    tones()
    await walk.app.push_screen(ClipsScreen("tones"))
    await walk.press()

    async def same(*pressed: str) -> int:
        printed = await walk.copied(*pressed)
        table = walk.screen.query_one(Table)
        titles = ("clip", "word", "split", "seconds")
        assert_listed([[row[title] for title in titles] for row in rows(table)], printed[1:])
        return len(table.keys)

    counts = [
        await same(),
        await same("w", "down", "enter"),
        await same("t", "down", "down", "down", "enter"),
    ]
    counts += [
        await same("slash", *"Test1", "enter"),
        await same("escape", "slash", *"W/tr", "enter"),
    ]
    assert counts == [63, 21, 5, 1, 12]


async def clip(walk: Walk) -> None:
    """A clip of a data set on every scale, with other windows and levels; one that was judged."""
    tones()
    await walk.app.push_screen(ClipsScreen("tones"))
    await walk.press("enter")

    async def same(*pressed: str) -> None:
        await walk.press(*pressed)
        sound = walk.screen.query_one(Canvas)
        size = f"--width {sound.size.width} --height {sound.size.height + 2} --color"
        printed = await walk.copied(more=size)
        assert printed[2:] == picture(sound)
        assert all(part in printed[0] for part in said(walk.screen, "#head").split("\n")[1:])
        assert said(walk.screen, "#look") in printed[1]

    for pressed in ((), ("s",), ("s",), ("w",), ("minus",), ("j",)):
        await same(*pressed)
    hear((run := walk.app.runs.entries[0]).run)
    walk.app.go(ToResults(run.id))
    await walk.press("enter", "enter")
    for pressed in ((), ("s",), ("j",)):
        await walk.press(*pressed)
        sound = walk.screen.query_one(Canvas)
        size = f"--width {sound.size.width} --height {sound.size.height + 3} --color"
        name, taken_for = said(walk.screen, "#head").split("\n")
        printed = await walk.copied(more=size)
        assert printed[0].startswith(name.split("  ")[0])
        assert printed[1] == taken_for.rstrip()
        assert printed[3:] == picture(sound)


# Bench


async def bench(walk: Walk) -> None:
    """A preset that is found."""
    await walk.press("slash", *"tanh", "space", *"do0.5", "enter")
    await walk.trained(walk.screen.chosen)


async def form(walk: Walk) -> None:
    """A preset with values changed; a run's own values, and one of them changed."""
    base = Library().get("custom-ch32")
    await walk.app.push_screen(FormScreen(base))
    await walk.press()

    async def type_into(key: str, value: str) -> None:
        [entry] = [one for one in walk.screen.query(Entry) if one.setting.key == key]
        entry.value = value
        await walk.press()

    await type_into("training.epochs", "7")
    await walk.trained(edited(base, ["training.epochs=7"]), "ctrl+y")
    started = walk.app.runs.entries[0].run.preset()
    assert started != base
    await walk.app.push_screen(FormScreen(started, of="1"))
    await walk.trained(started, "ctrl+y")
    await type_into("data.words", "zero,one")
    await walk.trained(edited(started, ["data.words=zero,one"]), "ctrl+y")


WALKS: dict[type[BenchScreen[Any]], Callable[[Walk], Awaitable[None]]] = {
    PresetsScreen: bench, FormScreen: form, RunsScreen: runs, RunScreen: run,
    CompareScreen: compare, ResultsScreen: results, CellScreen: cell, TablesScreen: tables,
    TableScreen: table, DataScreen: data, ClipsScreen: clips, ClipScreen: clip,
}  # fmt: skip
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
    for room in (dispatch, start):
        monkeypatch.setattr(room, "ensure_dispatcher", lambda *_, **__: None)


@pytest.mark.parametrize("screen", WALKS, ids=lambda screen: screen.__name__)
async def test_a_copied_command_prints_what_is_seen(
    screen: type[BenchScreen[Any]], world: World, at_rest: None
) -> None:  # fmt: skip
    fill()
    async with world.app().run_test(size=SIZES.get(screen, SIZE)) as pilot:
        await settle(pilot)
        walk = Walk(pilot)
        await WALKS[screen](walk)
    assert len(set(walk.lines)) == len(walk.lines)


def screens(kind: type[Any] = BenchScreen) -> Iterator[type[Any]]:
    """All that can be opened: they say what they are."""
    for one in kind.__subclasses__():
        if one.about:
            yield one
        yield from screens(one)


def test_every_screen_is_walked() -> None:
    assert set(screens()) - {InsideScreen} == set(WALKS)
