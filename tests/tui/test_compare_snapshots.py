"""Pictures of the comparison in every state that matters, at both sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.comparing import answer_otherwise, learn_otherwise, pair
from tests.recorded import record
from tests.tui.conftest import NOW, SIZES, World, pressing

pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"]),
]

Size = tuple[int, int]


@pytest.fixture
def several(labbench_home: Path) -> list[str]:
    """Ids of two finished runs, a live one, a waiting one."""
    runs = pair(created=NOW - 9000, ended=NOW - 3600)
    live = record(preset="vgg", state="running", epochs=5, created=NOW - 600, device="cuda:0")
    answer_otherwise(live, lost=90, won=20)
    learn_otherwise(live, pace=0.7)
    waiting = record(preset="base", state="queued", epochs=0, created=NOW - 60)
    return [run.id for run in (*runs, live, waiting)]


WAYS: dict[str, tuple[int, tuple[str, ...]]] = {
    "nothing_marked": (0, ()),
    "one": (1, ()),
    "two": (2, ("j",)),
    "cursor": (2, ("left", "plus", "v", "v")),
    "settings": (2, ("tab",)),
    "classes": (2, ("j", "tab", "tab", "s")),
    "all": (4, ("j", "j")),
    "light": (2, ("ctrl+t",)),
}
"""Runs that are marked, and keys that are pressed."""


@pytest.mark.parametrize("name", WAYS)
def test_compare(
    snap_compare: Any, world: World, several: list[str], size: Size, name: str
) -> None:
    count, keys = WAYS[name]
    app = world.app()
    app.marked = tuple(several[:count])
    assert snap_compare(app, terminal_size=size, run_before=pressing("4", *keys))


def test_compare_without_runs(snap_compare: Any, world: World, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("4"))
