"""Pictures of the results in every state that matters, at both sizes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from labbench.runs import status
from tests.tiny import make_clips
from tests.tui.conftest import SIZES, World, pressing
from tests.tui.heard import hear

pytestmark = [
    pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"]),
]

Size = tuple[int, int]


def results_keys(number: int) -> tuple[str, ...]:
    """The keys that open the results of the run of a number: the list is newest first, of eight."""
    return ("2", *["j"] * (8 - number), "R")


WAYS = {
    "finished": results_keys(1),
    "percent_by_confusion": (*results_keys(1), "p", "o"),
    "live": results_keys(2),
    "starting": results_keys(8),
    "queued": results_keys(5),
    "classes": (*results_keys(1), "tab", "s", "s"),
    "clips": (*results_keys(1), "enter", "j"),
    "light": (*results_keys(1), "ctrl+t"),
}


@pytest.mark.parametrize("name", WAYS)
def test_results(snap_compare: Any, world: World, recorded: Any, size: Size, name: str) -> None:
    before = pressing(*WAYS[name])
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_results_summary(
    snap_compare: Any, world: World, recorded: Any, size: Size, monkeypatch: Any
) -> None:
    from labbench.views.summary import SummaryView

    # The folder lies elsewhere in every test.
    rows = SummaryView._fact_rows
    monkeypatch.setattr(SummaryView, "_fact_rows", lambda view: rows(view)[:-1])
    before = pressing(*results_keys(1), "tab", "tab")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_results_failed(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    recorded[2].predictions_path("validation").unlink()
    status.write(recorded[2].status_path, replace(recorded[2].status(), epoch=0))
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*results_keys(3)))


def test_results_first_epoch(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    run = recorded[1]
    run.predictions_path("validation").unlink()
    early = replace(run.status(), epoch=0, step=4, val_accuracy=None)
    status.write(run.status_path, early)
    assert snap_compare(world.app(), terminal_size=size, run_before=pressing(*results_keys(2)))


def test_results_clip(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    hear(recorded[0])
    before = pressing(*results_keys(1), "enter", "enter")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)


def test_results_clip_gone(snap_compare: Any, world: World, recorded: Any, size: Size) -> None:
    hear(recorded[0])
    make_clips(seed=1)
    before = pressing(*results_keys(1), "enter", "enter")
    assert snap_compare(world.app(), terminal_size=size, run_before=before)
