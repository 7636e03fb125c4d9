"""Pictures of the tables in every state that matters, at both sizes; each was looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.conftest import SIZES, World, pressing
from tests.tui.tables import done, filling

pytestmark = [pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])]

Size = tuple[int, int]
OPEN = ("3", "j", "j", "enter")
"""The keys that open custom-ch64-tanh."""


def test_tables(snap_compare: Any, world: World, size: Size) -> None:
    filling()
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing("3", "j", "j"))


def test_table_empty(snap_compare: Any, world: World, size: Size) -> None:
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*OPEN))


def test_table_filling(snap_compare: Any, world: World, size: Size) -> None:
    filling()
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*OPEN))


def test_table_failed(snap_compare: Any, world: World, size: Size) -> None:
    filling()
    before = pressing(*OPEN, "j", "h")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_table_done(snap_compare: Any, world: World, size: Size) -> None:
    done()
    before = pressing("3", "enter", *["j"] * 7, "l")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_table_run_missing(snap_compare: Any, world: World, size: Size) -> None:
    filling()
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*OPEN, "m"))


def test_table_choose(snap_compare: Any, world: World, size: Size) -> None:
    before = pressing(*OPEN, "M", "space", "j", "space", "plus", "tab", "j", "space")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)
