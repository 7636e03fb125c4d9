"""Pictures of data sets in every state that matters, at both sizes."""

from __future__ import annotations

from typing import Any

import pytest

from labbench.tui.data import screen
from tests.tui import sets
from tests.tui.conftest import SIZES, World, pressing

pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"]),
]

Size = tuple[int, int]

WAYS = {
    "counts": ("5", "j", "j", "j"),
    "damaged": ("5", "j", "j"),
    "being_made": ("5", "j"),
    "failed": ("5",),
    "add": ("5", "a", *"/none"),
    "synthetic": ("5", "m", "tab", "0"),
    "clips": ("5", "G", "enter", "j"),
    "clips_narrowed": ("5", "G", "enter", "slash", *"test", "enter"),
    "word": ("5", "G", "enter", "w", "j"),
    "clip": ("5", "G", "enter", "enter", "s", "s"),
}


@pytest.mark.parametrize("name", WAYS)
def test_data(snap_compare: Any, world: World, size: Size, name: str) -> None:
    sets.tones()
    sets.damaged()
    sets.failed_add()
    sets.job("working", left_s=310.0)
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*WAYS[name]))


def test_data_empty(snap_compare: Any, world: World, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("5"))


def test_data_fetch(
    snap_compare: Any, world: World, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "_free_bytes", lambda: 78_000_000_000)
    sets.job("cancelled", message="stopped on request.")
    archive = screen.jobs.archive_path()
    archive.parent.mkdir()
    archive.with_name(f"{archive.name}.part").write_bytes(bytes(123_456))
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("5", "d"))
