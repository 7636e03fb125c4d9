"""`labbench table` and `reproduce` by command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from labbench.cli import table
from labbench.cli.app import run_app
from labbench.errors import MissedError, PresetError
from labbench.tables import progress
from tests.recorded import record

TABLE, SET = "custom-ch64-tanh", ("--set", "training.epochs=12")


@pytest.fixture
def runs(labbench_home: Path) -> None:
    record(preset=f"{TABLE}/8/do0.5", test_accuracy=0.9441)
    record(preset=f"{TABLE}/8/bn", test_accuracy=0.9001)
    record(preset=f"{TABLE}/9/bn", state="running", epochs=7)


def test_reproduce_names_what_misses(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["reproduce", TABLE, *SET]) == MissedError.exit_code == 9
    told = capsys.readouterr()
    assert f"{TABLE}/8/bn" in told.out
    assert f"{TABLE}/8/do0.5" not in told.out
    assert "1 of 2 figures within 0.01; 1 miss it; 25 published cells have no figure" in told.err


def test_reproduce_within_the_tolerance(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["reproduce", TABLE, *SET, "--tolerance", "0.0268"]) == 0
    assert run_app(["reproduce", TABLE, *SET, "--columns", "do0.5"]) == 0
    capsys.readouterr()
    assert run_app(["reproduce", *SET, "--json", "--tolerance", "0.02"]) == 9
    told = json.loads(capsys.readouterr().out)
    assert (told["compared"], told["missed"], len(told["tables"])) == (2, 1, 9)
    assert [cell["within"] for cell in told["cells"]] == [True, False]


def test_reproduce_without_a_run(labbench_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["reproduce"]) == 0
    assert "0 of 0 figures within 0.01; 0 miss it; 257 published cells" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["ansi", "md", "csv", "json", "latex", "html"])
def test_table_in_every_format(
    runs: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert run_app(["table", TABLE, *SET, "-f", form]) == 0
    printed = capsys.readouterr().out
    assert "0.9001" in printed
    path = tmp_path / "table"
    assert run_app(["table", TABLE, *SET, "-f", form, "-o", str(path)]) == 0
    assert path.read_text() == printed


def test_all_tables(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["table", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 9
    assert run_app(["table"]) == 0
    assert "custom-ch64-relu-init" in capsys.readouterr().out
    assert run_app(["table", "--format", "latex"]) == 2
    assert run_app(["table", "custom-ch64-tan"]) == PresetError.exit_code


def test_rows_are_sorted(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    record(preset=f"{TABLE}/5/bn", test_accuracy=0.93)

    def order(*options: str) -> list[str]:
        assert run_app(["table", TABLE, *SET, "--json", *options]) == 0
        return [row["row"] for row in json.loads(capsys.readouterr().out)["rows"]]

    as_printed = order()
    assert order("--sort", "ours", "--by", "bn")[:3] == ["5", "8", as_printed[0]]
    assert order("--sort", "ours")[0] == "8"
    published = order("--sort", "published", "--by", "bn")
    assert sorted(published) == sorted(as_printed)
    assert published != as_printed
    assert run_app(["table", TABLE, *SET, "--sort", "ours", "--by", "b"]) == PresetError.exit_code
    assert "shows no column 'b'" in capsys.readouterr().err
    assert run_app(["table", "--sort", "ours"]) == 2
    assert "name it" in capsys.readouterr().err


def test_orders_are_those_of_the_rule() -> None:
    assert get_args(table.Sort) == get_args(progress.RowSort) == tuple(progress.ROW_SORTS)


def test_a_table_on_one_data_set_only(runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["table", TABLE, *SET, "--json", "--data", "mine"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 0
