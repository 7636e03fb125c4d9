"""`labbench runs`: what is said where nothing is listed."""

from __future__ import annotations

import json

import pytest

from labbench.cli.app import run_app
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
