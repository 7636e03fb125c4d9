"""The tables of runs and presets, at any width."""

from __future__ import annotations

import json

import pytest

from labbench.draw.export import json_text
from labbench.evaluation.listed import Row
from labbench.presets import Library
from labbench.views.presets import PresetsView
from labbench.views.runs import RunsView
from tests.draw.drawing import golden, lines, plain
from tests.recorded import record


@pytest.fixture
def rows() -> list[Row]:
    runs = [
        record(),
        record(state="running", epochs=5, synthetic=True, created=8_000.0),
        record(
            state="failed", epochs=3, ended=9_000.0, message="out of memory at epoch 4.",
            hint="Try --set training.batch=32.",
        ),
        record(state="queued", epochs=0, created=9_940.0),
        record(preset="custom-ch64-tanh/8/do0.5", state="lost", created=6_000.0),
    ]  # fmt: skip
    return [Row(run, run.status()) for run in runs]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_golden(rows: list[Row], width: int) -> None:
    assert plain(RunsView.of(rows, now=10_000.0), width) == golden(f"runs-{width}")


@pytest.mark.parametrize("width", range(40, 150, 7))
def test_figures_are_never_clipped(rows: list[Row], width: int) -> None:
    drawn = lines(RunsView.of(rows), width)
    assert max(map(len, drawn)) <= width
    assert "0.9533" in drawn[1]
    assert "= 0.0000" in drawn[1]
    assert "0.7945" in drawn[2]
    assert "▼" not in drawn[2], "synthetic speech has no published figure"
    assert "▼" in drawn[3]


def test_no_runs() -> None:
    view = RunsView.of([])
    assert plain(view, 80).split()[0] == "run"
    assert view.as_json() == []
    assert view.as_csv() == "run\n"


def test_json_and_csv_of_runs(rows: list[Row]) -> None:
    first, second, *_ = json.loads(json_text(RunsView.of(rows).as_json()))
    assert (first["number"], first["state"]) == (1, "finished")
    assert first["difference"] == pytest.approx(4590 / 4815 - 0.9533)
    assert second["accuracy"] == second["best_val_accuracy"]
    assert second["difference"] is None
    assert len(RunsView.of(rows).as_csv().splitlines()) == 6


@pytest.mark.parametrize("width", [46, 60, 80, 120])
def test_names_of_presets_are_never_clipped(width: int) -> None:
    listed = Library().listed()
    drawn = lines(PresetsView.of(listed), width)
    assert [line.split()[0] for line in drawn[1:]] == [one.name for one in listed]
    assert max(map(len, drawn)) <= width


def test_presets_show_published_accuracies_at_80_columns() -> None:
    text = plain(PresetsView.of(Library().listed("custom-ch32")), 80)
    assert "0.9533" in text
    assert "94,768" in text
