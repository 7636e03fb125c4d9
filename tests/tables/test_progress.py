"""Tables filled with runs: which run is which cell, figures over seeds, halves compared."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.stats import binomtest

from labbench.errors import PresetError
from labbench.evaluation.paired import sign_test
from labbench.presets import Library, edited
from labbench.runs import Clips, RunFolder, create, identity, status
from labbench.runs.reader import listing
from labbench.tables.cell_block import column_pairs
from labbench.tables.layout import TableLayout
from labbench.tables.progress import Cell, Cells, TableProgress, misses
from tests import tiny

TABLE = "custom-ch64-tanh"
SPEECH = Clips("speech_commands", "f00")


def made(
    cell: str, state: str = "finished", accuracy: float | None = None, *, seed: int = 0,
    clips: Clips = SPEECH, **changes: Any,
) -> RunFolder:  # fmt: skip
    """A run of a cell in a state."""
    preset = edited(Library().get(cell), [f"training.seed={seed}", f"data.name={clips.name}"])
    run = create(preset, fingerprint=clips.fingerprint)
    if state == "finished" and accuracy is None:
        accuracy = 0.9
    told = msgspec.structs.replace(run.status(), state=state, test_accuracy=accuracy, **changes)
    if state == "running":
        told = msgspec.structs.replace(told, writer=status.this_process())
    status.write(run.status_path, told)
    return run


def progress(name: str = TABLE, clips: Clips = SPEECH, **only: Any) -> TableProgress:
    return Cells(listing()[0]).progress_on(TableLayout.of(Library(), name, **only), clips)


def cell(row: str = "8", column: str = "bn", **of: Any) -> Cell:
    return progress(**of).cells[row, column]


def test_a_cell_without_runs_is_missing() -> None:
    assert cell().state == "missing"
    assert (cell().mean, cell().deviation, cell().difference) == (None, None, None)
    assert cell().published == 0.9269


def test_figures_over_seeds() -> None:
    values = [0.91, 0.93, 0.926]
    for seed, value in enumerate(values):
        made(f"{TABLE}/8/bn", accuracy=value, seed=seed)
    made(f"{TABLE}/8/do0.5", accuracy=0.5)
    one = cell()
    assert one.accuracies == tuple(values)
    assert one.mean == pytest.approx(np.mean(values))
    assert one.deviation == pytest.approx(np.std(values, ddof=1))
    assert one.difference == pytest.approx(np.mean(values) - 0.9269)
    assert (one.state, progress().done) == ("finished", 2)


def test_a_run_is_a_cell_by_its_settings_and_not_by_its_name() -> None:
    preset = edited(Library().get("custom-ch64"), ["model.activation=tanh", "model.dropout=0.5"])
    data = msgspec.structs.replace(preset.data, name="speech_commands")
    create(msgspec.structs.replace(preset, name="mine", data=data), fingerprint="f00")
    assert cell(column="do0.5").state == "queued"
    made(f"{TABLE}/8/bn", clips=Clips("speech_commands", "another"))
    assert cell().state == "missing", "other clips of the same name"
    made(f"{TABLE}/8/bn", clips=Clips("copy", "f00"))
    assert cell().state == "finished", "the same clips by another name"


def test_changed_settings_are_another_cell() -> None:
    run = made(f"{TABLE}/8/bn")
    changes = ["training.epochs=3"]
    assert cell(changes=changes).state == "missing"
    create(edited(run.preset(), changes), fingerprint="f00")
    assert cell(changes=changes).state == "queued"
    assert cell().state == "finished"


@pytest.mark.parametrize(
    ("states", "seen"),
    [
        (["failed"], "failed"), (["lost"], "lost"), (["stopped"], "stopped"),
        (["failed", "finished"], "finished"), (["finished", "failed"], "finished"),
        (["failed", "running"], "live"), (["stopped", "queued"], "queued"),
        (["starting", "failed"], "live"),
    ],
    ids="+".join,
)  # fmt: skip
def test_the_run_that_stands_for_a_seed(states: list[str], seen: str) -> None:
    for state in states:
        made(f"{TABLE}/8/bn", "running" if state == "starting" else state)
    assert cell().state == seen


def test_a_seed_that_failed_beside_one_that_finished() -> None:
    made(f"{TABLE}/8/bn", accuracy=0.9)
    made(f"{TABLE}/8/bn", "failed", seed=1)
    assert (cell().state, cell().mean) == ("failed", 0.9)


def test_a_run_from_before_its_status_told_its_settings() -> None:
    run = made(f"{TABLE}/8/bn", accuracy=0.9)
    told = identity(run, run.status())
    about = {"clips": {"name": "speech_commands", "fingerprint": "f00"}}
    (run.path / "run.json").write_bytes(msgspec.json.encode(about))
    old = msgspec.structs.replace(run.status(), settings="", seed=0, fingerprint="", clips="")
    status.write(run.status_path, old)
    assert identity(run, run.status()) == told
    assert cell().mean == 0.9
    broken = made(f"{TABLE}/8/do0.5", settings="")
    (broken.path / "preset.toml").write_text("[")
    assert identity(broken, broken.status()) is None


def test_clips_that_were_made_later_are_known_by_name() -> None:
    made(f"{TABLE}/8/bn", "queued", clips=Clips("synthetic"))
    assert cell(clips=Clips("synthetic", "abc")).state == "queued"
    assert cell(clips=Clips("other", "abc")).state == "missing"


def test_on_which_clips_a_table_is_looked_at() -> None:
    layout = TableLayout.of(Library(), TABLE)
    assert Cells([]).clips(layout) == Clips("synthetic"), "what new runs get"
    made(f"{TABLE}/8/bn")
    assert Cells(listing()[0]).clips(layout) == SPEECH, "that of its runs"
    made(f"{TABLE}/7/bn")
    made(f"{TABLE}/8/do0.5", clips=Clips("synthetic"))
    assert Cells(listing()[0]).clips(layout) == Clips("synthetic")
    tiny.make_clips("one")
    assert Cells(listing()[0]).clips(layout).name == "speech_commands"
    two = tiny.make_clips("two", seed=1)
    assert Cells([]).clips(layout).name == "auto", "several could be meant"
    named = TableLayout.of(Library(), TABLE, changes=["data.name=two"])
    made(f"{TABLE}/8/do0.5+bn", clips=Clips("two", two.meta.fingerprint))
    one = Cells(listing()[0]).progress(named)
    assert (one.done, one.clips.name) == (1, "two")
    assert Cells(listing()[0]).progress_on(named, SPEECH).done == 1, "the cells name their clips"


@pytest.mark.parametrize("name", [table.name for table in Library().tables()])
def test_every_row_has_the_reports_parameters(name: str) -> None:
    layout = TableLayout.of(Library(), name)
    checks = [layout.check(row) for row in layout.rows]
    assert all(check is not None and check.equal for check in checks)


def test_parameters_that_are_not_the_reports_are_found() -> None:
    layout = TableLayout.of(Library(), TABLE, changes=["training.epochs=2"])
    assert layout.check("8") is not None
    assert TableLayout.of(Library(), TABLE, changes=["model.channels=8"]).check("8") is None
    wrong = layout.cells["8", "do0.5"]
    assert wrong.figure is not None
    import dataclasses

    figure = dataclasses.replace(wrong.figure, parameters=1)
    cells = {**layout.cells, ("8", "do0.5"): dataclasses.replace(wrong, figure=figure)}
    check = dataclasses.replace(layout, cells=cells).check("8")
    assert check is not None
    assert not check.equal


@pytest.mark.parametrize(
    ("only", "hint"),
    [({"rows": ["88"]}, "'8'"),
     ({"columns": ["do05"]}, "'do0.5'"), ({"changes": ["x=1"]}, "--set")],
    ids=["row", "column", "change"],
)  # fmt: skip
def test_what_is_not_in_the_table(only: dict[str, list[str]], hint: str) -> None:
    with pytest.raises(PresetError, match=hint):
        TableLayout.of(Library(), TABLE, **only)


def test_rows_and_columns_by_pattern() -> None:
    layout = TableLayout.of(Library(), TABLE, rows=["[78]", "2"], columns=["*bn"])
    assert list(layout.rows) == ["2", "7", "8"]
    assert list(layout.columns) == ["bn", "do0.5+bn"]


@pytest.mark.parametrize(("one", "other"), [(0, 0), (1, 0), (3, 4), (2, 10), (20, 7), (0, 27)])
def test_the_sign_test_is_scipys(one: int, other: int) -> None:
    if one + other == 0:
        assert sign_test(one, other) == 1.0
        return
    assert sign_test(one, other) == pytest.approx(binomtest(one, one + other, 0.5).pvalue)


def test_halves_are_compared_where_both_have_a_figure() -> None:
    name = "custom-ch64-relu-init"
    for row, first, second in (
        ("8", 0.9, 0.95),
        ("7", 0.9, 0.92),
        ("6", 0.9, 0.88),
        ("5", 0.8, 0.8),
    ):
        made(f"{name}/{row}/xavier-bn", accuracy=first)
        made(f"{name}/{row}/he-bn", accuracy=second)
    made(f"{name}/4/he-bn", accuracy=0.1)
    one = column_pairs(progress(name))
    assert one is not None
    assert (one.first, one.second, one.better) == ("xavier", "he", "he")
    assert (one.first_wins, one.second_wins, one.ties) == (1, 2, 1)
    assert one.mean == pytest.approx(np.mean([0.05, 0.02, -0.02, 0.0]))
    assert one.p_value == pytest.approx(binomtest(1, 3).pvalue)
    assert column_pairs(progress()) is None, "no halves"


@pytest.mark.parametrize(
    ("difference", "tolerance", "off"),
    [(None, 0.0, False), (0.01, 0.01, False), (-0.01, 0.01, False), (0.0101, 0.01, True),
     (-0.02, 0.01, True), (0.00004, 0.0, False), (math.nan, 0.01, False)],
)  # fmt: skip
def test_tolerance(difference: float | None, tolerance: float, off: bool) -> None:
    assert misses(difference, tolerance) is off
