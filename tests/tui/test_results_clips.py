"""Down to single clips: seen where they are still there, told where they are gone."""

from __future__ import annotations

import shutil
from typing import Any

from textual.widgets import Static

from labbench.runs import RunFolder
from labbench.tui.clip.screen import ClipScreen
from labbench.tui.results.cell import CellScreen
from labbench.tui.table import Table
from tests.tiny import make_clips
from tests.tui.conftest import World, keys, settle
from tests.tui.heard import hear

SMALL = (80, 24)
TO_CELL = ("2", *["j"] * 7, "R", "enter")


def clip(pilot: Any) -> ClipScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ClipScreen)
    return screen


def words(screen: Any, part: str) -> str:
    return str(screen.query_one(part, Static).render())


async def test_a_clip_is_seen_and_the_list_follows(world: World, recorded: list[RunFolder]) -> None:
    hear(recorded[0])
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *TO_CELL)
        cell = pilot.app.screen
        assert isinstance(cell, CellScreen)
        worst = cell.cell.clips[0]
        assert worst.predicted > cell.cell.clips[1].predicted
        await keys(pilot, "enter")
        screen = clip(pilot)
        assert worst.name in words(screen, "#head")
        assert not screen.query_one("#none").display
        view = screen.view()
        assert view is not None
        heard = make_clips().clips[worst.row] / 32_768
        assert view.as_json()["waveform"]["samples"] == heard.tolist()
        await keys(pilot, "right_square_bracket", "j", "j")
        assert clip(pilot).index == 2
        await keys(pilot, "left_square_bracket", "escape")
        assert pilot.app.screen is cell
        assert cell.query_one(Table).cursor == "1"


async def test_clips_made_anew_are_not_shown_for_the_old(
    world: World, recorded: list[RunFolder]
) -> None:
    hear(recorded[0])
    make_clips(seed=1)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *TO_CELL, "enter")
        screen = clip(pilot)
        assert "made again since" in words(screen, "#none")
        assert screen.view() is None


async def test_clips_that_are_gone_are_told(world: World, recorded: list[RunFolder]) -> None:
    hear(recorded[0])
    shutil.rmtree(make_clips().folder)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *TO_CELL, "enter", "j")
        assert "There is no data set 'tones'" in words(clip(pilot), "#none")
        await keys(pilot, "escape", "escape", "escape")
        assert pilot.app.is_running
