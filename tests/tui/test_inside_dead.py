"""The dead channels of a run: map, list and layers, from answers that are kept."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from labbench.interpret.channels.answer import FIGURES, dead_question
from labbench.runs import RunFolder, analyses, status, weights
from labbench.runs.analyses import Analysis
from labbench.tui.inside.dead import DeadTab
from labbench.tui.inside.screen import InsideScreen
from labbench.worker.analyst import Analyst, NotWantedError
from tests.opened import opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.test_inside import drawn, heading, inside, notice
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES
LABELS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "bed",
          "bird", "cat", "dog", "house", "tree")  # fmt: skip


def layer(channels: int, function: str, seed: int) -> dict[str, np.ndarray]:
    """Made-up figures: a quarter dead, a quarter silent for some labels."""
    rng = np.random.default_rng(seed)
    awake = rng.integers(1, 11, (channels, len(LABELS)))
    awake[: channels // 4] = 0
    awake[channels // 4 : channels // 2, rng.integers(0, len(LABELS), 5)] = 0
    awake[channels // 2 :] = 10
    strength = np.round(rng.uniform(0.1, 0.4, awake.shape) * (awake > 0), 3)
    strength[-2:, seed] = 4
    near = np.full(awake.shape, 0.125)
    near[-3] = 0.75
    limits = near * (function == "tanh")
    figures = (awake, strength, strength, 2 * strength, -strength, 0.25 + 0 * near, limits)
    return dict(zip(FIGURES, figures, strict=True))


def answered(function: str = "relu") -> RunFolder:
    """A run of two convolutions whose dead channels were asked for."""
    run = opened({"convs": 2, "channels": 8, "activation": function})
    arrays = {"clips": np.full(len(LABELS), 10)}
    for index, channels in enumerate((8, 32), start=1):
        figures = layer(channels, function, index)
        arrays |= {f"conv{index}.{name}": array for name, array in figures.items()}
    layers = [{"name": name, "activation": function} for name in ("conv1", "conv2")]
    about = {"words": list(LABELS), "layers": layers, "of": 160}
    digest = weights.checkpoint(run.path).digest
    for split in ("test", "validation"):
        name = analyses.key(dead_question(run, split), digest)  # type: ignore[arg-type]
        analyses.save(run.path, name, Analysis(arrays, about))
    return run


WAYS = {
    "map": ("relu", ("right_square_bracket", *["l"] * 20)),
    "list": ("tanh", ("v", "s", "s", "s", "j")),
    "layers": ("relu", ("v", "v", "ctrl+t")),
}


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", WAYS)
def test_dead(
    snap_compare: Any, world: World, labbench_home: Any, size: Any, name: str, monkeypatch: Any
) -> None:
    # It is a picture of one tab, whichever others there are.
    monkeypatch.setattr(InsideScreen, "tabs", (DeadTab,))
    function, pressed = WAYS[name]
    answered(function)
    before = pressing("2", "i", "D", *pressed)
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


async def open_dead(pilot: Any) -> DeadTab:
    await settle(pilot)
    await keys(pilot, "2", "i", "D")
    tab = inside(pilot).tab
    assert isinstance(tab, DeadTab)
    return tab


async def test_layers_channels_and_the_command_that_prints_it(
    world: World, labbench_home: Any
) -> None:
    answered()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_dead(pilot)
        assert "conv1  relu, 8 channels  test, 160 clips" in heading(pilot)
        await keys(pilot, "right_square_bracket", "s", "g", "l")
        assert "conv2  relu, 32 channels" in heading(pilot)
        assert "channel 1: dead. No clip of any label wakes it." in drawn(pilot)
        await keys(pilot, "G")
        assert "channel 31: selective, 100% of clips wake it; 15.5x the rest for two." in drawn(
            pilot
        )
        # It stays chosen in another order, and in the other tab.
        await keys(pilot, "s", "m")
        assert "channel 31" in drawn(pilot)
        assert "by label · mean magnitude" in drawn(pilot)
        await keys(pilot, "y")
        assert pilot.app.clipboard == (
            "labbench show 1 dead --layer conv2 --order label --figure strength --show map "
            "--channel 31"
        )
        assert inside(pilot).chosen.channel == 31
        await keys(pilot, "t", "v")
        assert "validation, 160 clips" in heading(pilot)
        assert "▸" in drawn(pilot)
        await keys(pilot, "v")
        assert "Of 40 channels in 2 layers, 10 (25%) are dead" in drawn(pilot)


async def test_a_click_chooses_a_channel(world: World, labbench_home: Any) -> None:
    answered()
    async with world.app().run_test(size=SMALL) as pilot:
        tab = await open_dead(pilot)
        await keys(pilot, "s")
        assert tab.found
        await pilot.click("DeadTab Canvas", offset=(6 + 4 * 5, 6))
        await settle(pilot)
        assert inside(pilot).chosen.channel == 5
        assert "channel 5" in drawn(pilot)


async def test_progress_and_cancel(world: World, labbench_home: Any, monkeypatch: Any) -> None:
    opened({"convs": 2, "channels": 8})
    begun = threading.Event()

    def ask(self: Analyst, question: Any, *, report: Any, wanted: Any) -> None:
        report(450, 1000, "listening to clips")
        begun.set()
        while wanted():
            threading.Event().wait(0.01)
        raise NotWantedError

    monkeypatch.setattr(Analyst, "ask", ask)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i")
        await pilot.press("D")
        while not begun.is_set():
            await pilot.pause(0.01)
        await pilot.pause(0.05)
        assert "45%" in notice(pilot)
        assert "esc cancel" in key_line(pilot.app)
        await keys(pilot, "escape")
        assert "Cancelled" in notice(pilot)


async def test_a_run_that_trains_is_not_listened_to_after_every_epoch(
    world: World, labbench_home: Any
) -> None:
    run = answered()
    live = replace(run.status(), state="running", epoch=2, writer=status.this_process())
    status.write(run.status_path, live)
    async with world.app().run_test(size=LARGE) as pilot:
        tab = await open_dead(pilot)
        status.write(run.status_path, replace(live, epoch=3))
        await settle(pilot)
        assert tab.stale
        assert "the run has trained on" in heading(pilot)
        assert "r anew" in key_line(pilot.app)
        await keys(pilot, "r")
        assert not tab.stale


async def test_clips_that_are_gone(world: World, labbench_home: Any) -> None:
    import shutil

    run = answered()
    shutil.rmtree(run.about()["clips"]["folder"])
    async with world.app().run_test(size=SMALL) as pilot:
        await open_dead(pilot)
        assert "There is no data set 'tones'" in notice(pilot)
        assert "enter  try again" in notice(pilot)
