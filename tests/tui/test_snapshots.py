"""Pictures of every screen in every state that matters, at both sizes.

Each was looked at; `pytest tests/tui --snapshot-update` takes them anew.
"""

from __future__ import annotations

from typing import Any

import pytest

from labbench.runs import notes
from tests.tui.conftest import SIZES, World, pressing

pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"]),
]

Size = tuple[int, int]


def run_keys(number: int) -> tuple[str, ...]:
    """The keys that open the run of a number: the list is newest first, of eight."""
    return ("2", *["j"] * (8 - number), "enter")


def test_bench_before_the_first_run(snap_compare: Any, world: World, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing())


def test_bench(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("j", "j", "j")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_bench_table(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    keys = ("G", "k", "enter", "j", "j", "enter", "j", "j")
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*keys))


def test_bench_search(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("slash", *"tanh", "space", "8", "down")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_form(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("c", "down", "7", "down", "down", *"99999")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_runs_empty(snap_compare: Any, world: World, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2"))


def test_runs(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    notes.write(recorded[6].path, notes.Notes(tags=("night",), note="the large one"))
    before = pressing("2", "j", "space", "space", "j", "j")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_runs_filter(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "f", "j", "j"))


def test_runs_nothing_found(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("2", "slash", *"zzz", "enter")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_run_delete_is_asked(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "j", "D"))


@pytest.mark.parametrize(
    ("state", "number"),
    [("finished", 1), ("live", 2), ("failed", 3), ("lost", 4), ("queued", 5), ("warming", 8)],
)
def test_run(
    snap_compare: Any, world: World, recorded: Any, size: Size, state: str, number: int
) -> None:
    before = pressing(*run_keys(number))
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_run_zoomed(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing(*run_keys(1), "b", "g", "left", "left", "left", "plus")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_run_console(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    recorded[2].console_path.write_text("epoch 4\nTraceback\nMemoryError: 61 GB\n")
    keys = ("tab",) if size[1] > 30 else ("tab", "tab")
    before = pressing(*run_keys(3), *keys)
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_help(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("2", "question_mark")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_palette(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    before = pressing("2", "ctrl+p", *"sto")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_light_theme(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("2", "ctrl+t"))
