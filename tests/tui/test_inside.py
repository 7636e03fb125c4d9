"""The Inside screen: tabs, what they ask for, progress, cancelling, why not; and the filters."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from labbench.errors import RunError
from labbench.interpret.weights.options import WeightsOptions
from labbench.runs import create, status
from labbench.tui.canvas import Canvas
from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.frame import Chosen
from labbench.tui.inside.screen import OF_TABS, InsideScreen
from labbench.tui.inside.tab import Tab
from labbench.tui.results.screen import ResultsScreen
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import RunsScreen
from tests.opened import MODELS, opened, preset
from tests.tui.conftest import SIZES, World, keys, settle
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES


def inside(pilot: Any) -> InsideScreen:
    screen = pilot.app.screen
    assert isinstance(screen, InsideScreen)
    return screen


def drawn(pilot: Any) -> str:
    """The picture as it stands on the screen."""
    tab = inside(pilot).tab
    assert tab is not None
    picture = tab.query_one(Canvas)
    assert picture.display
    return "\n".join(picture.render_line(y).text for y in range(picture.size.height))


def heading(pilot: Any) -> str:
    tab = inside(pilot).tab
    assert tab is not None
    return str(tab.query_one(".heading", Static).render())


def notice(pilot: Any) -> str:
    tab = inside(pilot).tab
    assert tab is not None
    note = tab.query_one(".notice", Static)
    assert note.display
    return str(note.render())


async def open_newest(pilot: Any) -> None:
    await settle(pilot)
    await keys(pilot, "2", "i")


@pytest.mark.parametrize(
    ("way", "kind"),
    [(["2"], RunsScreen), (["2", "enter"], RunScreen), (["2", "R"], ResultsScreen)],
    ids=["runs", "run", "results"],
)
async def test_from_every_screen_of_a_run_and_back(
    world: World, labbench_home: Any, way: list[str], kind: type
) -> None:
    opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *way)
        assert "i inside" in key_line(pilot.app)
        await keys(pilot, "i")
        assert inside(pilot).where() == "0001-opened inside"
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, kind)


@pytest.mark.parametrize("name", MODELS)
async def test_every_layer_of_every_shape_is_drawn(
    world: World, labbench_home: Any, name: str
) -> None:
    run = opened(MODELS[name])
    async with world.app().run_test(size=SMALL if name == "base" else LARGE) as pilot:
        await open_newest(pilot)
        layers = inside(pilot).layers
        assert len(layers) == MODELS[name].get("convs", 5)
        for layer in layers:
            assert inside(pilot).chosen.layer == layer
            assert f"kernel of {layer}:" in drawn(pilot)
            assert "response" in drawn(pilot)
            assert layer in heading(pilot)
            await keys(pilot, "right_square_bracket")
        assert inside(pilot).chosen.layer == layers[-1]
        await keys(pilot, *["left_square_bracket"] * len(layers))
        assert inside(pilot).chosen.layer == layers[0]
    assert run.number == 1


async def test_sort_move_and_the_command_that_prints_it(world: World, labbench_home: Any) -> None:
    opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        await keys(pilot, "s", "s", "s")
        assert "by index" in heading(pilot)
        await keys(pilot, "g")
        assert "▸ 0" in drawn(pilot)
        await keys(pilot, "j", "down", "l", "k")
        assert "▸ 2" in drawn(pilot)
        await keys(pilot, "G", "y")
        assert pilot.app.clipboard == ("labbench show 1 filters --sort index --channel 3")
        # The filter stays chosen in another order.
        await keys(pilot, "s")
        assert "▸ 3" in drawn(pilot)


async def test_input_channels_one_by_one(world: World, labbench_home: Any) -> None:
    opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        assert "input channel" not in key_line(pilot.app)
        await keys(pilot, "right_square_bracket")
        assert "norm over inputs" in heading(pilot)
        await keys(pilot, "n")
        assert "input channel 0" in heading(pilot)
        await keys(pilot, "N", "N")
        assert "input channel 3" in heading(pilot)
        await keys(pilot, "n")
        assert "norm over inputs" in heading(pilot)


async def test_batch_norm_is_folded_where_there_is_one(world: World, labbench_home: Any) -> None:
    opened(MODELS["base"])
    opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        assert "batch norm not folded in" in heading(pilot)
        before = drawn(pilot)
        await keys(pilot, "b")
        assert "batch norm folded in" in heading(pilot)
        assert drawn(pilot) != before
        await keys(pilot, "escape", "j", "i")
        assert "batch norm" not in key_line(pilot.app)


async def test_beside_a_chosen_run_and_alone_again(world: World, labbench_home: Any) -> None:
    for name in ("one-conv-tanh", "custom-bn"):
        opened(MODELS[name])
    async with world.app().run_test(size=LARGE) as pilot:
        await open_newest(pilot)
        await keys(pilot, "v", "enter")
        assert "0002-opened" in drawn(pilot)
        assert "0001-opened" in drawn(pilot)
        await keys(pilot, "y")
        assert pilot.app.clipboard.endswith("--against 0001-opened")
        # The other run has no second layer: it is said, and v goes back.
        await keys(pilot, "right_square_bracket")
        assert "there is no layer 'conv2'" in notice(pilot)
        await keys(pilot, "v")
        assert "kernel of conv2:" in drawn(pilot)
        assert "0001" not in drawn(pilot)


async def test_beside_each_marked_run(world: World, labbench_home: Any) -> None:
    for _ in range(3):
        opened(MODELS["base"])
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "j", "space", "j", "space", "g", "i")
        await keys(pilot, "v")
        assert "0002-opened" in drawn(pilot)
        await keys(pilot, "v")
        assert "0001-opened" in drawn(pilot)
        await keys(pilot, "v")
        assert "0001-opened" not in drawn(pilot)


async def test_a_click_chooses_a_filter(world: World, labbench_home: Any) -> None:
    opened()
    async with world.app().run_test(size=LARGE) as pilot:
        await open_newest(pilot)
        await keys(pilot, "s", "s", "s")
        await pilot.click(Canvas, offset=(4, 3))
        await settle(pilot)
        assert inside(pilot).chosen.channel == 2
        size = inside(pilot).query_one(Canvas).size
        await pilot.click(Canvas, offset=(size.width - 2, size.height - 4))
        await settle(pilot)
        assert inside(pilot).chosen.channel == 3


async def test_no_checkpoint_says_why_and_then_shows_it(world: World, labbench_home: Any) -> None:
    waiting = create(preset())
    run = opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "j", "i")
        assert "there is no checkpoint yet" in notice(pilot)
        assert "first complete epoch" in notice(pilot)
        assert "enter try again" in key_line(pilot.app)
        await keys(pilot, "enter")
        assert "there is no checkpoint yet" in notice(pilot)
        # It comes with the first epoch, and nobody asks for it.
        run.checkpoints_path.rename(waiting.checkpoints_path)
        now = replace(waiting.status(), state="running", epoch=1, writer=status.this_process())
        status.write(waiting.status_path, now)
        await settle(pilot)
        assert "kernel of conv1:" in drawn(pilot)


async def test_a_damaged_preset_says_so(world: World, labbench_home: Any) -> None:
    run = opened()
    (run.path / "preset.toml").write_text("[model")
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        said = str(inside(pilot).query_one("#opening", Static).render())
        assert "preset.toml" in said
        assert "try again" not in key_line(pilot.app)
        await keys(pilot, "tab", "right_square_bracket", "F", "escape")
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_work_shows_progress_and_is_cancelled(world: World, labbench_home: Any) -> None:
    opened()
    started, seen = threading.Event(), threading.Event()

    def work(job: Any) -> None:
        job.report(3, 4, "listening")
        started.set()
        while job.wanted():
            seen.wait(0.01)
        job.check()

    async with world.app().run_test(size=LARGE) as pilot:
        await open_newest(pilot)
        tab = inside(pilot).tab
        assert tab is not None
        tab.ask(work, lambda found: None, "computing")
        while "75%" not in str(inside(pilot).query_one("#tabs", Static).render()):
            await pilot.pause(0.01)
        assert "kernel of" in drawn(pilot)  # What was there is seen meanwhile.
        await pilot.press("escape")
        await settle(pilot)
        assert inside(pilot).tab is tab
        assert not tab.busy


async def test_only_the_newest_answer_counts(world: World, labbench_home: Any) -> None:
    opened()
    first = threading.Event()
    answers: list[str] = []

    def slow(job: Any) -> str:
        first.wait()
        return "slow"

    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        tab = inside(pilot).tab
        assert tab is not None
        tab.ask(slow, answers.append, "slow")
        tab.ask(lambda job: "quick", answers.append, "quick")
        first.set()
        await settle(pilot)
        assert answers == ["quick"]


async def test_an_error_while_a_picture_was_there(world: World, labbench_home: Any) -> None:
    opened()

    def fails(job: Any) -> None:
        raise RunError("it did not work.", where="here", hint="Do that.")

    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        tab = inside(pilot).tab
        assert isinstance(tab, FiltersTab)
        tab.ask(fails, lambda found: None, "failing")
        await settle(pilot)
        assert "here: it did not work." in notice(pilot)
        assert "Do that." in notice(pilot)
        assert not inside(pilot).exportable()
        await keys(pilot, "enter")
        assert "kernel of" in drawn(pilot)


async def test_exports_are_named_after_the_tab(
    world: World, labbench_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    monkeypatch.chdir(tmp_path)
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        await keys(pilot, "e", "down", "enter")
    assert (tmp_path / "0001-opened-filters.csv").read_text().startswith("run,layer,filter")


async def test_help_explains_the_tab(world: World, labbench_home: Any) -> None:
    opened()
    async with world.app().run_test(size=LARGE) as pilot:
        await open_newest(pilot)
        assert "kernels of a convolution" in inside(pilot).explained()
        await keys(pilot, "question_mark", "escape")
        inside(pilot)


class Still(Tab):
    """A tab that shows which layer it was asked for, and counts how often."""

    kind = WeightsOptions
    brackets = "clip"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.stepped: list[int] = []

    def begin(self) -> None:
        self.asked.append(self.chosen.layer)

    def chosen_changed(self, before: Chosen) -> None:
        if before.layer != self.chosen.layer:
            self.begin()

    def step(self, by: int) -> None:
        self.stepped.append(by)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tabs."""
    monkeypatch.setattr(InsideScreen, "tabs", (FiltersTab, Still))
    monkeypatch.setitem(OF_TABS, Still, Still.commands())


