"""The features tab: classifiers one after the other, cancelled, kept, of other layers; pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labbench.interpret.features.answer import Pool
from labbench.interpret.features.options import FLATTEN, LIMIT
from labbench.interpret.probes.answer import Probe, ProbeQuestion
from labbench.interpret.probes.options import CLASSIFIERS, Classifier
from labbench.interpret.question import restored
from labbench.runs import RunFolder, analyses, weights
from labbench.runs.analyses import Analysis
from labbench.tui.inside.features import FeaturesTab
from labbench.tui.inside.screen import InsideScreen
from labbench.worker.analyst import Analyst, NotWantedError
from tests.opened import MODELS, opened
from tests.tui.conftest import SIZES, World, keys, pressing, settle
from tests.tui.test_inside import drawn, heading, inside
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES


def found(classifier: Classifier) -> Analysis:
    """An answer with figures that differ from classifier to classifier."""
    place = CLASSIFIERS.index(classifier)
    clips = np.arange(400)
    converged = place != 1 if place < 3 else None
    tried = [{"setting": f"C = {c:g}", "accuracy": 0.5 + c / 4, "converged": converged,
              "seconds": 1.5 + place} for c in (0.1, 1.0)]  # fmt: skip
    counts = {
        "train_clips": 4_000, "train_total": 40_851, "validation_clips": 4_000,
        "validation_total": 4_205, "test_total": 400, "features": 448, "size": 448,
    }  # fmt: skip
    arrays = {
        "labels": np.zeros(400, np.int64),
        "predicted": (clips >= 340 + 9 * place).astype(np.int64),
        "own": (clips < 24).astype(np.int64),
    }
    return Analysis(arrays, {"tried": tried, "best": 1, "counts": counts})


def keep(run: RunFolder, classifier: Classifier, layer: str = FLATTEN, pool: Pool = "") -> None:
    """Have the answer kept with the run."""
    ask = ProbeQuestion(classifier=classifier, layer=layer, pool=pool, limit=LIMIT)
    name = analyses.key(ask, weights.checkpoint(run.path).digest)
    analyses.save(run.path, name, found(classifier))


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[ProbeQuestion]:
    """An analyst that answers at once; what it was asked."""
    asked: list[ProbeQuestion] = []

    def ask(self: Analyst, question: ProbeQuestion, **_: object) -> Probe:
        asked.append(question)
        keep(self.run, question.classifier, question.layer, question.pool)
        return restored(question, found(question.classifier))

    monkeypatch.setattr(Analyst, "ask", ask)
    return asked


async def test_the_table_fills_and_is_kept(
    world: World, labbench_home: Any, answering: list[ProbeQuestion]
) -> None:
    run = opened()
    keep(run, "knn")
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "E")
        # Nothing is begun before a person wants it.
        assert not answering
        assert drawn(pilot).count("·") == 5
        assert "enter fits what is missing" in heading(pilot)
        await keys(pilot, "enter")
        assert [ask.classifier for ask in answering] == [
            one for one in CLASSIFIERS if one != "knn"
        ]  # fmt: skip
        assert "·" not in drawn(pilot)
        assert "0.8500" in drawn(pilot)
        assert "enter fit" not in key_line(pilot.app)
        await keys(pilot, "y")
        assert pilot.app.clipboard == "labbench show 1 features"
        # What is kept needs no asking.
        answering.clear()
        await keys(pilot, "F", "E", "n", "n", "n", "n")
        assert "·" not in drawn(pilot)
        assert not answering


async def test_cancelled_half_way(
    world: World, labbench_home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    begun = threading.Event()

    def ask(
        self: Analyst, question: ProbeQuestion, *, report: Any, wanted: Callable[[], bool]
    ) -> Probe:
        if question.classifier == "logistic":
            return restored(question, found("logistic"))
        report(1, 4, "linear SVM")
        begun.set()
        while wanted():
            threading.Event().wait(0.01)
        raise NotWantedError

    monkeypatch.setattr(Analyst, "ask", ask)
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "E")
        await pilot.press("enter")
        while not begun.is_set():
            await pilot.pause(0.01)
        await pilot.pause()
        tab = inside(pilot).tab
        assert isinstance(tab, FeaturesTab)
        assert tab.busy
        await pilot.press("escape")
        await settle(pilot)
        assert not tab.busy
        # What was done stays; the rest can be fitted later.
        assert "0.8500" in drawn(pilot)
        assert drawn(pilot).count("·") == 5
        assert "under way" not in drawn(pilot)
        assert "enter fit" in key_line(pilot.app)


async def test_other_layers_and_pooling(
    world: World, labbench_home: Any, answering: list[ProbeQuestion]
) -> None:
    run = opened(MODELS["vgg"])
    keep(run, "lda", "conv4", "max")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", "E")
        assert "flattened features" in heading(pilot)
        assert "mean/max" not in key_line(pilot.app)
        await keys(pilot, "left_square_bracket")
        assert "conv4, mean over time" in heading(pilot)
        assert drawn(pilot).count("·") == 7
        await keys(pilot, "p")
        assert "conv4, max over time" in heading(pilot)
        assert drawn(pilot).count("·") == 5
        await keys(pilot, "n", "y")
        assert "at most 16,000 clips" in heading(pilot)
        assert pilot.app.clipboard == (
            "labbench show 1 features --layer conv4 --pool max --limit 16000"
        )
        # The layer is that of the other tabs.
        await keys(pilot, "F")
        assert inside(pilot).chosen.layer == "conv4"
        await keys(pilot, "left_square_bracket", "E")
        assert "conv3" in heading(pilot)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])
@pytest.mark.parametrize("done", [0, 2, 6], ids=["none", "some", "all"])
def test_pictures(
    snap_compare: Any, world: World, labbench_home: Any, size: tuple[int, int], done: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(InsideScreen, "tabs", (FeaturesTab,))
    run = opened()
    for one in CLASSIFIERS[:done]:
        keep(run, one)
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "i", "E"))
