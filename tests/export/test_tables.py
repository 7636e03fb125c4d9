"""CSV of a run, read back with the standard library and compared with its folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from labbench.cli.app import run_app
from labbench.export import export
from labbench.runs import predictions
from tests.recorded import EPOCHS, STEPS_PER_EPOCH, predicted, record, report_matrix


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_says_what_the_folder_says(tmp_path: Path) -> None:
    run = record()
    done = export(run, "csv", tmp_path)
    folder = tmp_path / run.id
    assert {path.name for path in done.files} == {path.name for path in folder.iterdir()}
    history, test = run.history(), run.predictions("test")
    steps, epochs = rows(folder / "steps.csv"), rows(folder / "epochs.csv")
    assert (len(steps), len(epochs)) == (EPOCHS * STEPS_PER_EPOCH, EPOCHS)
    assert [float(row["loss"]) for row in steps] == history.steps["loss"].tolist()
    assert steps[-1]["step"] == "120"
    assert [float(row["val_accuracy"]) for row in epochs] == [
        epoch.val_accuracy for epoch in history.epochs
    ]
    clips = rows(folder / "predictions-test.csv")
    assert [row["clip"] for row in clips] == list(test.names)
    right = sum(row["actual"] == row["predicted"] for row in clips)
    assert right == sum(row["right"] == "True" for row in clips)
    assert float(clips[0]["logit_zero"]) == test.logits[0, 0]
    words, matrix = report_matrix()
    (header, *lines) = csv.reader((folder / "confusion-test.csv").open(newline=""))
    assert header[1:] == list(words)
    assert np.array_equal([list(map(int, line[1:])) for line in lines], matrix)
    assert [row["class"] for row in rows(folder / "classes-test.csv")] == list(words)
    settings = {row["key"]: row["value"] for row in rows(folder / "settings.csv")}
    assert settings["model.channels"] == "32"
    assert settings["data.words"].split() == list(words)
    about = {row["key"]: row["value"] for row in rows(folder / "run.csv")}
    assert (about["state"], about["clips.counts.test"]) == ("finished", "4815")


def test_a_run_that_waits_gives_what_there_is(tmp_path: Path) -> None:
    run = record(state="queued", epochs=0)
    export(run, "csv", tmp_path)
    names = {path.stem for path in (tmp_path / run.id).iterdir()}
    assert names == {"run", "settings", "steps", "epochs"}
    assert rows(tmp_path / run.id / "steps.csv") == []


def test_diverged_logits_are_written_and_have_no_classes(tmp_path: Path) -> None:
    run = record(state="failed", epochs=1)
    words, matrix = report_matrix()
    found = predicted(matrix, words, split="validation")
    found.logits[:] = np.nan
    predictions.write(run.predictions_path("validation"), found)
    export(run, "csv", tmp_path)
    names = {path.stem for path in (tmp_path / run.id).iterdir()}
    assert "predictions-validation" in names
    assert "classes-validation" not in names


def test_the_command_writes_into_the_folder_named_and_replaces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = record(), record(state="queued", epochs=0)
    words = ["export", "1", "2", "1", "--to", "csv", "-o", str(tmp_path / "out")]
    assert run_app(words) == 0
    printed = capsys.readouterr().out.splitlines()
    assert all(Path(line).is_file() for line in printed)
    assert {Path(line).parent.name for line in printed} == {first.id, second.id}
    assert run_app([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["run"] for one in document] == [first.id, second.id]
    assert sorted(path for one in document for path in one["files"]) == sorted(printed)


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record()
    taken = tmp_path / "file"
    taken.write_text("in the way")
    assert run_app(["export", "last", "--to", "csv", "-o", str(taken)]) == 1
    said = capsys.readouterr().err
    assert str(taken) in said
    assert "-o" in said
    assert taken.read_text() == "in the way"