async def to(pilot: Any, kind: type[Tab]) -> Tab:
    inside(pilot).open_tab(kind)
    await settle(pilot)
    tab = inside(pilot).tab
    assert isinstance(tab, kind)
    return tab


@pytest.mark.usefixtures("still")
async def test_tabs_share_what_is_chosen(world: World, labbench_home: Any) -> None:
    opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        await keys(pilot, "tab")
        tab = inside(pilot).tab
        assert isinstance(tab, Still)
        assert tab.asked == ["conv1"]
        assert "sort" not in key_line(pilot.app)
        assert "[ ] clip" in key_line(pilot.app)
        await keys(pilot, "s", "j")  # keys of the other tab
        await keys(pilot, "shift+tab", "right_square_bracket")
        assert "kernel of conv2:" in drawn(pilot)
        assert tab.asked == ["conv1"]  # it hears of it when it is seen
        await keys(pilot, "tab")
        assert tab.asked == ["conv1", "conv2"]
        await keys(pilot, "tab", "tab")
        assert tab.asked == ["conv1", "conv2"]


@pytest.mark.usefixtures("still")
async def test_a_run_that_trains_on_is_looked_at_anew(world: World, labbench_home: Any) -> None:
    run = opened()
    async with world.app().run_test(size=SMALL) as pilot:
        await open_newest(pilot)
        tab = await to(pilot, Still)
        assert isinstance(tab, Still)
        for epoch, asked in ((4, 2), (5, 3)):
            status.write(run.status_path, replace(run.status(), epoch=epoch))
            await settle(pilot)
            assert len(tab.asked) == asked
        await to(pilot, FiltersTab)
        status.write(run.status_path, replace(run.status(), epoch=6))
        await settle(pilot)
        assert len(tab.asked) == 3
        await to(pilot, Still)
        assert len(tab.asked) == 4
