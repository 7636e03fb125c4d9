"""Tabs about a clip: feature maps and predictions, walked through by keys."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from labbench.evaluation.sounds import clips_of
from labbench.tui.canvas import Canvas
from labbench.tui.inside.clips import ClipTab, MapsTab, PredictTab
from tests.opened import MODELS, opened
from tests.tui.conftest import SIZES, World, keys, settle
from tests.tui.listening import AtOnce, keep_clips
from tests.tui.test_inside import drawn, heading, inside, notice
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES


@pytest.fixture(autouse=True)
def _at_once(world: World) -> None:
    world.analyst = AtOnce


async def name(pilot: Any, text: str) -> None:
    """Name a clip, as the dialog does."""
    tab = inside(pilot).tab
    assert isinstance(tab, ClipTab)
    tab.look_for(text)
    await settle(pilot)


async def open_tab(pilot: Any, letter: str) -> Any:
    await settle(pilot)
    await keys(pilot, "2", "i", letter)
    return inside(pilot).tab


@pytest.mark.parametrize("model", MODELS)
async def test_maps_of_every_shape(world: World, labbench_home: Any, model: str) -> None:
    opened(MODELS[model])
    async with world.app().run_test(size=SMALL if model == "base" else LARGE) as pilot:
        await open_tab(pilot, "M")
        for layer in inside(pilot).layers:
            assert inside(pilot).chosen.layer == layer
            assert "all" in drawn(pilot)
            assert "low/test0.wav" in heading(pilot)
            await keys(pilot, "l")
        assert "before/after" in key_line(pilot.app)


async def test_maps_walked_through(world: World, labbench_home: Any) -> None:
    keep_clips(opened({"convs": 4, "channels": 12, "activation": "tanh"}))
    async with world.app().run_test(size=LARGE) as pilot:
        tab = await open_tab(pilot, "M")
        assert isinstance(tab, MapsTab)
        assert "1 of 15" in heading(pilot)
        strongest = inside(pilot).chosen.channel
        await keys(pilot, "s", "g")
        assert inside(pilot).chosen.channel == 0
        assert "all by index" in drawn(pilot)
        await keys(pilot, "j", "down", "k", "b")
        assert inside(pilot).chosen.channel == 1
        assert "before tanh" in drawn(pilot)
        await keys(pilot, "right", "right", "left", "left", "left")
        assert "conv1:1 at 0.480 s" in heading(pilot)
        await keys(pilot, "right_square_bracket")
        assert "middle/test1.wav" in heading(pilot)
        assert inside(pilot).chosen.channel == 1
        await keys(pilot, "l", "y")
        assert pilot.app.clipboard == (
            "labbench show 1 maps --clip middle/test1.wav --layer conv2 "
            f"--channel {inside(pilot).chosen.channel} --before --sort index --at 0.48"
        )
        await keys(pilot, "x", "h", "left_square_bracket", "left_square_bracket")
        assert "1 of 15" in heading(pilot)
        assert strongest < 12


async def test_a_click_chooses_a_channel_or_a_time(world: World, labbench_home: Any) -> None:
    keep_clips(opened({"convs": 4, "channels": 12, "activation": "tanh"}))
    async with world.app().run_test(size=LARGE) as pilot:
        tab = await open_tab(pilot, "M")
        await keys(pilot, "s", "g")
        picture = tab.query_one(Canvas)
        await pilot.click(picture, offset=(4, 3))
        await settle(pilot)
        assert inside(pilot).chosen.channel == 2
        await pilot.click(picture, offset=(130, 10))
        await settle(pilot)
        assert 0.8 < tab.options.at < 1.0


async def test_a_word_a_file_and_what_is_neither(
    world: World, labbench_home: Any, tmp_path: Path
) -> None:
    opened()
    soundfile.write(tmp_path / "mine.wav", np.sin(np.arange(12_000) / 5), 8_000)
    async with world.app().run_test(size=SMALL) as pilot:
        tab = await open_tab(pilot, "P")
        assert isinstance(tab, PredictTab)
        await keys(pilot, "slash", *"high", "enter")
        assert "high/test2.wav" in drawn(pilot)
        assert "3 of 15" in heading(pilot)
        await name(pilot, "nothing")
        assert "high/test2.wav" in drawn(pilot)
        await name(pilot, str(tmp_path / "mine.wav"))
        assert "1.50 s" in drawn(pilot)
        assert "3 windows of 1 s" in drawn(pilot)
        await keys(pilot, "plus", "y")
        assert "one every 500 ms" in drawn(pilot)
        assert pilot.app.clipboard.endswith("mine.wav --stride 500")
        # The same sound in the next tab, and back among the run's own.
        await keys(pilot, "M")
        assert "mine.wav" in heading(pilot)
        await keys(pilot, "P")
        await name(pilot, "low")
        await keys(pilot, "right_square_bracket")
        assert "middle/test1.wav" in drawn(pilot)


async def test_a_folder_is_gone_through_and_bad_files_are_told(
    world: World, labbench_home: Any, tmp_path: Path
) -> None:
    opened()
    for stem in ("a", "b"):
        soundfile.write(tmp_path / f"{stem}.wav", np.sin(np.arange(9_000) / 5), 16_000)
    (tmp_path / "c.wav").write_text("no sound")
    async with world.app().run_test(size=LARGE) as pilot:
        await open_tab(pilot, "P")
        await name(pilot, str(tmp_path))
        assert "a.wav" in drawn(pilot)
        assert "1 of 2" in heading(pilot)
        assert "zeros follow" in drawn(pilot)
        await keys(pilot, "right_square_bracket", "right_square_bracket")
        assert "b.wav" in drawn(pilot)
        assert "step" not in key_line(pilot.app)


async def test_clips_that_are_gone_leave_files(
    world: World, labbench_home: Any, tmp_path: Path
) -> None:
    run = opened()
    shutil.rmtree(clips_of(run).folder)
    soundfile.write(tmp_path / "mine.wav", np.sin(np.arange(16_000) / 5), 16_000)
    async with world.app().run_test(size=SMALL) as pilot:
        await open_tab(pilot, "M")
        assert "no data set 'tones'" in notice(pilot)
        await name(pilot, str(tmp_path / "mine.wav"))
        assert "mine.wav" in heading(pilot)
        assert "all" in drawn(pilot)


async def test_keys_while_another_layer_is_computed(
    world: World, labbench_home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_clips(opened({"convs": 4, "channels": 12, "activation": "tanh"}))
    go_on = threading.Event()
    ask = AtOnce.ask

    def slowly(self: AtOnce, question: Any, **options: Any) -> Any:
        if getattr(question, "layer", "") == "conv2":
            assert go_on.wait(30)
        return ask(self, question, **options)

    monkeypatch.setattr(AtOnce, "ask", slowly)
    async with world.app().run_test(size=LARGE) as pilot:
        tab = await open_tab(pilot, "M")
        await pilot.press("l", "j", "s", "b")
        assert "conv1" in heading(pilot)
        go_on.set()
        await settle(pilot)
        assert inside(pilot).chosen.layer == "conv2"
        assert "conv2" in heading(pilot)
        assert "before tanh" in drawn(pilot)
        assert "--layer conv2" in (tab.headless() or "")
        assert "--before --sort index" in (tab.headless() or "")
