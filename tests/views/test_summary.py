"""The summary of runs in every state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labbench.errors import RunError
from labbench.runs import RunFolder
from labbench.views.summary import SummaryView
from tests.draw.drawing import golden, lines, plain
from tests.recorded import record


def test_golden() -> None:
    view = SummaryView.of(record())
    view = replace(view, run=RunFolder(Path("/runs/0001-custom-ch32")))
    assert plain(view, 80) == golden("summary-80")


def test_says_what_differs_from_the_defaults() -> None:
    changed = dict(SummaryView.of(record()).changed)
    assert changed == {"model.channels": 32, "model.dropout": 0.75, "training.epochs": 12}


def test_another_family_is_compared_with_its_own_sizes() -> None:
    changed = dict(SummaryView.of(record(preset="vgg-ch64-tanh/16/bn")).changed)
    assert changed["model.family"] == "vgg"
    assert changed["model.activation"] == "tanh"
    assert changed["model.batch_norm"] is True


def test_synthetic_speech_is_said_plainly() -> None:
    assert "SYNTHETIC speech" in plain(SummaryView.of(record(synthetic=True)), 80)
    assert "SYNTHETIC" not in plain(SummaryView.of(record()), 80)


def test_what_makes_figures_of_the_clips_mislead_is_said_beside_them() -> None:
    view = SummaryView.of(record())
    told = "3 clips are also in another split, 3 of test: a.wav (test) = b.wav (train)"
    leaky = replace(view, about={**view.about, "clips": {"warnings": [told]}})
    rows = lines(leaky, 200)
    place = next(row for row, line in enumerate(rows) if line.startswith("test accuracy"))
    assert rows[place + 1].split(None, 2)[2] == f"▲ {told}"
    for damaged in (None, [], {"warnings": "text"}, {"warnings": [3, None]}):
        known = replace(view, about={**view.about, "clips": damaged or {}})
        assert "▲" not in plain(known, 200)


def test_a_failed_run_says_why_and_what_to_do() -> None:
    run = record(state="failed", epochs=3, message="out of memory.", hint="Try a batch of 32.")
    text = plain(SummaryView.of(run), 80)
    assert "✖ failed" in text
    assert "out of memory. Try a batch of 32." in text


def test_a_live_run_shows_validation_and_says_so() -> None:
    view = SummaryView.of(record(state="running", epochs=5))
    text = plain(view, 80)
    assert "validation, epoch 5, still training" in text
    assert "on validation clips" in text
    assert view.as_json()["results"]["split"] == "validation"


def test_a_queued_run_has_no_results_yet() -> None:
    view = SummaryView.of(record(state="queued", epochs=0))
    assert "none yet" in plain(view, 80)
    assert view.as_json()["results"] is None
    assert view.as_json()["difference"] is None


def test_damaged_predictions_are_an_error_not_a_missing_result() -> None:
    run = record()
    run.predictions_path("test").write_bytes(b"nothing of the kind")
    with pytest.raises(RunError):
        SummaryView.of(run)


def test_json_holds_all_results() -> None:
    document = SummaryView.of(record()).as_json()
    assert document["results"]["right"] == 4590
    assert document["results"]["confusion"]["matrix"][15][3] == 15
    assert document["within_standard_error"] is True
    assert document["published_accuracy"] == 0.9533


def test_csv_is_one_row() -> None:
    header, row = SummaryView.of(record()).as_csv().splitlines()
    figures = dict(zip(header.split(","), row.split(","), strict=True))
    assert figures["state"] == "finished"
    assert float(figures["accuracy"]) == pytest.approx(4590 / 4815)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_never_wider_than_asked(width: int) -> None:
    assert max(map(len, lines(SummaryView.of(record()), width))) <= width
