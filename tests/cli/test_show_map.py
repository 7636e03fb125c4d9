"""`labbench show RUN map`, as typed, and the same from Python."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

import labbench
from labbench.cli.app import run_app
from tests.opened import opened


def test_map_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    # Kept by the one, shown by the other.
    found = labbench.open_run("1").map_clips(layer="2", pool="max")
    words = ["show", "1", "map", "--layer", "conv2", "--pool", "max"]
    assert run_app([*words, "-f", "csv"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 15
    np.testing.assert_allclose([float(row["x"]) for row in rows], found.xy_N2[:, 0], rtol=1e-6)
    assert run_app([*words, "--word", "high", "--width", "80", "--height", "20"]) == 0
    picture = capsys.readouterr().out
    assert "conv2, max over time  all 15 test clips" in picture
    assert "h high" in picture


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--layer", "conv9"], "no layer 'conv9'"), (["--word", "hihg"], "no word 'hihg'")],
    ids=["layer", "word"],
)
def test_what_cannot_be(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    opened()
    assert run_app(["show", "1", "map", *words]) == 5
    assert said in capsys.readouterr().err
