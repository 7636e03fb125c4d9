"""Runs side by side: what differs, clip by clip and class by class."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from labbench.draw.export import export
from labbench.runs import EventLog, RunFolder, predictions
from labbench.views.compare import Compared, CompareView, common_split, read_side
from labbench.views.compare.overlay import Look
from tests.comparing import other_clips, pair, rewrite
from tests.draw.drawing import golden, lines, plain
from tests.recorded import course, predicted, record


def compared(runs: list[RunFolder], split: str = "test") -> Compared:
    sides = [read_side(run, slot, split) for slot, run in enumerate(runs)]
    return Compared.of(sides, split)


@pytest.mark.parametrize(("width", "name"), [(80, "compare-80"), (140, "compare-140")])
def test_golden(width: int, name: str) -> None:
    assert plain(CompareView.of(pair()), width) == golden(name)


def test_many_runs_stand_in_groups() -> None:
    runs = [*pair(), *(record(preset="vgg", synthetic=index == 3) for index in range(5))]
    for show in ("settings", "classes"):
        drawn = lines(CompareView.of(runs, show=show), 80)  # type: ignore[arg-type]
        assert max(map(len, drawn)) <= 80
        assert sum(line.startswith(("setting", "word")) for line in drawn) > 1
    assert "SYNTHETIC speech: F" in plain(CompareView.of(runs), 80)


@pytest.mark.parametrize("show", ["all", "curves", "settings", "classes"])
@pytest.mark.parametrize("width", [40, 60, 140])
def test_keeps_to_its_room(width: int, show: str) -> None:
    view = CompareView.of(pair(), show=show, look=Look(lines="both", cursor=0.5))  # type: ignore[arg-type]
    assert max(map(len, lines(view, width))) <= width
    if show == "curves":
        assert len(lines(view, width, 24)) <= 24


@pytest.mark.parametrize("show", ["all", "curves", "settings", "classes"])
def test_every_format(show: str) -> None:
    view = CompareView.of(pair(), show=show)  # type: ignore[arg-type]
    document = json.loads(export(view, "json"))
    assert document["runs"][1]["won"] == 40
    assert document["runs"][1]["paired_clips"] == 4815
    rows = list(csv.reader(io.StringIO(export(view, "csv").decode())))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1
    assert export(view, "svg").startswith(b"<svg")


def test_only_settings_that_differ() -> None:
    runs = pair()
    rewrite(runs[1], "optimizer.learning_rate=0.01")
    document = CompareView.of(runs, show="settings").as_json()["settings"]
    assert document == {
        "model.channels": [32, 64], "model.activation": ["relu", "tanh"],
        "model.dropout": [0.75, 0.5], "optimizer.learning_rate": [0.001, 0.01],
    }  # fmt: skip


def test_words_that_differ_are_named() -> None:
    runs = pair()
    words = list(runs[0].preset().data.words)
    rewrite(runs[1], f"data.words={json.dumps([*words[:-1], 'up'])}")
    text = plain(CompareView.of(runs, show="settings"), 100)
    assert "... tree" in text
    assert "... up" in text


def test_other_clips_are_not_paired() -> None:
    runs = pair()
    other_clips(runs[1])
    found = compared(runs)
    assert (
        found.pairs[1]
        == "evaluated on other clips (speech_commands 7f3a91, not speech_commands 0)."
    )
    assert "clips" in CompareView(found, "settings").as_json()["settings"]


def test_other_words_are_not_paired_and_said_to_be() -> None:
    runs = pair()
    other = predicted(np.diag([5, 5, 5]), ("zero", "one", "up"))
    predictions.write(runs[1].predictions_path("test"), other)
    view = CompareView(compared(runs), "classes")
    assert "B beside A: it was trained on other words." in plain(view, 80)
    assert "B was trained on other words" in plain(view, 80)
    assert [row["class"] for row in view.as_json()["classes"]] == ["zero", "one"]


def test_runs_without_results() -> None:
    runs = [record(), record(state="queued", epochs=0), record(state="starting", epochs=0)]
    assert common_split(runs) == "test"
    text = plain(CompareView.of(runs), 80)
    assert "B beside A: there are no test results yet: it is queued" in text
    assert "No other run has results to compare with." in text
    waiting = plain(CompareView.of(runs[1:]), 80)
    assert "A has no results" in waiting
    assert "No step was trained yet" in waiting


def test_a_run_without_a_complete_epoch_draws_nothing_under_validation() -> None:
    whole, begun = record(epochs=3, state="stopped"), record(epochs=0, state="running")
    log = EventLog(begun.events_path)
    log.append(course(1)[:6])
    log.close()
    look = Look(lines="validation", by="step")
    view = CompareView.of([whole, begun], show="curves", look=look)
    (title, *_) = [line for line in lines(view, 80) if line.startswith("accuracy by")]
    assert "B: no epoch yet" in title
    thin = {chr(code) for code in range(0x2801, 0x2900)}
    assert not thin & set(plain(view, 80))
    queued = record(state="queued", epochs=0)
    alone = CompareView.of([begun, queued], show="curves", look=look)
    assert "No epoch is complete in any of the runs." in plain(alone, 80)
    trained = CompareView.of([whole, begun], show="curves", look=Look(lines="train"))
    assert thin & set(plain(trained, 80))
    assert "no epoch yet" not in plain(trained, 80)


def test_the_split_that_most_have() -> None:
    runs = [record(), record(state="running", epochs=5)]
    assert common_split(runs) == "validation"
    assert compared(runs, "validation").pairs[1].p == 1.0  # type: ignore[union-attr]


def test_the_cursor_reads_every_run() -> None:
    runs = [record(), record(state="running", epochs=3)]
    text = plain(CompareView.of(runs, show="curves", look=Look(cursor=0.5)), 120)
    assert "epoch 6.0:" in text
    # The shorter run is read where it stands.
    history = runs[1].history()
    assert f"B {history.epochs[-1].val_accuracy:.4f}" in text


def test_largest_loss_first() -> None:
    view = CompareView.of(pair(), show="classes", order="difference")
    words = [line.split()[0] for line in plain(view, 100).splitlines()[4:]]
    assert words[:2] == ["word", "house"]
