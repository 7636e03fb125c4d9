"""The ways through: pick, change, launch, watch, stop, resume, and what is in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Input, Static

from labbench import paths
from labbench.evaluation.listed import SORTS
from labbench.runs import RunFolder, find, list_runs, machine, notes, status
from labbench.tui import settings
from labbench.tui.bench.form import Entry, FormScreen
from labbench.tui.bench.screen import PresetsScreen
from labbench.tui.dialogs import Confirm
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import RunsScreen
from labbench.tui.screen import BenchScreen
from labbench.tui.table import Table
from labbench.tui.topline import KeyLine, TopLine
from tests.recorded import record
from tests.tiny import make_clips
from tests.tui.conftest import NOW, World, keys, settle

SMALL = (80, 24)


def key_line(app: Any) -> str:
    return app.screen.query_one(KeyLine).render().plain


async def test_enter_trains_the_demo_in_an_empty_folder(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, PresetsScreen)
        assert pilot.app.screen.welcoming
        await keys(pilot, "enter")
        assert [preset.name for preset in world.launched] == ["demo"]
        assert isinstance(pilot.app.screen, RunScreen)
        assert pilot.app.screen.run_id == "0001-demo"
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, PresetsScreen)
        assert not pilot.app.screen.welcoming


async def test_escape_never_leaves(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "escape", "escape", "escape", "2", "escape", "escape")
        assert pilot.app.is_running


async def test_escape_leads_from_no_runs_to_the_presets(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        assert key_line(pilot.app).startswith("enter launch  esc presets")
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, PresetsScreen)
        assert not pilot.app.screen.welcoming


async def test_columns_that_would_be_empty_leave_their_room(world: World) -> None:
    record(preset="demo", ended=NOW - 50)
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        titles = pilot.app.screen.query_one(Table).render_line(0).text.split()
        assert "published" not in titles
        assert "left" not in titles
        record(preset="custom-ch32", state="running")
        await settle(pilot)
        titles = pilot.app.screen.query_one(Table).render_line(0).text.split()
        assert {"published", "difference", "left"} <= set(titles)


async def test_a_run_that_waits_tells_its_place(world: World) -> None:
    here = status.Waiting(host=machine.host(), since=1.0)
    record(state="queued", epochs=0, waiting=here)
    later = msgspec.structs.replace(here, since=2.0)
    record(preset="vgg", state="queued", epochs=0, waiting=later)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        told = str(pilot.app.screen.query_one("#told", Static).render())
        assert "0002-vgg  ◷ queued, no. 2 in the queue" in told
        await keys(pilot, "j", "enter")
        assert "no. 1 in the queue" in str(pilot.app.screen.query_one("#head", Static).render())


async def test_pick_by_search_and_launch(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"vgg", "space", *"16")
        await keys(pilot, "enter", "enter")
        assert [preset.name for preset in world.launched] == ["vgg-ch64-relu-init/16/xavier-do0.5"]


async def test_launch_before_a_value_was_looked_at(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "c")
        form = pilot.app.screen
        assert isinstance(form, FormScreen)
        form.query(Entry).first().value = "nonsense"
        form.launch()
        await settle(pilot)
        assert world.launched == []
        assert pilot.app.screen is form


async def test_change_values_and_launch(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "c")
        form = pilot.app.screen
        assert isinstance(form, FormScreen)
        field = next(one for one in form.query(Entry) if one.setting.key == "training.epochs")
        field.focus()
        await pilot.press(*"0")
        await settle(pilot)
        said = form.query_one("#verdict", Static).render()
        assert "training.epochs = 0 is not allowed" in str(said)
        await keys(pilot, "enter")
        assert world.launched == []
        assert pilot.app.screen is form
        await pilot.press("backspace", *"7")
        await settle(pilot)
        assert form.headless() == "labbench run demo --set training.epochs=7"
        await keys(pilot, "enter")
        assert [preset.training.epochs for preset in world.launched] == [7]
        assert isinstance(pilot.app.screen, RunScreen)
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, PresetsScreen)


async def test_a_net_that_cannot_be_built_is_refused(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "c", "down", *"40")
        assert "cannot be built" in str(pilot.app.screen.query_one("#verdict", Static).render())
        await keys(pilot, "ctrl+r")
        assert pilot.app.screen.headless() == "labbench run demo"  # type: ignore[attr-defined]


async def test_watch_stop_and_resume(world: World, recorded: list[RunFolder]) -> None:
    running, lost = recorded[1], recorded[3]
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 6, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        assert screen.run_id == running.id
        assert "x stop" in key_line(pilot.app)
        assert "r resume" not in key_line(pilot.app)
        await keys(pilot, "x")
        assert world.stopped == [(running.id, False)]
        running.ask("stop")
        await keys(pilot, "x")
        assert isinstance(pilot.app.screen, Confirm)
        await keys(pilot, "y")
        assert world.stopped[-1] == (running.id, True)
        await keys(pilot, "w")
        assert (running.control_path / "checkpoint").exists()
        await keys(pilot, "right_square_bracket", "right_square_bracket")
        assert pilot.app.screen.run_id == lost.id  # type: ignore[attr-defined]
        assert "r resume" in key_line(pilot.app)
        await keys(pilot, "r")
        assert world.resumed == [lost.id]


async def test_a_live_run_is_followed(world: World, recorded: list[RunFolder]) -> None:
    from labbench.runs import EventLog
    from tests.recorded import course

    running = recorded[1]
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 6, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        log = EventLog(running.events_path)
        log.append([event for event in course(8) if getattr(event, "epoch", 0) == 8])
        log.close()
        screen.read_on()
        await settle(pilot)
        await keys(pilot, "tab")
        assert "epoch 8" in str(screen.query_one("#lines", Static).render())


async def test_the_cursor_tells_values_and_escape_takes_it_away(
    world: World, recorded: Any
) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 7, "enter", "left")
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        assert screen.zoomed
        assert "train loss" in str(screen.query_one("#reading", Static).render())
        await keys(pilot, "escape")
        assert pilot.app.screen is screen
        assert not screen.zoomed


async def test_marks_filter_and_sort(world: World, recorded: list[RunFolder]) -> None:
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "space", "space")
        assert app.marked == (recorded[7].id, recorded[6].id)
        await keys(pilot, "k", "space")
        assert app.marked == (recorded[7].id,)
        await keys(pilot, "f", *["down"] * 4, "enter")
        table = app.screen.query_one(Table)
        assert set(table.keys) == {recorded[2].id, recorded[3].id}
        await keys(pilot, "escape", "s", *["down"] * 4, "enter")
        assert table.keys[0] in {recorded[0].id, recorded[5].id}
        assert settings.load().runs_sort == "best"


async def test_tags_and_note_are_kept_and_found(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "t")
        await pilot.press(*"night,", *"#a")
        await keys(pilot, "enter", "n")
        await pilot.press(*"wide")
        await keys(pilot, "enter")
        kept = notes.read(recorded[7].path)
        assert kept == notes.Notes(tags=("night", "a"), note="wide")
        await keys(pilot, "slash", *"wide", "enter")
        assert pilot.app.screen.query_one(Table).keys == (recorded[7].id,)


async def test_delete_asks_first(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "j", "D", "n")
        assert recorded[6].path.exists()
        await keys(pilot, "D", "y")
        assert not recorded[6].path.exists()
        assert recorded[6].id not in pilot.app.screen.query_one(Table).keys


async def test_a_live_run_cannot_be_deleted(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "D")
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_again_with_changes(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 5, "c")
        form = pilot.app.screen
        assert isinstance(form, FormScreen)
        assert form.preset == find("3").preset()
        assert form.where() == "change 0003-large-filter-ch64-tanh-3-bn"


async def test_copy_shows_the_command(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "j", "y")
        assert pilot.app.clipboard == "labbench run base"
        await keys(pilot, "2", "enter", "b", "g", "y")
        assert pilot.app.clipboard == "labbench show 8 curves --by epoch --log"


async def test_export_writes_what_is_seen(
    world: World, recorded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "e", "down", "down", "enter")
        found = json.loads((tmp_path / "labbench.json").read_text())
        assert [row["number"] for row in found] == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_letters_are_typed_where_one_types(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "slash", *"q2?")
        assert pilot.app.screen.query_one("#search", Input).value == "q2?"
        assert "help" not in key_line(pilot.app)
        assert pilot.app.is_running


async def test_leaving_says_that_runs_go_on(
    world: World, recorded: list[RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("q")
    assert "3 runs go on. Come back: labbench" in capsys.readouterr().err


async def test_the_theme_is_kept(world: World, recorded: list[RunFolder]) -> None:
    settings.path().parent.mkdir(parents=True)
    settings.path().write_text('slots = "cpu=2"\n')
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "ctrl+t")
    assert settings.load().theme == "light"
    assert 'slots = "cpu=2"' in settings.path().read_text()
    assert world.app().palette.light


@pytest.mark.parametrize(
    "kept",
    ['runs_sort = "zzz"', "curves_smooth = nan", "tables_tolerance = -inf", "theme = 3",
     "x = " + "[" * 9_000],
    ids=lambda kept: kept[:8].split()[0],
)  # fmt: skip
def test_settings_that_mean_nothing_are_left_alone(kept: str) -> None:
    settings.path().parent.mkdir(parents=True)
    settings.path().write_text(kept)
    assert settings.load() == settings.Settings()


def test_every_order_of_runs_can_be_kept() -> None:
    for sort in SORTS:
        settings.save(settings.Settings(runs_sort=sort))  # type: ignore[arg-type]
        assert settings.load().runs_sort == sort


async def test_every_command_is_in_the_help(world: World, recorded: list[RunFolder]) -> None:
    from labbench.tui.help import HelpScreen

    async with world.app().run_test(size=(140, 90)) as pilot:
        await settle(pilot)
        for key in ("1", "2", "enter"):
            await keys(pilot, key)
            screen = pilot.app.screen
            commands = screen.all_commands()  # type: ignore[attr-defined]
            await keys(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            told = pilot.app.export_screenshot().replace("&#160;", " ")
            for command in commands:
                first = " ".join(command.summary.split()[:3]).replace("'", "&#x27;")
                assert first in told, command
            await keys(pilot, "escape")


async def test_a_run_that_cannot_be_read_is_shown(world: World, recorded: list[RunFolder]) -> None:
    recorded[0].status_path.write_bytes(b"{")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "G")
        assert "is damaged" in str(pilot.app.screen.query_one("#told", Static).render())
        await keys(pilot, "enter")
        assert "is damaged" in str(pilot.app.screen.query_one("#head", Static).render())


async def test_runs_that_come_and_go_are_seen(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        table = pilot.app.screen.query_one(Table)
        status.write(
            recorded[1].status_path,
            status.Status(state="finished", preset="x", created=1.0, test_accuracy=0.5),
        )
        await settle(pilot)
        row = "".join(cell.plain for cell in table._draw(recorded[1].id))
        assert "✔" in row
        assert "0.5000" in row
        assert len(list_runs()) == len(table.keys)


async def test_wrong_presets_of_ones_own_are_told_and_the_bench_works(
    world: World, recorded: Any
) -> None:
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("[model\n", encoding="utf-8")
    (folder / "odd.toml").write_text("[model]\nconvs = -3\n", encoding="utf-8")
    (folder / "good.toml").write_text('base = "custom-ch32"\n', encoding="utf-8")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        told = [f"{one.title} {one.message}" for one in pilot.app._notifications]
        assert any("broken.toml is not valid TOML" in one for one in told)
        assert any("odd.toml" in one and "convs" in one for one in told)
        await keys(pilot, "G", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, PresetsScreen)
        assert screen.query_one(Table).keys[-3:] == (
            "preset:good", "wrong:broken.toml", "wrong:odd.toml"
        )  # fmt: skip
        detail = str(screen.detail(60))
        assert "odd.toml cannot be used" in detail
        assert "convs" in detail
        await keys(pilot, "k", "k", "enter")
        assert [preset.name for preset in world.launched] == ["good"]


async def test_a_preset_written_while_the_app_is_open_is_there_at_once(
    world: World, recorded: Any
) -> None:
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, PresetsScreen)
        table = screen.query_one(Table)
        await keys(pilot, "j")
        before = table.cursor
        (folder / "mine.toml").write_text('base = "custom-ch32"\n', encoding="utf-8")
        screen.look()
        assert table.keys[-1] == "preset:mine"
        assert table.cursor == before
        (folder / "mine.toml").write_text("[model\n", encoding="utf-8")
        await keys(pilot, "2", "1")
        assert table.keys[-1] == "wrong:mine.toml"
        assert any("mine.toml" in f"{n.title} {n.message}" for n in pilot.app._notifications)
        (folder / "mine.toml").unlink()
        screen.look()
        assert not any("mine" in key for key in table.keys)


@pytest.mark.parametrize("pressed", [("2", "enter"), ("2", "R"), ("3", "enter"), ("5",)])
async def test_at_80_columns_with_waiting_runs_the_top_line_says_where_you_are(
    world: World, recorded: Any, pressed: tuple[str, ...]
) -> None:
    make_clips()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *pressed)
        screen = pilot.app.screen
        assert isinstance(screen, BenchScreen)
        said = str(screen.query_one(TopLine).render())
        assert f"› {screen.where()}" in said
        assert "2 live, 1 waiting" in said
