"""Which results are shown of a run in which state."""

from __future__ import annotations

import pytest

from labbench.errors import RunError
from labbench.runs.status import State
from labbench.views.source import evaluation_of
from tests.recorded import record


def test_test_clips_of_a_finished_run() -> None:
    assert evaluation_of(record()).caption == "test, best epoch 9"


def test_validation_when_asked_for() -> None:
    assert evaluation_of(record(), "validation").caption == "validation, best epoch 9"


@pytest.mark.parametrize(
    ("state", "caption"),
    [
        ("running", "validation, epoch 5, still training"),
        ("stopped", "validation, epoch 5, run stopped"),
        ("failed", "validation, epoch 5, run failed"),
        ("lost", "validation, epoch 5, run lost"),
    ],
)
def test_newest_validation_of_an_unfinished_run(state: State, caption: str) -> None:
    assert evaluation_of(record(state=state, epochs=5)).caption == caption


@pytest.mark.parametrize(
    ("state", "split", "hint"),
    [
        ("queued", None, "The first come with the first complete epoch."),
        ("running", None, "The first come with the first complete epoch."),
        ("running", "test", "evaluated at the end of the run."),
        ("stopped", None, "labbench run --resume 1"),
    ],
)
def test_no_results_yet(state: State, split: str | None, hint: str) -> None:
    run = record(state=state, epochs=0)
    with pytest.raises(RunError, match=r"there are no (test )?results yet") as caught:
        evaluation_of(run, split)
    assert hint in caught.value.hint
    assert caught.value.where == run.id


def test_test_results_of_a_live_run_point_to_validation() -> None:
    with pytest.raises(RunError) as caught:
        evaluation_of(record(state="running", epochs=2), "test")
    assert "--split validation" in caught.value.hint
