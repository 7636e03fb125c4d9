"""Tabs about a clip as they look, from answers that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from labbench.interpret.clip import of_file
from labbench.runs import RunFolder
from labbench.tui.inside.clips import MapsTab, PredictTab
from labbench.tui.inside.screen import InsideScreen
from tests.opened import opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.listening import AtOnce, keep_clips, keep_file

Size = tuple[int, int]

pytestmark = pytest.mark.parametrize(
    "size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES]
)


@pytest.fixture(autouse=True)
def _two_tabs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """These are pictures of two tabs, whichever others there are."""
    monkeypatch.setattr(InsideScreen, "tabs", (MapsTab, PredictTab))
    world.analyst = AtOnce


@pytest.fixture
def run(labbench_home: Path) -> RunFolder:
    run = opened({"convs": 4, "channels": 12, "activation": "tanh"})
    keep_clips(run)
    return run


@pytest.mark.parametrize(
    "pressed",
    [("M",), ("M", "l", "l", "b", "j", "right"), ("P",)],
    ids=["maps", "maps_deep_before_cursor", "predict"],
)
def test_clip_tab(
    snap_compare: Any, world: World, run: RunFolder, size: Size, pressed: tuple[str, ...]
) -> None:
    before = pressing("2", "i", *pressed)
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_a_long_file(
    snap_compare: Any, world: World, run: RunFolder, size: Size, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("walk.flac", np.zeros(16_000), 16_000)
    keep_file(run, of_file(Path("walk.flac")))

    async def before(pilot: Any) -> None:
        await settle(pilot)
        await keys(pilot, "2", "i", "P")
        pilot.app.screen.tab.look_for("walk.flac")
        await settle(pilot)

    assert snap_compare(world.app(), terminal_size=size, run_before=before)
