"""What `y` copies in a tab of Inside prints what the tab shows, after each of its keys."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from labbench.cli.app import run_app
from labbench.draw.export import View, ansi
from labbench.interpret import context
from labbench.interpret.confusion_pair.picture import PairView
from labbench.interpret.embedding.picture import ScatterView
from labbench.interpret.predict.picture import PredictionsView
from labbench.interpret.probes.answer import ProbeQuestion
from labbench.interpret.probes.options import CLASSIFIERS
from labbench.interpret.probes.picture import FeaturesView
from labbench.interpret.question import restored
from labbench.tui.inside.clips import EvidenceTab, MapsTab, PredictTab
from labbench.tui.inside.dead import DeadTab
from labbench.tui.inside.features import FeaturesTab
from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.maximise import MaximiseTab
from labbench.tui.inside.pair import PairTab
from labbench.tui.inside.scatter import ScatterTab
from labbench.tui.inside.screen import TABS
from labbench.tui.inside.tab import Tab
from labbench.worker.analyst import Analyst
from tests.opened import MODELS, opened
from tests.tui import test_inside_dead, test_inside_evidence, test_inside_features
from tests.tui import test_inside_maximise as maximising
from tests.tui.conftest import SIZES, World, keys, settle
from tests.tui.listening import keep_clips
from tests.tui.test_inside import inside
from tests.tui.test_inside_pair import confused

SMALL, LARGE = SIZES
Kept = dict[type[Tab], tuple[Callable[[], object], str]]


def _clips() -> None:
    keep_clips(opened({"convs": 3, "channels": 12, "activation": "tanh"}))


def _features() -> None:
    run = opened()
    for classifier in CLASSIFIERS:
        test_inside_features.keep(run, classifier)


def _maximised() -> None:
    run = opened()
    for target in ("low", "middle", "conv1:0"):
        maximising.keep(run, target)


WORLDS: Kept = {
    FiltersTab: (lambda: opened(MODELS["custom-bn"]), "s s s s b right_square_bracket n j j"),
    MapsTab: (_clips, "l j right left x right_square_bracket"),
    EvidenceTab: (test_inside_evidence.answered, "k right right_square_bracket K x"),
    DeadTab: (test_inside_dead.answered, "right_square_bracket j m j m"),
    FeaturesTab: (_features, "n enter right_square_bracket enter p enter"),
    ScatterTab: (opened, "v v v m right_square_bracket"),
    MaximiseTab: (_maximised, "n n v down"),
    PairTab: (confused, "right_square_bracket h"),
    PredictTab: (_clips, "right_square_bracket"),
    TABS[-1]: (opened, "j j k right_square_bracket"),
}
"""What is kept of the runs in which the tabs are looked at, and keys beside those of options."""


def test_every_tab_is_here() -> None:
    assert set(WORLDS) == set(TABS)


@pytest.fixture(autouse=True)
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are answered in this process; classifiers by figures that nobody computed."""

    def ask(self: Analyst, question: Any, **_: object) -> Any:
        if isinstance(question, ProbeQuestion):
            return restored(question, test_inside_features.found(question.classifier))
        return context.load(self.run).ask(question)

    monkeypatch.setattr(Analyst, "ask", ask)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], View]:
    """What a command line prints, as the view that it makes."""
    made: list[View] = []
    monkeypatch.setattr("labbench.cli.output.write_view", lambda view, *_, **__: made.append(view))

    def of(line: str) -> View:
        made.clear()
        name, *words = shlex.split(line)
        assert name == "labbench"
        assert run_app(words) == 0, line
        [view] = made
        return view

    return of


def options_of(kind: type[Tab]) -> list[str]:
    """Each key of an option, until all its choices were seen."""
    declared = [one for one in kind.kind.declared() if one.option.key]
    return [one.option.key for one in declared for _ in one.choices]


def comparable(view: Any) -> View:
    """A view without what no command is asked for: the place where a person looks."""
    match view:
        case ScatterView():
            return replace(view, cursor=None)
        case PairView():
            return replace(view, chosen=None)
        case FeaturesView():
            return replace(view, found=replace(view.found, features=()))
        case PredictionsView():
            assert view.top in (5, 16)
    shown: View = view
    return shown


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.title)
async def test_the_copied_command_prints_what_is_seen(
    tab: type[Tab], world: World, labbench_home: Any, printed: Callable[[str], View]
) -> None:
    make, more = WORLDS[tab]
    make()
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "i", tab.letter)
        for key in ["", *options_of(tab), *more.split()]:
            if key:
                await keys(pilot, key)
            front = inside(pilot).tab
            assert type(front) is tab
            seen = front.picture()
            if seen is None or not front.found or getattr(front, "missing", False):
                continue
            line = front.headless()
            assert line is not None
            told = (key, line)
            drawn = [ansi(comparable(one), 100, 40, None) for one in (seen, printed(line))]
            assert drawn[0] == drawn[1], told
