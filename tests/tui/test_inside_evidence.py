"""Evidence for a class in a clip, from answers that are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labbench.interpret.attribution.answer import METHODS, evidence_question
from labbench.interpret.clip import named
from labbench.runs import RunFolder, analyses, weights
from labbench.runs.analyses import Analysis
from labbench.tui.inside.clips import EvidenceTab
from labbench.tui.inside.screen import InsideScreen
from labbench.units import SAMPLE_RATE_HZ
from tests import tiny
from tests.opened import MODELS, opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.test_inside import drawn, heading, inside, notice
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES
TIME = np.arange(16_000) / SAMPLE_RATE_HZ
BUMP = np.exp(-(((TIME - 0.6) / 0.15) ** 2))
SOUND = (0.4 * BUMP * np.sin(2 * np.pi * 900 * TIME)).astype(np.float32)


def answer(method: str, word: str, scale: float) -> Analysis:
    """Made up: the end of the bump speaks for the class, its beginning against it."""
    slow = np.interp(np.linspace(0, 1, 24), TIME, BUMP * (TIME - 0.5) * 8 * scale)
    values = {"grad-cam": np.maximum(slow, 0), "cam": slow, "ig": BUMP * (TIME - 0.5) * scale / 500,
              "occlusion": BUMP * (TIME - 0.5) * scale}[method]  # fmt: skip
    few = len(values) == 24
    logits = np.array([0.2, 2.5, -1.0], np.float32)
    score = float(logits[tiny.WORDS.index(word)])
    return Analysis(
        {"samples": SOUND, "values": values.astype(np.float32), "logits": logits},
        {
            "word": word, "words": list(tiny.WORDS), "rate_hz": 24.0 if few else 16_000.0,
            "start_s": 0.02 if few else 0.0, "steps": 64 if method == "ig" else 0,
            "baseline": score - values.sum() if method in ("ig", "occlusion") else None,
            "offset": score - float(values.sum()) if method == "cam" else 0.0,
        },
    )  # fmt: skip


def answered(model: str = "custom-bn") -> RunFolder:
    """A run of which all was asked of the first test clips."""
    run = opened(MODELS[model])
    digest = weights.checkpoint(run.path).digest
    for place, name in enumerate(("low/test0.wav", "middle/test1.wav")):
        clip = named(run, name)
        for method in METHODS:
            if method == "cam" and model == "base":
                continue
            for word in ("", *tiny.WORDS):
                for layer in ("conv1", "") if method == "grad-cam" else ("",):
                    ask = evidence_question(run, clip, method, word=word, layer=layer)
                    found = answer(method, word or "middle", 1.0 + place)
                    analyses.save(run.path, analyses.key(ask, digest), found)
    return run


WAYS: dict[str, tuple[str, ...]] = {
    "grad-cam": ("right", *["right"] * 6),
    "all": ("m", "m", "m", "m", "right"),
    "gradients-light": ("m", "m", "k", "ctrl+t"),
}


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", WAYS)
def test_evidence(
    snap_compare: Any, world: World, labbench_home: Any, size: Any, name: str, monkeypatch: Any
) -> None:
    # It is a picture of one tab, whichever others there are.
    monkeypatch.setattr(InsideScreen, "tabs", (EvidenceTab,))
    answered()
    before = pressing("2", "i", "V", *WAYS[name])
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


async def open_evidence(pilot: Any) -> EvidenceTab:
    await settle(pilot)
    await keys(pilot, "2", "i", "V")
    tab = inside(pilot).tab
    assert isinstance(tab, EvidenceTab)
    return tab


async def test_methods_classes_layers_and_the_command_that_prints_it(
    world: World, labbench_home: Any
) -> None:
    answered()
    async with world.app().run_test(size=SMALL) as pilot:
        tab = await open_evidence(pilot)
        # It begins with the class that the clip is taken for and the last layer.
        assert "it is low, taken for middle" in heading(pilot)
        assert "evidence for middle: logit +2.5" in drawn(pilot)
        assert "Grad-CAM at conv4" in drawn(pilot)
        await keys(pilot, "l")
        assert "Grad-CAM at conv1" in drawn(pilot)
        assert inside(pilot).chosen.layer == "conv1"
        await keys(pilot, "L", "k")
        assert "evidence for high: logit -1" in drawn(pilot)
        await keys(pilot, "m")
        assert "class activation map: sum" in drawn(pilot)
        assert "l layer" not in key_line(pilot.app)
        await keys(pilot, "m", "right")
        assert "integrated gradients: sum" in drawn(pilot)
        assert "0.500 s · sound" in drawn(pilot)
        await keys(pilot, "y")
        assert pilot.app.clipboard == (
            "labbench show 1 cam --clip low/test0.wav --class high --method ig --at 0.5"
        )
        await keys(pilot, "x", "K")
        assert tab.options.at is None
        assert "evidence for middle" in drawn(pilot)


async def test_the_next_clip_keeps_class_and_method(world: World, labbench_home: Any) -> None:
    answered()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_evidence(pilot)
        await keys(pilot, "k", "m", "right_square_bracket")
        assert "middle/test1.wav" in heading(pilot)
        assert "2 of 15" in heading(pilot)
        assert "evidence for high" in drawn(pilot)
        assert "class activation map: sum" in drawn(pilot)


async def test_a_click_moves_the_cursor(world: World, labbench_home: Any) -> None:
    answered()
    async with world.app().run_test(size=SMALL) as pilot:
        tab = await open_evidence(pilot)
        await pilot.click("EvidenceTab Canvas", offset=(6 + 36, 6))
        await settle(pilot)
        assert tab.options.at == pytest.approx(36.5 / 72)
        assert "0.507 s" in drawn(pilot)


async def test_a_head_that_allows_no_map_is_told_and_left_out_of_all(
    world: World, labbench_home: Any
) -> None:
    answered("base")
    async with world.app().run_test(size=LARGE) as pilot:
        await open_evidence(pilot)
        await keys(pilot, "m")
        assert "2 hidden dense layers stand between" in notice(pilot)
        assert "grad-cam works at any layer" in notice(pilot)
        await keys(pilot, "m")
        assert "integrated gradients" in drawn(pilot)
        await keys(pilot, "m", "m")
        text = drawn(pilot)
        assert "2 hidden dense layers stand between" in text
        assert "Grad-CAM at conv5: channels" in text
        assert "occlusion: how much the logit falls" in text
