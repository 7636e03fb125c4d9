"""Presets by name: shipped ones, cells of tables, and the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labbench import architecture, paths
from labbench.architecture import Model
from labbench.errors import PresetError
from labbench.presets import Library, Preset, published, resolved, to_toml
from labbench.presets.declare import merged

FRIENDLY = {
    "base": ("summary/base/do+bn", 0.9240),
    "custom-ch32": ("summary/custom-ch32/do", 0.9533),
    "custom-ch64": ("summary/custom-ch64/do", 0.9589),
    "vgg": ("summary/vgg/do", 0.9620),
    "custom-ch128": ("summary/custom-ch128/do+bn", 0.9701),
}


@pytest.fixture
def own() -> Path:
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(name: str) -> PresetError:
    with pytest.raises(PresetError) as caught:
        Library().get(name)
    return caught.value


@pytest.mark.parametrize("name", FRIENDLY)
def test_friendly_names_are_the_best_cells_of_the_summary(name: str) -> None:
    library = Library()
    preset, (cell, accuracy) = library.get(name), FRIENDLY[name]
    assert preset.name == name
    assert preset.model == library.get(cell).model
    assert preset.published == library.get(cell).published
    figure = published(preset.published)
    assert figure is not None
    assert figure.accuracy == accuracy
    assert preset.about != library.get(cell).about


def test_names_differ_and_every_one_is_to_be_had() -> None:
    library = Library()
    names = library.names()
    assert len(set(names)) == len(names) == 303 + len(FRIENDLY) + 1
    for name in names:
        assert library.get(name).name == name


def test_the_demo_is_a_small_net_on_synthetic_clips() -> None:
    preset = Library().get("demo")
    assert preset.data.name == "synthetic"
    assert preset.published is None
    assert preset.model.batch_norm
    assert architecture.plan(preset.model, 16).parameters < 50_000
    assert preset.training.epochs <= 5


def test_tables_tell_rows_columns_and_cells() -> None:
    library = Library()
    assert len(library.tables()) == 9
    table = library.table("vgg-ch64-relu-init")
    assert list(table.rows) == ["2", "4", "6", "8", "10", "12", "14", "16", "18"]
    assert len(table.columns) == 6
    assert not table.own
    assert table.rows["2"] == "2 CONV(3, 64), 1 Pool"
    assert all(
        table.cell(row, column) in library.names() for row in table.rows for column in table.columns
    )


def test_no_such_table() -> None:
    with pytest.raises(PresetError, match=r"no table 'sumary'. Did you mean 'summary'\?"):
        Library().table("sumary")
    with pytest.raises(PresetError, match="no table 'demo'"):
        Library().table("demo")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("", 309), ("summary", 15), ("summary/*/do+bn", 5), ("*/1?/bn", 5), ("demo", 1),
        ("DEMO", 0), ("nothing", 0), ("custom-ch64-tanh/?/do0.5", 9), ("*", 309),
    ],
)  # fmt: skip
def test_listing_by_pattern(pattern: str, count: int) -> None:
    assert len(Library().listed(pattern)) == count


def test_listed_is_json_with_null_where_the_report_is_silent() -> None:
    listed = {row.name: row for row in Library().listed()}
    row = json.loads(json.dumps(listed["summary/custom-ch64/bn"].as_dict()))
    assert row == {
        "name": "summary/custom-ch64/bn", "table": "summary", "row": "custom-ch64",
        "column": "bn", "about": row["about"], "parameters": 363_600 + 2 * (4 * 64 + 4 * 128),
        "published_accuracy": None, "published_cell": "summary/custom-ch64/bn", "own": False,
    }  # fmt: skip
    demo = listed["demo"].as_dict()
    assert (demo["table"], demo["published_accuracy"], demo["published_cell"]) == (None,) * 3
    assert listed["vgg"].as_dict()["published_accuracy"] == 0.9620


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("demmo", "Did you mean 'demo'?"),
        ("custom-ch23", "Did you mean 'custom-ch32'?"),
        ("summary/vgg/dp", "Did you mean 'summary/vgg/do'?"),
        ("sumary", "Did you mean 'summary'?"),
        ("summary", "It is a table: name a cell of it, such as 'summary/base/do'."),
        ("qqqqqq", "See `labbench presets`."),
        ("demo/1/2", ""),
        ("", "See `labbench presets`."),
        ("summary/vgg", ""),
        ("summary/vgg/do/x", ""),
    ],
)
def test_no_such_preset(name: str, hint: str) -> None:
    error = refused(name)
    assert f"there is no preset {name!r}" in error.what
    assert hint in error.hint


def test_own_preset_over_a_base(own: Path) -> None:
    put(own, "mine", 'about = "slow"\nbase = "vgg"\n[optimizer]\nlearning_rate = 1e-4\n')
    preset, below = Library().get("mine"), Library().get("vgg")
    assert (preset.name, preset.about) == ("mine", "slow")
    assert preset.model == below.model
    assert preset.optimizer.learning_rate == 1e-4
    assert preset.optimizer.beta1 == below.optimizer.beta1
    assert preset.published == below.published
    assert {row.name for row in Library().listed() if row.own} == {"mine"}


def test_own_preset_with_another_model_is_not_the_reports(own: Path) -> None:
    put(own, "mine", 'base = "vgg"\nmodel.dropout = 0.5\n')
    put(own, "deeper", 'base = "mine"\nmodel.convs = 18\n')
    preset = Library().get("deeper")
    assert preset.published is None
    assert preset.model == Model(family="vgg", convs=18, dropout=0.5)


def test_own_folder_may_be_absent_and_other_files_are_let_be(own: Path) -> None:
    put(own, "mine", "")
    (own / "notes.txt").write_text("not TOML [")
    assert Library().get("mine") == Preset(name="mine")
    assert "mine" not in Library(own=own / "absent").names()


OWN_TABLE = """
about = "depth against rate"
base = "custom-ch32"
training.epochs = 5
[rows.shallow]
label = "Shallow"
model.convs = 4
[rows.deep]
model.convs = 9
[columns."do0.1"]
model.dropout = 0.1
[columns.slow]
optimizer.learning_rate = 1e-4
model.convs = 5
"""


def test_own_table(own: Path) -> None:
    put(own, "depths", OWN_TABLE)
    library = Library()
    names = [name for name in library.names() if name.startswith("depths")]
    assert names == [
        "depths/shallow/do0.1", "depths/shallow/slow", "depths/deep/do0.1", "depths/deep/slow",
    ]  # fmt: skip
    cell = library.get("depths/shallow/do0.1")
    assert cell.model == Model(channels=32, convs=4, dropout=0.1)
    assert cell.training.epochs == 5
    assert cell.published is None
    assert cell.about == "Shallow, do0.1"
    # A column's settings go over its row's.
    assert library.get("depths/shallow/slow").model.convs == 5
    assert library.get("depths/deep/slow").optimizer.learning_rate == 1e-4
    assert library.table("depths").own


def test_a_preset_may_stand_on_a_cell_of_an_own_table(own: Path) -> None:
    put(own, "depths", OWN_TABLE)
    put(own, "mine", 'base = "depths/deep/slow"\n')
    assert Library().get("mine").model == Library().get("depths/deep/slow").model


BROKEN = {
    "too many cells": (
        "".join(f"[rows.r{n}]\n[columns.c{n}]\n" for n in range(101)),
        "a table of 10,201 cells is too large: at most 10,000.",
    ),
    "no columns": ("[rows.a]\n", "a table needs at least one [columns.NAME]"),
    "no rows": ("[columns.a]\n", "a table needs at least one [rows.NAME]"),
    "empty rows": ("[rows]\n[columns.a]\n", "a table needs at least one [rows.NAME]"),
    "rows no table": ("rows = 3\n[columns.a]\n", "a table needs at least one [rows.NAME]"),
    "row no table": ("[rows]\na = 3\n[columns.a]\n", "rows.a must be a table of settings"),
    "slash in row": ('[rows."a/b"]\n[columns.a]\n', "rows.a/b: a name may not hold '/'"),
    "slash in column": ('[rows.a]\n[columns."a/b"]\n', "columns.a/b: a name may not hold '/'"),
    "unknown key": ("abuot = 'x'\n[rows.a]\n[columns.a]\n", "'abuot'. Did you mean 'about'?"),
    "unknown row key": ("[rows.a]\nmodle.convs = 1\n[columns.a]\n", "Did you mean 'model'?"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_table_names_its_file(own: Path, kind: str) -> None:
    text, says = BROKEN[kind]
    path = put(own, "broken", text)
    error = refused("broken/a/a")
    assert error.where.startswith(str(path))
    assert says in str(error)


def test_a_wrong_value_in_a_cell_names_file_row_and_column(own: Path) -> None:
    path = put(own, "broken", "[rows.a]\nmodel.convs = 0\n[columns.b]\n")
    error = refused("broken/a/b")
    assert error.where == f"{path} [a x b]"
    assert "model.convs = 0 is not allowed" in error.what


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base = 'nowhere'", "base: there is no preset 'nowhere'"),
        ("base = 'demmo'", "Did you mean 'demo'?"),
        ("base = 3", "base: there is no preset '3'"),
        ("base = 'summary'", "It is a table"),
        ("bsae = 'vgg'", "'bsae'. Did you mean 'base'?"),
        ("name = 'x'", "there is no key 'name'"),
        ("[published]\ntable = 'summary'\nrow = 'vgg'\ncolumn = 'do'", "no key 'published'"),
        ("[model]\nconvz = 3", "'model.convz'. Did you mean 'convs'?"),
        ("base = 'vgg'\nmodel.convs = 3", "convs = 3 is odd"),
    ],
)
def test_a_broken_preset_names_its_file(own: Path, text: str, says: str) -> None:
    path = put(own, "mine", text)
    error = refused("mine")
    assert error.where == str(path)
    assert says in str(error)


LOOPS = {
    "itself": {"a": "base = 'a'"},
    "two": {"a": "base = 'b'", "b": "base = 'a'"},
    "beside": {"a": "base = 'b'", "b": "base = 'c'", "c": "base = 'b'"},
    "own cell": {"a": "base = 't/r/c'", "t": "base = 't/r/c'\n[rows.r]\n[columns.c]\n"},
    "over a table": {"a": "base = 't/r/c'", "t": "base = 'a'\n[rows.r]\n[columns.c]\n"},
    "two tables": {
        "a": "base = 't/r/c'",
        "t": "base = 'u/r/c'\n[rows.r]\n[columns.c]\n",
        "u": "base = 't/r/c'\n[rows.r]\n[columns.c]\n",
    },
}


@pytest.mark.parametrize("kind", LOOPS)
def test_a_base_that_leads_back_is_refused(own: Path, kind: str) -> None:
    for name, text in LOOPS[kind].items():
        put(own, name, text)
    error = refused("a")
    assert "leads back to itself" in str(error)
    assert str(own) in error.where


def test_a_shipped_name_cannot_be_taken(own: Path) -> None:
    path = put(own, "vgg", "")
    with pytest.raises(PresetError, match="the name 'vgg' is taken") as caught:
        Library()
    assert caught.value.where == str(path)
    assert "Rename" in caught.value.hint


def test_a_path_to_a_file(tmp_path: Path) -> None:
    path = put(tmp_path, "trial", "[model]\nconvs = 5\n")
    assert Library().get(str(path)) == Preset(name="trial", model=Model(convs=5))
    path = put(tmp_path, "over", "base = 'custom-ch32'\n[training]\nepochs = 2\n")
    preset = Library().get(str(path))
    assert (preset.name, preset.model.channels, preset.training.epochs) == ("over", 32, 2)
    assert preset.published == Library().get("custom-ch32").published


def test_a_copy_elsewhere_may_stand_on_the_preset_whose_name_it_has(tmp_path: Path) -> None:
    path = put(tmp_path, "vgg", "base = 'vgg'\n[training]\nepochs = 2\n")
    assert Library().get(str(path)).model.family == "vgg"


def test_a_runs_own_file_gives_its_preset_back(tmp_path: Path) -> None:
    preset = resolved(Library().get("summary/custom-ch32/do"))
    path = put(tmp_path, "preset", to_toml(preset))
    assert Library().get(str(path)) == preset


def test_a_path_that_is_none(tmp_path: Path) -> None:
    error = refused(str(tmp_path / "absent.toml"))
    assert error.where == str(tmp_path / "absent.toml")
    assert "No such file" in error.what
    table = put(tmp_path, "table", "[rows.a]\n[columns.b]\n")
    error = refused(str(table))
    assert "is a table, not one preset" in error.what
    assert str(paths.user_presets_dir()) in error.hint


def test_merged_lays_later_trees_over_earlier_ones_and_changes_none() -> None:
    low, high = {"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}, "b": {"z": 4}}
    out = merged(low, high)
    assert out == {"a": {"x": 1, "y": 3}, "b": {"z": 4}}
    out["b"]["z"] = 5
    out["a"]["x"] = 6
    assert low == {"a": {"x": 1, "y": 2}, "b": 1}
    assert high == {"a": {"y": 3}, "b": {"z": 4}}


WRONG = {
    "no-toml": ("a = ", "not valid TOML"),
    "unknown-key": ('[modle]\nfamily = "custom"', "modle"),
    "wrong-value": ("[model]\nconvs = -3", "convs"),
    "wrong-type": ("model = 3", "model"),
    "no-base": ('base = "nothing"', "nothing"),
    "base-is-wrong": ('base = "unknown-key"', "unknown-key"),
    "itself": ('base = "itself"', "itself"),
    "wrong-table": ("rows = 3\ncolumns = 4", "rows"),
    "wrong-cell": ("[rows.a.model]\nconvs = 999\n[columns.b.model]\nchannels = 8", "convs"),
    "demo": ("", "is taken"),
}


def test_wrong_files_are_left_out_and_told(tmp_path: Path) -> None:
    for stem, (text, _) in WRONG.items():
        (tmp_path / f"{stem}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes(b'about = "caf\xe9"')
    (tmp_path / "good.toml").write_text('base = "custom-ch32"', encoding="utf-8")
    library = Library(own=tmp_path, lenient=True)
    assert library.get("good").model.channels == 32
    assert library.get("demo").data.name == "synthetic"
    assert set(library.wrong) == {f"{stem}.toml" for stem in (*WRONG, "latin")}
    for stem, (_, said) in WRONG.items():
        error = library.wrong[f"{stem}.toml"]
        # Of one that stands on a wrong one, that is what is told.
        where = "unknown-key" if stem == "base-is-wrong" else stem
        assert f"{where}.toml" in error.where
        assert said in str(error)
    shipped = [name for name in library.names() if not library.is_own(name)]
    assert shipped == Library(own=tmp_path / "none").names()
    assert library.names()[-1] == "good"


def test_a_file_that_cannot_be_read_hides_no_other(own: Path) -> None:
    put(own, "mine", 'base = "custom-ch32"')
    put(own, "broken", "[model")
    assert "there is no preset 'nobody'" in str(refused("nobody"))
    library = Library(lenient=True)
    assert library.get("mine").name == "mine"
    assert "mine" in library.names()
    for name in ("broken", "broken/row/column"):
        with pytest.raises(PresetError, match="is not valid TOML"):
            library.get(name)
    with pytest.raises(PresetError, match="is not valid TOML"):
        library.table("broken")


def test_files_that_are_no_presets_keep_no_other_from_being_found(own: Path) -> None:
    """An editor's copy and lock, a file without a name, one that ends as a path does."""
    put(own, "mine", 'base = "demo"')
    put(own, "", "about = 1")
    put(own, ".mine", "about = 1")
    (own / ".#mine.toml").symlink_to("me@host.1")
    put(own, "copy.toml", 'base = "demo"')
    library = Library(lenient=True)
    assert [name for name in library.names() if library.is_own(name)] == ["mine"]
    assert list(library.wrong) == ["copy.toml.toml"]
    assert "no .toml" in str(library.wrong["copy.toml.toml"])


def test_a_long_way_of_bases_is_refused(own: Path) -> None:
    for number in range(1_500):
        put(own, f"c{number}", f'base = "c{number + 1}"')
    put(own, "c1500", 'base = "demo"')
    assert "more than 20 other files" in refused("c0").what
    assert Library().get("c1490").name == "c1490"


def test_what_is_said_about_a_table_is_text(own: Path) -> None:
    put(own, "mine", "about = 5\n[rows.a]\n[columns.b]\n")
    assert "about = 5 is not allowed" in refused("mine/a/b").what
