"""The ways through the tables: look, move, open, run what is missing, stop, sort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from labbench import paths
from labbench.tui.dialogs import Choose, Confirm
from labbench.tui.results.screen import ResultsScreen
from labbench.tui.run.screen import RunScreen
from labbench.tui.table import Table
from labbench.tui.tables.screen import TablesScreen
from labbench.tui.tables.sweeping import ChooseParts, RunMissing
from labbench.tui.tables.table import TableScreen
from labbench.tui.topline import KeyLine
from tests.tui.conftest import World, keys, settle
from tests.tui.tables import TANH, filling

SMALL = (80, 24)


def told(app: Any) -> str:
    return str(app.screen.query_one("#told", Static).render())


def key_line(app: Any) -> str:
    return app.screen.query_one(KeyLine).render().plain


async def open_tanh(pilot: Any) -> TableScreen:
    await settle(pilot)
    await keys(pilot, "3", "j", "j", "enter")
    assert isinstance(pilot.app.screen, TableScreen)
    return pilot.app.screen


async def test_an_empty_table_is_run_after_asking(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "3")
        assert isinstance(pilot.app.screen, TablesScreen)
        assert len(pilot.app.screen.query_one(Table).keys) == 9
        assert "Nothing run yet" in told(pilot.app)
        screen = await open_tanh(pilot)
        assert "not run yet" in told(pilot.app)
        assert key_line(pilot.app).startswith("enter run this cell")
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, RunMissing)
        await keys(pilot, "n", "m")
        dialog = pilot.app.screen
        assert isinstance(dialog, RunMissing)
        said = str(dialog.query_one("#detail", Static).render())
        assert "About 13h 30m on 2 devices" in said
        await keys(pilot, "n")
        assert world.swept == []
        await keys(pilot, "m", "y")
        assert world.swept == [(TANH, 27, 1)]
        assert screen.progress is not None
        assert screen.progress.count("queued") == 27
        await keys(pilot, "m")
        assert pilot.app.screen is screen, "nothing is missing any more"


async def test_rows_columns_and_seeds_are_chosen(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await open_tanh(pilot)
        await keys(pilot, "M", "a", "space", "j", "space", "plus", "plus", "minus", "tab", "space")
        assert isinstance(pilot.app.screen, ChooseParts)
        assert "4 cells x 2 seeds" in str(pilot.app.screen.query_one("#seeds", Static).render())
        await keys(pilot, "enter", "y")
        assert world.swept == [(TANH, 4, 2)]
        await keys(pilot, "M", "a", "a", "enter")
        assert isinstance(pilot.app.screen, ChooseParts), "no row is marked"
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, TableScreen)


async def test_the_cursor_tells_of_cells_and_opens_their_runs(world: World) -> None:
    runs = filling()
    async with world.app().run_test(size=SMALL) as pilot:
        screen = await open_tanh(pilot)
        assert "7/bn  ● running 7/12" in told(pilot.app), "it begins at what runs"
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, RunScreen)
        assert pilot.app.screen.run_id.endswith("-7-bn")
        await keys(pilot, "escape", "k")
        assert "2 seeds" in told(pilot.app)
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, Choose)
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, RunScreen)
        assert pilot.app.screen.run_id == runs[12].id, "the newest first"
        await keys(pilot, "escape", "j", "j", "h")
        assert "61 GB asked" in told(pilot.app)
        await keys(pilot, "up", "up", "R")
        assert isinstance(pilot.app.screen, ResultsScreen)
        await keys(pilot, "escape", "down", "enter")
        assert isinstance(pilot.app.screen, RunMissing), "a cell without runs is asked for"
        await keys(pilot, "y")
        assert world.swept == [(TANH, 1, 1)]
        assert screen.headless() == f"labbench table {TANH}"


async def test_sorted_by_the_column_under_the_cursor(world: World) -> None:
    filling()
    async with world.app().run_test(size=SMALL) as pilot:
        screen = await open_tanh(pilot)
        assert list(screen.rows) == list("123456789")
        await keys(pilot, "s", "j", "enter")
        assert list(screen.rows)[:6] == list("654321"), "best first, those without last"
        await keys(pilot, "t")
        assert screen.headless() == (
            f"labbench table {TANH} --tolerance 0.02 --sort ours --by bn"
        ), "the cursor began at the cell that runs"
        await keys(pilot, "right_square_bracket")
        assert isinstance(pilot.app.screen, TableScreen)
        assert pilot.app.screen.table_name == "large-filter-ch32-tanh"
        assert pilot.app.screen.tolerance == 0.02


async def test_stop_all_of_a_table(world: World) -> None:
    runs = filling()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_tanh(pilot)
        await keys(pilot, "x")
        assert isinstance(pilot.app.screen, Confirm)
        await keys(pilot, "y")
        live, queued = runs[13], runs[14]
        assert world.stopped == [(queued.id, False), (live.id, False)]


async def test_the_mouse_finds_cells(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        screen = await open_tanh(pilot)
        await pilot.click("#grid", offset=(30, 5))
        await settle(pilot)
        assert screen.cell is not None
        assert screen.cell.planned.name == f"{TANH}/3/bn"
        await pilot.click("#grid", offset=(30, 0))
        assert screen.cell.planned.name == f"{TANH}/3/bn"


async def test_tables_of_ones_own_and_broken_ones(world: World, labbench_home: Path) -> None:
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('base = "demo"\n[rows.a]\n[columns.b]\n')
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, "3", "end")
        screen = pilot.app.screen
        assert isinstance(screen, TablesScreen)
        assert screen.query_one(Table).cursor == "mine"
        (folder / "mine.toml").write_text(
            'base = "demo"\n[rows.a]\nmodel.convs = 999\n[columns.b]\n'
        )
        await keys(pilot, "1", "3")
        assert "mine.toml" in str(screen.query_one("#said", Static).render())
        assert "mine" not in screen.query_one(Table).keys


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_what_is_seen_is_exported(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    filling()
    async with world.app().run_test(size=SMALL) as pilot:
        screen = await open_tanh(pilot)
        view = screen.view()
        assert view is not None
        text = view.as_csv() if form == "csv" else str(view.as_json())
        assert f"{TANH}/8/bn" in text
        assert "y copy command" in key_line(pilot.app) or screen.exportable()
