"""Confused pairs inside a run: walked through, and as they look from kept answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.widgets import Input

from labbench.interpret.confusion_pair.answer import Pair, pair_question
from labbench.runs import RunFolder, predictions
from labbench.tui.inside.clips import MapsTab
from labbench.tui.inside.pair import PairTab
from labbench.tui.inside.screen import InsideScreen
from tests.opened import opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.listening import AtOnce, keep
from tests.tui.test_inside import drawn, heading, inside, notice

SMALL, LARGE = SIZES


def confused() -> RunFolder:
    """A run that takes two lows for middles and a middle for low, its means kept."""
    run = opened()
    path = run.predictions_path("test")
    found = predictions.read(path)
    logits = np.eye(3, dtype=np.float32)[found.actual] * 3
    lows, middles = np.flatnonzero(found.actual == 0), np.flatnonzero(found.actual == 1)
    logits[lows[0]], logits[lows[1]], logits[middles[0]] = [0, 2, 0], [1, 2, 0], [1.5, 1, 0]
    made = type(found)(
        found.split, found.epoch, found.words, found.clips, found.names, found.actual, logits
    )
    predictions.write(path, made)
    for words in (("low", "middle"), ("high", "low")):
        pair = Pair.of(made, *words)
        for layer in ("", "3"):
            keep_means(run, pair, layer)
    return run


def keep_means(run: RunFolder, pair: Pair, layer: str) -> None:
    """Means that nobody computed: a band that rises, evidence in the middle."""
    frequencies, times = np.linspace(0, 8000, 257), np.linspace(0.016, 0.984, 122)
    decibels = [
        -70 + 70 * np.exp(-(((frequencies[:, None] - 1000 - 1500 * cell * times) / 900) ** 2))
        for cell in range(4)
    ]
    moments = np.arange(21) / 21
    evidence = [np.exp(-((moments - 0.2 * cell - 0.2) ** 2) * 30) for cell in range(4)]
    keep(
        run, pair_question(run, pair, layer),
        {"decibels": np.array(decibels, np.float32), "evidence": np.array(evidence, np.float32),
         "frequencies": frequencies, "times": times},
        {"rate_hz": 21.0, "start_s": 0.02},
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _at_once(world: World) -> None:
    world.analyst = AtOnce


async def test_pairs_walked_through(world: World, labbench_home: Path) -> None:
    confused()
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "X")
        tab = inside(pilot).tab
        assert isinstance(tab, PairTab)
        assert "low → middle: 2 clips (40.0% of low); middle → low: 1" in heading(pilot)
        assert "▸ low/test0.wav" in drawn(pilot)
        await keys(pilot, "j", "j", "j")
        assert "▸ middle/test1.wav" in drawn(pilot)
        await keys(pilot, "h", "y")
        assert "Grad-CAM at conv3" in heading(pilot)
        assert pilot.app.clipboard == ("labbench show 1 pair low middle --split test --layer conv3")
        # There is no other pair that is confused; one can be named all the same.
        await keys(pilot, "right_square_bracket")
        assert "low → middle" in heading(pilot)
        await keys(pilot, "slash")
        pilot.app.screen.query_one(Input).value = "high low"
        await keys(pilot, "enter")
        assert "high → low: 0 clips" in heading(pilot)
        assert "no high is taken for low" in drawn(pilot)
        await keys(pilot, "slash")
        pilot.app.screen.query_one(Input).value = "high hgih"
        await keys(pilot, "enter", "left_square_bracket")
        assert "low → middle" in heading(pilot)


async def test_a_clip_of_a_pair_is_seen_in_maps(world: World, labbench_home: Path) -> None:
    confused()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "X", "j", "enter")
        assert isinstance(inside(pilot).tab, MapsTab)
        assert "low/test3.wav" in heading(pilot)


async def test_from_a_cell_of_the_confusion_matrix(world: World, labbench_home: Path) -> None:
    confused()
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        # The cursor stands at the worst confusion.
        await keys(pilot, "2", "R", "x")
        assert isinstance(inside(pilot).tab, PairTab)
        assert "low → middle: 2 clips" in heading(pilot)
        await keys(pilot, "escape", "left")
        # On the diagonal there is no pair.
        await keys(pilot, "x")
        assert not isinstance(pilot.app.screen, InsideScreen)


async def test_no_confusion_is_no_fault(world: World, labbench_home: Path) -> None:
    run = opened()
    path = run.predictions_path("test")
    found = predictions.read(path)
    logits = np.eye(3, dtype=np.float32)[found.actual] * 3
    predictions.write(
        path,
        type(found)(
            found.split, found.epoch, found.words, found.clips, found.names, found.actual, logits
        ),
    )
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "X")
        assert "there is no confusion" in notice(pilot)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
def test_pair(
    snap_compare: Any, world: World, labbench_home: Path, size: Any, monkeypatch: Any
) -> None:
    # It is a picture of one tab, whichever others there are.
    monkeypatch.setattr(InsideScreen, "tabs", (PairTab,))
    confused()
    before = pressing("2", "i", "X", "j")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)
