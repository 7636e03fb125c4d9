"""`labbench runs`: what is said where nothing is listed."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from labbench.cli import runs
from labbench.cli.app import run_app
from labbench.evaluation import listed
from labbench.runs import notes
from tests.recorded import record


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """stdout and stderr of `labbench runs`."""
    assert run_app(["runs", *arguments]) == 0
    caught = capsys.readouterr()
    return caught.out, " ".join(caught.err.split())


def test_a_match_without_a_hit_is_told_beside_an_empty_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record()
    record(preset="demo")
    out, err = said(capsys, "--match", "absent")
    assert out == ""
    assert err.startswith("None of 2 runs in ")
    assert err.endswith("holds 'absent'.")
    out, err = said(capsys, "--match", "absent", "--json")
    assert json.loads(out) == []
    assert "'absent'" in err
    out, err = said(capsys, "--match", "demo", "--json")
    assert [one["number"] for one in json.loads(out)] == [2]
    assert err == ""


def test_no_runs_at_all_is_not_said_of_damaged_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Start one: labbench run demo" in said(capsys)[1]
    (record().path / "status.json").write_text("{")
    err = said(capsys)[1]
    assert "cannot be read" in err
    assert "Start one" not in err


def numbers(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[int]:
    """The runs that are listed, in order."""
    return [one["number"] for one in json.loads(said(capsys, *arguments, "--json")[0])]


def test_runs_are_found_by_what_is_known_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    first, second, third = record(), record(preset="demo", state="lost"), record(state="stopped")
    notes.write(first.path, notes.Notes(tags=("best",), note="Published settings"))
    assert numbers(capsys) == [1, 2, 3]
    assert numbers(capsys, "--sort", "newest") == [3, 2, 1]
    assert numbers(capsys, "--match", "SETTINGS best") == [1]
    assert numbers(capsys, "--match", "custom stopped") == [3]
    assert numbers(capsys, "--noted") == [1]
    assert numbers(capsys, "--state", "failed") == [2]
    assert numbers(capsys, "--only", "3", "--only", first.id, "--sort", "oldest") == [1, 3]
    assert numbers(capsys, "--only", second.id, "--state", "stopped") == []
    [found] = json.loads(said(capsys, "--match", "settings", "--json")[0])
    assert (found["tags"], found["note"]) == (["best"], "Published settings")
    assert "custom-ch32 #best Published settings" in said(capsys)[0]
    assert third.id in said(capsys, "--match", "stopped", "--json")[0]


def test_what_nothing_is_like_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    err = said(capsys, "--state", "failed", "--noted", "--match", "x")[1]
    assert err.startswith("None of 1 run in ")
    assert err.endswith("is failed or lost and has a tag or a note and holds 'x'.")


def test_options_are_those_of_the_rule() -> None:
    assert get_args(runs.Sort) == get_args(listed.Sort) == tuple(listed.SORTS)
    assert get_args(runs.State) == get_args(listed.State) == tuple(listed.STATES)


def test_damaged_runs_stand_in_the_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    good, damaged = record(), record()
    (damaged.path / "status.json").write_text("{")
    first, second = json.loads(said(capsys, "--json")[0])
    assert first["run"] == good.id
    assert (second["run"], second["state"], second["preset"]) == (damaged.id, "damaged", None)
    assert "status.json" in second["message"]
    assert list(first) == list(second)
    assert len(json.loads(said(capsys, "--json", "--match", "damaged")[0])) == 1
    assert json.loads(said(capsys, "--json", "--match", "live")[0]) == []
