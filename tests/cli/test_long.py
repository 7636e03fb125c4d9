"""What was given is not repeated whole where it is refused."""

from __future__ import annotations

import pytest

from labbench.cli.app import run_app

LONG = "a" * 100_000


@pytest.mark.parametrize(
    "line",
    [
        "presets _", "presets _ --show", "run _", "run demo --set _", "run demo --set _.x=1",
        "run demo --set model.convs=_", "run demo --data _", "run --resume _", "run --on _",
        "run demo --_", "_", "--_", "runs _", "runs --sort _", "runs rm _ -y",
        "show _", "compare _ 1", "export _ --to csv", "predict _ x", "report --since _",
        "table _", "table custom-ch64-tanh --rows _", "sweep _ --dry-run",
        "sweep custom-ch64 --grid _ --dry-run", "data add _ .", "data add x _", "data show _",
        "data clip _ x", "watch _", "stop _", "doctor _",
    ],
)  # fmt: skip
def test_a_refusal_is_short(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app([word.replace("_", LONG) for word in line.split()]) in range(6)
    said = "".join(capsys.readouterr())
    assert 0 < len(said) < 5_000
    assert "letters]" in said
