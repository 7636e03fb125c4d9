"""Marked runs side by side: from the list of runs to what differs, live and before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from labbench.cli.app import run_app
from labbench.runs import EventLog, RunFolder, status
from labbench.tui.canvas import Canvas
from labbench.tui.compare.screen import CompareScreen
from labbench.tui.compare.widgets import Heads
from labbench.tui.results.screen import ResultsScreen
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import RunsScreen
from tests.comparing import other_clips, pair
from tests.recorded import course, record
from tests.tui.conftest import SIZES, World, keys, settle
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES

MARK = ("2", "G", "space", "k", "space", "4")
"""Mark the oldest run, then the one after it, and compare."""


@pytest.fixture
def two(labbench_home: Path) -> list[RunFolder]:
    """Two finished runs; the second loses 12 clips and wins 40."""
    return pair()


def compared(pilot: Any) -> CompareScreen:
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


def words(pilot: Any, part: str) -> str:
    return str(pilot.app.screen.query_one(part, Static).render())


def order(pilot: Any) -> tuple[str, ...]:
    """Numbers of the runs in view."""
    return tuple(key[:4] for key in compared(pilot).query_one(Heads).keys)


def lines(pilot: Any, part: type[Heads] | type[Canvas]) -> str:
    widget = compared(pilot).query_one(part)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


async def test_from_marks_to_what_differs(world: World, two: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        assert order(pilot) == ("0001", "0002")
        assert "▲ +0.0058" in lines(pilot, Heads)
        await keys(pilot, "j")
        said = "loses 12 of 4,815 clips: p 0.0002 (McNemar, chi-squared)"
        assert said in words(pilot, "#told")
        assert "accuracy by epoch" in lines(pilot, Canvas)
        await keys(pilot, "tab")
        assert compared(pilot).room.page == "settings"
        await keys(pilot, "tab")
        assert compared(pilot).room.page == "classes"
        assert "s sort" in key_line(pilot.app)
        assert compared(pilot).headless() == "labbench compare 1 2 --show classes"
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, RunScreen)
        assert pilot.app.screen.run_id.startswith("0002")
        await keys(pilot, "escape", "R")
        assert isinstance(pilot.app.screen, ResultsScreen)


async def test_nothing_marked_leads_on(world: World, two: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "4")
        assert "No runs are marked" in words(pilot, "#empty")
        assert compared(pilot).headless() is None
        await keys(pilot, "enter")
        assert order(pilot) == ("0001", "0002")
        await keys(pilot, "U")
        assert compared(pilot).empty


async def test_no_runs_at_all(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "4")
        assert "there are no runs yet" in words(pilot, "#empty")
        await keys(pilot, "enter", "tab", "left", "j", "pagedown")
        assert compared(pilot).empty


async def test_one_alone_asks_for_another(world: World, two: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "space", "4")
        assert "One run is marked" in words(pilot, "#told")
        await keys(pilot, "2")
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_letters_go_by_the_order(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "G", "space", "k", "space", "k", "k", "space", "4")
        assert order(pilot) == ("0001", "0002", "0003")
        await keys(pilot, "j", "j", "m")
        assert order(pilot) == ("0003", "0001", "0002")
        found = compared(pilot).found
        assert found is not None
        assert [side.letter for side in found.compared.sides] == ["A", "B", "C"]
        assert compared(pilot).headless() == "labbench compare 3 1 2"
        await keys(pilot, "k", "k", "j", "space")
        assert order(pilot) == ("0003", "0002")
        found = compared(pilot).found
        assert found is not None
        assert [side.letter for side in found.compared.sides] == ["A", "B"]


async def test_a_live_run_is_followed(world: World, labbench_home: Path) -> None:
    record()
    live = record(preset="vgg", state="running", epochs=5)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        assert "● live" in words(pilot, "#tabs")
        assert "evaluated on validation clips" in words(pilot, "#tabs")
        assert " 5/12" in lines(pilot, Heads)
        log = EventLog(live.events_path)
        log.append([event for event in course(6) if getattr(event, "epoch", 0) == 6])
        log.close()
        status.write(live.status_path, replace(live.status(), epoch=6, step=60))
        compared(pilot).read_on()
        await settle(pilot)
        assert " 6/12" in lines(pilot, Heads)
        found = compared(pilot).found
        assert found is not None
        assert len(found.compared.sides[1].history.epochs) == 6


async def test_curves_are_looked_at_closely(world: World, two: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        await keys(pilot, "left", "plus", "v", "v", "S", "g")
        assert compared(pilot).headless() == (
            "labbench compare 1 2 --show curves --lines both --smooth 0.6 --log "
            "--from 3 --to 9 --at 6"
        )
        await keys(pilot, "b")
        screen = compared(pilot)
        assert screen.zoomed
        assert "A " in words(pilot, "#reading")
        assert screen.headless() == (
            "labbench compare 1 2 --show curves --by time --lines both --smooth 0.6 --log "
            "--from 45 --to 135 --at 90"
        )
        await keys(pilot, "escape")
        assert not screen.zoomed


async def test_other_clips_are_said(world: World, two: list[RunFolder]) -> None:
    other_clips(two[1])
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        await keys(pilot, "j")
        assert "evaluated on other clips" in words(pilot, "#told")


async def test_a_damaged_run_is_named(world: World, two: list[RunFolder]) -> None:
    (two[1].path / "preset.toml").write_text("model = 3", encoding="utf-8")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        assert "preset.toml" in words(pilot, "#told")


async def test_a_deleted_run_leaves(world: World, two: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        two[0].remove()
        await settle(pilot)
        await settle(pilot)
        assert order(pilot) == ("0002",)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
async def test_the_command_it_gives_prints_it(
    world: World, two: Any, capsys: Any, size: tuple[int, int]
) -> None:
    async with world.app().run_test(size=size) as pilot:
        await settle(pilot)
        await keys(pilot, *MARK)
        await keys(pilot, "tab", "tab", "p", "s", "t")
        command = compared(pilot).headless()
        view = compared(pilot).view()
    assert command is not None
    assert view is not None
    assert run_app([*command.split()[1:], "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(view.as_json()))
