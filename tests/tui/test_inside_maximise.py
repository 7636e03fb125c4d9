"""Maximised sounds: targets, climbing, seeds, saving; pictures from kept answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbench.interpret.maximise.answer import Maximised, MaximiseQuestion
from labbench.interpret.question import restored
from labbench.runs import RunFolder, analyses, weights
from labbench.runs.analyses import Analysis
from labbench.tui.inside.maximise import MaximiseTab
from labbench.tui.inside.screen import InsideScreen
from labbench.worker.analyst import Analyst
from tests.opened import opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.test_inside import drawn, heading, inside
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES


def answer(target: str) -> Analysis:
    times = np.arange(16_000) / 16_000
    noise = np.random.default_rng(len(target)).normal(0, 0.02, (3, 16_000))
    tones = [0.3 * np.sin(2 * np.pi * hz * times) for hz in (800, 1_600, 2_400)]
    rise = 4 * (1 - np.exp(-np.linspace(0, 4, 48)))
    arrays = {
        "samples": (np.stack(tones) + noise).astype(np.float32),
        "scores": np.stack([rise, 2 * rise, 1.5 * rise]).astype(np.float32),
        "reached": np.array([4, 8, 6], np.float32),
        "logits": np.array([[4, 0, 0], [0, 8, 0], [0, 6, 0]], np.float32),
        "real": (np.sin(2 * np.pi * 600 * times) * np.hanning(16_000)).astype(np.float32),
    }
    about = {"real_score": 3.5, "real_name": "middle/test1.wav", "real_clips": 15, "total": 15,
             "words": ["low", "middle", "high"]}  # fmt: skip
    return Analysis(arrays, about)


def keep(run: RunFolder, target: str) -> None:
    ask = MaximiseQuestion(target=target)
    name = analyses.key(ask, weights.checkpoint(run.path).digest)
    analyses.save(run.path, name, answer(target))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An analyst that answers at once; the targets it was asked for."""
    targets: list[str] = []

    def ask(self: Analyst, question: MaximiseQuestion, **_: object) -> Maximised:
        targets.append(question.target)
        keep(self.run, question.target)
        return restored(question, answer(question.target))

    monkeypatch.setattr(Analyst, "ask", ask)
    return targets


async def test_targets_and_climbing(world: World, labbench_home: Any, asked: list[str]) -> None:
    run = opened()
    keep(run, "conv2:1")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "A")
        assert "low" in heading(pilot)
        assert "enter climbs" in heading(pilot)
        assert "No sound was looked for yet that low likes best" in drawn(pilot)
        assert "save wav" not in key_line(pilot.app)
        await keys(pilot, "v", "enter")
        assert asked == ["middle"]
        assert "reached 8  best real clip 3.5" in drawn(pilot)
        await keys(pilot, "n", "y")
        assert "seed 2 of 3" in drawn(pilot)
        assert pilot.app.clipboard == "labbench show 1 maximise middle --seed 2"
        # Channels: the one chosen in all tabs, then others and other layers.
        await keys(pilot, "j")
        assert "conv1:0" in heading(pilot)
        await keys(pilot, "right_square_bracket", "j")
        assert "conv2:1" in heading(pilot)
        assert "reached 8" in drawn(pilot)
        await keys(pilot, "k", "k")
        assert "conv2:3" in heading(pilot)
        assert asked == ["middle"]
        await keys(pilot, "v")
        assert "low" in heading(pilot)
        assert inside(pilot).chosen.word == "low"


async def test_saving(
    world: World, labbench_home: Any, asked: list[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = opened()
    keep(run, "low")
    monkeypatch.chdir(tmp_path)
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "A", "w", "enter")
        path = tmp_path / "0001-opened-low.wav"
        assert path.read_bytes()[:4] == b"RIFF"
        path.write_text("mine")
        await keys(pilot, "w", "enter")
        assert path.read_text() == "mine"
        assert any("there already" in note.message for note in pilot.app._notifications)
        await keys(pilot, "w", "escape")
        assert isinstance(inside(pilot).tab, MaximiseTab)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("kept", [False, True], ids=["nothing", "found"])
def test_pictures(
    snap_compare: Any, world: World, labbench_home: Any, size: Any, kept: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(InsideScreen, "tabs", (MaximiseTab,))
    run = opened()
    if kept:
        keep(run, "low")
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "i", "A"))
