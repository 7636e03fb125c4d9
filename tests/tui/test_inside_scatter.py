"""The map of clips: cursor, mistakes, words, layers, one clip; pictures from kept answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labbench.evaluation.sounds import clips_of
from labbench.interpret.embedding.answer import Embedding, EmbeddingQuestion
from labbench.interpret.question import kept
from labbench.runs import RunFolder, analyses, predictions, weights
from labbench.runs.analyses import Analysis
from labbench.tui.clip.screen import ClipScreen
from labbench.tui.inside.scatter import ScatterTab
from labbench.tui.inside.screen import InsideScreen
from labbench.worker.analyst import Analyst
from tests.opened import opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.test_inside import drawn, heading, inside
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES


def mapped(**ask: Any) -> RunFolder:
    """A run whose test clips lie on a wheel, three mistakes among them."""
    run = opened()
    keep(run, **ask)
    return run


def keep(run: RunFolder, **ask: Any) -> None:
    clips, test = clips_of(run), predictions.read(run.predictions_path("test"))
    turn = np.arange(len(test.clips)) * 2 * np.pi / len(test.clips)
    logits = np.eye(3, dtype=np.float32)[test.actual] * 3
    logits[:3] = [[1.0, 4.0, 0.0], [1.0, 0.5, 2.0], [3.0, 0.0, 1.0]]
    arrays = {
        "xy": np.stack([np.cos(turn), np.sin(turn) * (1 + test.actual)], axis=1),
        "rows": test.clips, "labels": test.actual, "logits": logits,
    }  # fmt: skip
    shares = [0.5] if ask.get("method") == "tsne" else [0.5, 0.2]
    about = {
        "names": [clips.names[row].decode() for row in test.clips], "words": list(clips.words),
        "total": 20, "size": 448, "explained": shares, "components": 2, "perplexity": 5.0,
        "divergence": 0.5,
    }  # fmt: skip
    name = analyses.key(EmbeddingQuestion(**ask), weights.checkpoint(run.path).digest)
    analyses.save(run.path, name, Analysis(arrays, about))


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An analyst that has only what is kept."""

    def ask(self: Analyst, question: EmbeddingQuestion, **_: object) -> Embedding:
        found = kept(self.run, question)
        assert found is not None, question
        return found

    monkeypatch.setattr(Analyst, "ask", ask)


async def test_cursor_mistakes_and_a_clip(world: World, labbench_home: Any, silent: None) -> None:
    mapped()
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "S")
        assert "15 of 20 test clips, 3 of them taken for another word" in heading(pilot)
        assert "nearest" in drawn(pilot)
        await keys(pilot, "w")
        assert "low/test0.wav  here" in drawn(pilot)
        assert "taken for middle" in drawn(pilot)
        await keys(pilot, "w", "w", "w")
        assert "low/test0.wav" in drawn(pilot)
        before = drawn(pilot)
        await keys(pilot, "left", "k", "shift+down", "home")
        assert drawn(pilot) != before
        await keys(pilot, "w", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, ClipScreen)
        assert "the one opened" in str(screen.query_one("#head").render())
        # Its neighbours on the map come after it, and the cursor goes with them.
        await keys(pilot, "right_square_bracket")
        head = str(screen.query_one("#head").render())
        assert "neighbour 1 of 14" in head
        await keys(pilot, "escape")
        assert head.split()[0] in drawn(pilot)


async def test_methods_layers_words(world: World, labbench_home: Any, silent: None) -> None:
    run = mapped()
    keep(run, method="tsne")
    for pool in ("mean", "max"):
        keep(run, method="tsne", layer="conv4", pool=pool)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "S")
        assert "PCA: x holds 50.0%" in drawn(pilot)
        assert "mean/max" not in key_line(pilot.app)
        await keys(pilot, "m")
        assert "t-SNE, perplexity 5" in drawn(pilot)
        await keys(pilot, "left_square_bracket", "p", "v", "v", "y")
        assert "conv4, max over time" in heading(pilot)
        assert inside(pilot).chosen.word == "middle"
        assert pilot.app.clipboard == (
            "labbench show 1 map --method tsne --layer conv4 --pool max --word middle"
        )
        await keys(pilot, "v", "v")
        assert inside(pilot).chosen.word is None


async def test_a_click_moves_the_cursor(world: World, labbench_home: Any, silent: None) -> None:
    mapped()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "S")
        tab = inside(pilot).tab
        assert isinstance(tab, ScatterTab)
        tab.click(0, 1, twice=False)
        await settle(pilot)
        view = tab.picture()
        assert view is not None
        assert view.cursor == (0, 0)
        tab.click(0, 1, twice=True)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ClipScreen)


PICTURES = {"map": (), "mistake": ("w", "v"), "light": ("w", "ctrl+t")}


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("name", PICTURES)
def test_pictures(
    snap_compare: Any, world: World, labbench_home: Any, silent: None, size: Any, name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(InsideScreen, "tabs", (ScatterTab,))
    mapped()
    before = pressing("2", "i", "S", *PICTURES[name])
    assert snap_compare(world.app(), terminal_size=size, run_before=before)
