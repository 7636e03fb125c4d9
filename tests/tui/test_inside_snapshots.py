"""Pictures of the Inside screen in every state that matters, at both sizes."""

from __future__ import annotations

from typing import Any

import pytest

from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.screen import InsideScreen
from tests.opened import MODELS, opened
from tests.tui.conftest import SIZES, World, pressing

pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"]),
]

Size = tuple[int, int]

CONV2 = ("right_square_bracket",)
WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "filters": ("large-even", ("j", "j")),
    "filters_deeper": ("custom-bn", (*CONV2, "s", "b")),
    "filters_light": ("one-conv-tanh", ("ctrl+t",)),
}


@pytest.fixture(autouse=True)
def _one_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are pictures of one tab, whichever others there are."""
    monkeypatch.setattr(InsideScreen, "tabs", (FiltersTab,))


@pytest.mark.parametrize("name", WAYS)
def test_inside(snap_compare: Any, world: World, labbench_home: Any, size: Size, name: str) -> None:
    model, pressed = WAYS[name]
    opened(MODELS[model])
    before = pressing("2", "i", *pressed)
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_filters_of_two_runs(
    snap_compare: Any, world: World, labbench_home: Any, size: Size
) -> None:
    opened(MODELS["one-conv-tanh"])
    opened(MODELS["large-even"])
    before = pressing("2", "i", "v", "enter", "j")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_filters_without_checkpoint(
    snap_compare: Any, world: World, labbench_home: Any, size: Size
) -> None:
    run = opened()
    (run.checkpoints_path / "best.json").unlink()
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "i"))
