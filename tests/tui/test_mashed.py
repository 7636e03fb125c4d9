"""A terminal that shrinks to almost nothing, and keys that come before anything is laid out."""

from __future__ import annotations

import pytest
from textual.events import Key

from labbench.runs import RunFolder
from labbench.tui.data.clips import ClipsScreen
from labbench.tui.data.screen import DataScreen
from labbench.tui.dialogs import Ask, Choose
from labbench.tui.help import HelpScreen, PaletteScreen
from labbench.tui.routes import ToMode
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import RunsScreen
from labbench.tui.screen import BenchScreen
from labbench.tui.tables.sweeping import RunMissing
from labbench.tui.tables.table import TableScreen
from tests.tui.conftest import World, keys, settle

PAGING = ("pageup", "pagedown", "home", "end", "down", "up")


@pytest.mark.parametrize("size", [(20, 5), (5, 1)], ids=str)
async def test_the_palette_where_there_is_no_room_for_it(
    world: World, size: tuple[int, int]
) -> None:
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(*size)
        await pilot.press("ctrl+p", *PAGING, "s", *PAGING, "escape")
        await settle(pilot)
        assert pilot.app.is_running


async def test_what_is_chosen_in_the_palette_is_done(
    world: World, recorded: list[RunFolder]
) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "ctrl+p", *"open the run", "enter")
        assert isinstance(app.screen, RunScreen)
        await keys(pilot, "ctrl+p", *"explain this screen", "enter")
        assert isinstance(app.screen, HelpScreen)


async def test_the_palette_closed_twice_closes_nothing_else(world: World) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        below = app.screen
        await keys(pilot, "ctrl+p")
        palette = app.screen
        palette.dismiss()
        palette.dismiss()
        await settle(pilot)
        assert app.screen is below


async def test_the_palette_closed_before_it_is_laid_out(world: World) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        below = app.screen
        app.action_command_palette()
        app.screen.dismiss()
        await settle(pilot)
        assert app.screen is below


async def test_a_screen_left_before_it_stands(world: World, recorded: list[RunFolder]) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        below = app.screen
        screens = (
            Choose("Which?", (("a", "a"),)), Ask("What?"), HelpScreen(app.screen), DataScreen(),
            RunsScreen(), TableScreen("words"), ClipsScreen("tones"), RunScreen(recorded[0].id),
            PaletteScreen(),
        )  # fmt: skip
        for screen in screens:
            app.push_screen(screen)
            app.go_back()
            await settle(pilot)
            assert app.screen is below


async def test_keys_that_wait_for_a_screen_that_was_left(world: World) -> None:
    heard: list[str] = []

    class Hearing(Choose):
        def on_key(self, event: Key) -> None:
            heard.append(event.key)

    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = Hearing("Which?", (("a", "a"),))
        app.push_screen(screen)
        await settle(pilot)
        screen.post_message(Key("x", "x"))
        await settle(pilot)
        app.go_back()
        screen.post_message(Key("y", "y"))
        await settle(pilot)
        assert heard == ["x"]


async def test_a_palette_in_each_mode(world: World) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for mode in ("runs", "bench", "runs"):
            await keys(pilot, "ctrl+p")
            app.go(ToMode(mode))
            await settle(pilot)
        await keys(pilot, "ctrl+p", "escape")
        assert app.is_running


@pytest.mark.parametrize("mode", ["1", "2", "3", "4", "5"])
async def test_a_screen_shrunk_and_back(world: World, recorded: list[RunFolder], mode: str) -> None:
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, mode)
        for size in ((20, 5), (5, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press(*PAGING, "tab")
            await settle(pilot)
        assert pilot.app.is_running


async def test_a_timer_of_a_screen_fires_while_the_app_leaves(
    world: World, recorded: list[RunFolder]
) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "enter")
        screen = app.screen
        assert isinstance(screen, BenchScreen)
        assert screen.in_front
        await keys(pilot, "question_mark")
        assert not screen.in_front
        stack = app._screen_stack
        left = stack.copy()
        stack.clear()
        assert not screen.in_front
        stack.extend(left)


@pytest.mark.parametrize("mode", ["runs", "tables", "compare", "data"])
async def test_left_while_a_screen_opens(world: World, mode: str) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.go(ToMode(mode))
        app.leave()
        app.action_command_palette()
        app.go(ToMode("bench"))
        await pilot.pause(0.5)
    assert app.return_code == 0


@pytest.mark.parametrize("opened", [("1",), ("1", "down", "c")], ids=["greeting", "form"])
async def test_enter_many_times_before_it_is_done_launches_once(
    world: World, opened: tuple[str, ...]
) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, *opened)
        for _ in range(3):
            app.post_message(Key("enter", "\r"))
        await settle(pilot)
        assert len(world.launched) == 1
        assert sum(isinstance(one, RunScreen) for one in app.screen_stack) == 1


async def test_a_table_asked_for_many_times_is_asked_about_once(world: World) -> None:
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "3", "enter")
        for _ in range(3):
            app.post_message(Key("m", "m"))
        await settle(pilot)
        assert sum(isinstance(one, RunMissing) for one in app.screen_stack) == 1
