"""`labbench compare`, as typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from labbench.cli.app import run_app
from tests.comparing import pair


def test_by_number_and_id(capsys: pytest.CaptureFixture[str]) -> None:
    pair()
    assert run_app(["compare", "2", "0001-custom-ch32", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["first"].startswith("0002-")
    assert (document["runs"][1]["won"], document["runs"][1]["lost"]) == (12, 40)


def test_options_reach_the_view(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pair()
    classes = ["--show", "classes", "--figure", "recall", "--order", "difference"]
    assert run_app(["compare", "1", "2", "--split", "validation", *classes, "--width", "90"]) == 0
    out = capsys.readouterr().out
    assert "val acc" in out
    assert "A recall" in out
    target = tmp_path / "both.svg"
    assert run_app(["compare", "1", "2", "--show", "curves", "--by", "time", "--lines", "both",
                    "--log", "-f", "svg", "-o", str(target)]) == 0  # fmt: skip
    assert target.read_text().startswith("<svg")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["1"], 2, "at least two"),
        (["1", "1"], 2, "at least two"),
        (["1", "9"], 5, "there is no run '9'"),
        (["1", "2", "--show", "pie"], 2, "pie"),
    ],
    ids=["one", "twice-the-same", "unknown", "wrong-part"],
)
def test_wrong_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    pair()
    assert run_app(["compare", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_loads_no_torch() -> None:
    pair()
    code = (
        "import sys; from labbench.cli.app import run_app;"
        "assert run_app(['compare', '1', '2']) == 0;"
        "assert 'torch' not in sys.modules and 'textual' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
