"""Ours beside the published accuracy: one rule, held wherever a run or a table is told of."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from labbench.cli.app import run_app
from labbench.errors import MissedError
from labbench.evaluation.compare import compare, difference_to_published
from tests import recorded


def test_hand_worked_standard_error() -> None:
    comparison = compare(0.9, 0.91, 900, synthetic=False)
    assert comparison is not None
    assert comparison.difference == pytest.approx(-0.01)
    assert comparison.standard_error == pytest.approx(0.01)  # sqrt(0.9 * 0.1 / 900)
    assert comparison.within
    assert comparison.in_words() == "within one standard error (±0.0100 on 900 clips)"


def test_outside() -> None:
    comparison = compare(0.9, 0.934, 900, synthetic=False)
    assert comparison is not None
    assert not comparison.within
    assert comparison.in_words() == "3.4 standard errors away (±0.0100 on 900 clips)"


def test_perfect_accuracy_has_no_standard_error() -> None:
    comparison = compare(1.0, 0.9, 10, synthetic=False)
    assert comparison is not None
    assert comparison.standard_error == 0
    assert comparison.in_words() == "beyond one standard error (±0.0000 on 10 clips)"


@pytest.mark.parametrize("pair", [(None, 0.9), (0.9, None), (math.nan, 0.9)])
def test_nothing_to_compare(pair: tuple[float | None, float | None]) -> None:
    assert compare(*pair, 10, synthetic=False) is None


def test_a_difference_is_ours_less_the_published_one() -> None:
    assert difference_to_published(0.9, 0.95, synthetic=False) == pytest.approx(-0.05)
    for ours, published in ((None, 0.9), (0.9, None), (float("nan"), 0.9)):
        assert difference_to_published(ours, published, synthetic=False) is None
        assert compare(ours, published, 100, synthetic=False) is None


def test_there_is_none_to_synthetic_speech() -> None:
    assert difference_to_published(0.9, 0.95, synthetic=True) is None
    assert compare(0.9, 0.95, 100, synthetic=True) is None


TOLD = re.compile(r'[▲▼]|"(?:mean_)?difference": -?\d|\(0\.\d{4}, [+-]|mean Δ')
"""A difference, in words, JSON or a table's cell."""

TABLE = "custom-ch64-tanh"
OF_TABLE = f"{TABLE} --set training.epochs=12"

COMMANDS = (
    "runs", "runs --json", "show 1", "show 1 --json", "show 1 classes", f"table {OF_TABLE}",
    f"table {OF_TABLE} --format json", f"table {OF_TABLE} --format md",
    f"reproduce {OF_TABLE} --json", "report 1 --format md -o -",
)  # fmt: skip
"""All that set a run beside its published figure."""


@pytest.mark.parametrize("synthetic", [False, True])
def test_no_command_tells_a_difference_of_synthetic_speech(
    synthetic: bool, labbench_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded.record(preset=f"{TABLE}/8/do0.5", synthetic=synthetic)
    for command in COMMANDS:
        assert run_app(command.split()) in (0, MissedError.exit_code), command
        said = capsys.readouterr().out
        assert "0.953" in said or "reproduce" in command, command
        assert bool(TOLD.search(said)) is not synthetic, (command, said)
