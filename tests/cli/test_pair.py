"""`labbench show RUN pair`, as typed, from answers that are kept."""

from __future__ import annotations

import csv
import json

import pytest

from labbench.cli.app import run_app
from tests.tui.test_inside_pair import confused


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_app(["show", "1", "pair", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_worst_pair_by_default_and_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    confused()
    code, out, err = typed(capsys, "--width", "120")
    assert (code, err) == (0, "")
    assert "low → middle: 2 clips (40.0% of low); middle → low: 1 (20.0% of middle)" in out
    document = json.loads(typed(capsys, "low", "middle", "--layer", "3", "-f", "json")[1])
    assert document["layer"] == "conv3"
    assert [cell["count"] for cell in document["cells"]] == [3, 2, 1, 4]
    rows = list(csv.DictReader(typed(capsys, "high", "low", "-f", "csv")[1].splitlines()))
    assert {row["predicted"] for row in rows} == {"high", "low"}


def test_what_is_no_pair(capsys: pytest.CaptureFixture[str]) -> None:
    confused()
    code, out, err = typed(capsys, "low", "lwo")
    assert (code, out) == (5, "")
    assert "knows no class 'lwo'" in err
    assert typed(capsys, "low")[0] == 2
    assert typed(capsys, "low", "middle", "--layer", "conv7")[0] == 5
