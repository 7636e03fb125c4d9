"""The curves of runs, live, finished, or without a step."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.runs import History
from labbench.runs.history import STEP_FIELDS
from labbench.views.curves import CurvesView
from tests.draw.drawing import golden, lines, plain
from tests.recorded import EPOCHS, record


@pytest.mark.parametrize(("width", "name"), [(80, "curves-80"), (140, "curves-140")])
def test_golden(width: int, name: str) -> None:
    assert plain(CurvesView.of(record()), width, 24) == golden(name)


@pytest.mark.parametrize("by", ["step", "epoch", "time"])
@pytest.mark.parametrize(("width", "height"), [(20, 16), (40, 24), (80, 24), (140, 45)])
def test_keeps_to_its_room(width: int, height: int, by: str) -> None:
    view = CurvesView.of(record(), by=by, smooth=0.5, log=True)  # type: ignore[arg-type]
    drawn = lines(view, width, height)
    assert len(drawn) <= height
    assert max(map(len, drawn)) <= width


@pytest.mark.parametrize(
    ("state", "said"), [("queued", "No step yet"), ("failed", "No step was trained: no memory.")]
)
def test_a_run_without_a_step(state: str, said: str) -> None:
    changes = {"message": "no memory."} if state == "failed" else {}
    view = CurvesView.of(record(state=state, epochs=0, **changes))  # type: ignore[arg-type]
    # record() logs no step for no epoch, as a worker that never began to train.
    assert said in plain(view, 80, 24)


def test_the_cursor_reads_values() -> None:
    view = CurvesView.of(record())
    half = CurvesView(view.run_id, view.status, view.history, cursor=0.5)
    assert half.reading().startswith("step 60: train loss ")
    assert "epoch 6: validation loss" in half.reading()
    assert half.reading() in "".join(lines(half, 160, 30))


def test_zoom_and_pan_stay_within_the_run() -> None:
    view = CurvesView.of(record())
    close = view.zoomed(0.25)
    assert close.window == pytest.approx((0.375, 0.625))
    assert close.panned(9).window == pytest.approx((0.75, 1.0))
    assert close.panned(-9).window == pytest.approx((0.0, 0.25))
    assert close.zoomed(100).window == pytest.approx((0.0, 1.0))
    axis = lines(close, 80, 24)[-1].split()
    assert min(map(float, axis)) >= 0.375 * 120
    assert max(map(float, axis)) <= 0.625 * 120


def test_a_million_steps_draw_within_their_frame() -> None:
    view = CurvesView.of(record())
    steps = np.arange(1, 1_000_001, dtype=np.float64)
    columns = dict.fromkeys(STEP_FIELDS, steps)
    columns["loss"] = 1 / np.sqrt(steps) + np.sin(steps)
    columns["accuracy"] = 1 - columns["loss"]
    old = view.history
    history = History(columns, old.epochs, old.attempts, old.evaluations, old.notes, old.ended)
    long = CurvesView(view.run_id, view.status, history)
    lines = plain(long, 140, 45).splitlines()
    assert 20 < len(lines) <= 45
    assert max(map(len, lines)) <= 140


def test_csv_and_json_hold_the_course() -> None:
    view = CurvesView.of(record())
    assert len(view.as_csv().splitlines()) == 1 + EPOCHS
    document = view.as_json()
    assert len(document["steps"]["loss"]) == 10 * EPOCHS
    assert document["epochs"][8]["best"] is True


def test_a_run_that_failed_at_its_second_step_has_axes_it_can_be_on() -> None:
    run = record(state="failed", epochs=1)
    cut = run.events_path.read_bytes().splitlines(keepends=True)[:3]
    run.events_path.write_bytes(b"".join(cut))
    drawn = lines(CurvesView.of(run), 80, 24)
    below = next(line for line in reversed(drawn) if line.strip())
    assert not any("." in figure for figure in below.split())
    figures = [line.split("┤")[0].strip() for line in drawn if "┤" in line]
    assert all(float(figure) >= 0 for figure in figures)
