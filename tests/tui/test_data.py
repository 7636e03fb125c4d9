"""The ways through data sets: make, cancel, go on, delete, browse, narrow, look at a clip."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from textual.widgets import Input, OptionList, Static

from labbench.audio import jobs, library
from labbench.audio.findings import CHECK_FILE, Check, Finding, keep
from labbench.audio.jobs import Add, Fetch, Synth
from labbench.audio.meta import read_meta
from labbench.tui import settings
from labbench.tui.clip.glance import Glance
from labbench.tui.clip.screen import ClipScreen
from labbench.tui.data.clips import ClipsScreen
from labbench.tui.data.making import OrderForm, completed, name_of
from labbench.tui.data.screen import DataScreen
from labbench.tui.dialogs import Choose, Confirm
from labbench.tui.table import Table
from labbench.tui.topline import TopLine
from tests.recorded import record
from tests.tui import sets
from tests.tui.conftest import World, keys, settle

SMALL = (80, 24)


def data(pilot: Any) -> DataScreen:
    screen = pilot.app.screen
    assert isinstance(screen, DataScreen)
    return screen


def said(screen: Any, part: str) -> str:
    return str(screen.query_one(part, Static).render())


async def test_the_first_keys_lead_to_a_fetch(world: World) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "d")
        assert isinstance(pilot.app.screen, Choose)
        await keys(pilot, "escape", "d", "j", "enter")
        assert world.made == [Fetch(words=())]
        sets.job("working")
        screen = data(pilot)
        screen.look()
        await settle(pilot)
        assert screen.job is not None
        assert screen.job.live
        await keys(pilot, "x")
        assert jobs.cancelling("speech_commands")
        sets.job("cancelled")
        screen.look()
        await settle(pilot)
        await keys(pilot, "r")
        assert world.made[-1] == Fetch()
        await keys(pilot, "D", "y")
        assert jobs.all_jobs() == []
        assert screen.chosen is None


async def test_the_first_keys_lead_to_ones_own_clips(world: World, tmp_path: Path) -> None:
    for word in ("bed", "cat"):
        (tmp_path / "My clips" / word).mkdir(parents=True)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "a")
        form = pilot.app.screen
        assert isinstance(form, OrderForm)
        path = form.query_one("#path", Input)
        await keys(pilot, *"/none", "enter")
        assert "no such file or folder" in said(form, "#verdict")
        assert world.made == []
        path.value = str(tmp_path / "My clips")
        await settle(pilot)
        assert said(form, "#verdict") == "✔ 2 folders: bed, cat"
        assert form.query_one("#name", Input).value == "My-clips"
        await keys(pilot, "enter")
        assert world.made == [Add(name="My-clips", path=str(tmp_path / "My clips"))]
        assert isinstance(pilot.app.screen, DataScreen)


async def test_a_taken_name_is_asked_about(world: World) -> None:
    sets.tones()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "m", "tab", "9", "tab", "x")
        form = pilot.app.screen
        assert "seed = 0x is not allowed" in said(form, "#verdict")
        await keys(pilot, "enter", "backspace", "up", "up")
        form.query_one("#name", Input).value = "tones"
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, Confirm)
        await keys(pilot, "n")
        assert world.made == []
        await keys(pilot, "m")
        pilot.app.screen.query_one("#name", Input).value = "tones"
        await keys(pilot, "enter", "y")
        assert world.made == [Synth(name="tones", replace=True)]


async def test_what_was_made_is_said_and_chosen(world: World) -> None:
    sets.job("working", order=Synth(name="tones"))
    sets.tones("early")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5")
        screen = data(pilot)
        sets.tones()
        sets.job("finished", order=Synth(name="tones"))
        screen.look()
        await settle(pilot)
        assert screen.query_one(Table).cursor == "set:tones"
        assert [note.message for note in pilot.app._notifications] == ["tones is here."]


async def test_what_is_being_made_is_seen_everywhere_and_goes_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sets.job("working")
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        top = pilot.app.screen.query_one(TopLine)
        assert "◌ speech_commands 34% · " in str(top.render())
        await pilot.press("q")
    said = "the making of speech_commands goes on. Come back: labbench"
    assert said in capsys.readouterr().err


async def test_what_spoils_figures_is_told_as_soon_as_somebody_looked_for_it(world: World) -> None:
    folder = sets.tones()
    (folder / CHECK_FILE).unlink()
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, "5")
        screen = data(pilot)
        assert "labbench data check tones" in detail(screen)
        leak = Finding(kind="leak", level="warning", count=2, what="2 clips are also in another"
                       " split", first=("a = b", "c = d"))  # fmt: skip
        keep(folder, Check(fingerprint=read_meta(folder).fingerprint, findings=(leak,)))
        screen.look()
        await settle(pilot)
        assert "▲ 2 clips are also in another split: a = b, c = d" in detail(screen)
        assert "labbench data check" not in detail(screen)


def detail(screen: DataScreen) -> str:
    """What is told below the list."""
    console = Console(width=140, file=StringIO())
    console.print(screen.detail(140))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def test_a_damaged_set_is_told_and_deleted(world: World) -> None:
    sets.damaged()
    sets.tones()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5")
        screen = data(pilot)
        assert screen.chosen == "damaged"
        assert screen.usable is None
        await keys(pilot, "enter")
        assert pilot.app.screen is screen
        await keys(pilot, "D", "enter")
        assert len(library.survey()) == 2
        await keys(pilot, "D", "y")
        assert [one.name for one in library.survey()] == ["tones"]
        assert screen.chosen == "tones"


async def test_who_needs_a_set_is_told_before_it_is_deleted(world: World) -> None:
    sets.tones()
    run = record(state="running", epochs=3, clips="tones")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "D")
        told = " ".join(str(one.render()) for one in pilot.app.screen.query(Static))
        assert f"{run.id} cannot be trained without it." in told


async def test_clips_are_narrowed_searched_and_opened(world: World) -> None:
    sets.tones()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, ClipsScreen)
        assert len(screen.found) == 63
        await keys(pilot, "w", "j", "enter", "t", "j", "j", "j", "enter")
        assert len(screen.found) == 5
        assert screen.headless() == "labbench data clips tones --word low --split test"
        assert said(screen, "#said") == "5 of 63 clips  only low · only test"
        await keys(pilot, "slash", *"test6", "enter")
        assert len(screen.found) == 1
        await keys(pilot, "enter")
        clip = pilot.app.screen
        assert isinstance(clip, ClipScreen)
        assert "low/test6.wav  1 of 1" in said(clip, "#head")
        await keys(pilot, "escape", "escape")
        assert pilot.app.screen is screen
        assert len(screen.found) == 63
        await keys(pilot, "slash", *"zzz", "enter", "enter")
        assert pilot.app.screen is screen
        assert "none matches" in said(screen, "#said")
        await keys(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, DataScreen)


async def test_the_clip_under_the_cursor_is_seen_beside_the_list(world: World) -> None:
    sets.tones()
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "enter", "j", "j")
        glance = pilot.app.screen.query_one(Glance)
        name = pilot.app.screen.query_one(Table).cursor
        assert name == "2"
        first = glance.render_line(0).text
        assert first.startswith("high/train2.wav  3 of 63")
        assert "8k" in "".join(glance.render_line(y).text for y in range(30))
        await keys(pilot, "slash", *"zzz")
        assert not glance.render_line(0).text.strip()
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not glance.display


async def test_a_clip_is_seen_as_one_likes_and_so_is_the_next(world: World) -> None:
    sets.tones()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "enter", "enter", "s", "s", "w", "plus", "right_square_bracket")
        clip = pilot.app.screen
        assert isinstance(clip, ClipScreen)
        view = clip.view()
        assert view is not None
        document = view.as_json()
        assert document["name"] == "middle/train1.wav"
        found = document["spectrogram"]
        assert (found["scale"], found["range_db"], found["window"], found["stride"]) == (
            "mel", 80, 1024, 256,
        )  # fmt: skip
        assert clip.headless() == (
            "labbench data clip tones middle/train1.wav --scale mel --range-db 80 --window 1024"
            " --stride 256"
        )
        assert settings.load().spectrogram_scale == "mel"
        await keys(pilot, *["minus"] * 9)
        assert clip.look.range_db == 20


async def test_a_set_that_breaks_under_the_list_is_told(world: World) -> None:
    folder = sets.tones()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "5")
        (folder / "labels.npy").write_bytes(b"no array")
        await keys(pilot, "enter")
        assert "labels.npy cannot be read" in said(pilot.app.screen, "#none")
        await keys(pilot, "w", "t", "slash", "enter", "escape")
        assert isinstance(pilot.app.screen, DataScreen)


def test_paths_are_completed(tmp_path: Path) -> None:
    (tmp_path / "speech").mkdir()
    (tmp_path / "spoken.zip").touch()
    (tmp_path / ".hidden").mkdir()
    assert completed(f"{tmp_path}/sp") == f"{tmp_path}/speech/"
    assert completed(f"{tmp_path}/spo") == f"{tmp_path}/spoken.zip"
    assert completed(f"{tmp_path}/.h") == f"{tmp_path}/.hidden/"
    assert completed(f"{tmp_path}/none/x") is None


def test_a_name_is_made_of_a_path() -> None:
    assert name_of("/a/speech commands v0.02.tar.gz") == "speech-commands-v0.02"
    assert name_of("~/clips/") == "clips"
    assert name_of("/") == ""


async def test_a_name_made_of_the_path_has_its_caret_at_its_end(world: World) -> None:
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "a", *"/clips/mine")
        name = pilot.app.screen.query_one("#name", Input)
        await keys(pilot, "tab", "2")
        assert name.value == "mine2"


async def test_a_choice_of_words_stands_apart_from_its_size(world: World) -> None:
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "5", "d")
        choices = pilot.app.screen.query_one(OptionList)
        shown = [str(choices.get_option_at_index(at).prompt) for at in range(2)]
        assert [one.index("GB") for one in shown] == [shown[0].index("GB")] * 2
        assert all(re.search(r"\S  +\d\.\d GB", one) for one in shown)
