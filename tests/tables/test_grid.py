"""One-off grids: tables made of a preset and the values some keys are to take."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from labbench.errors import PresetError
from labbench.presets import Library, edited, settings_key
from labbench.tables import grid
from labbench.tables.grid import Axis

AXES = (
    Axis("model.activation", ("relu", "tanh")),
    Axis("model.initializer", ("he_uniform", "orthogonal")),
    Axis("training.batch", ("32", "64")),
)


def test_every_cell_is_the_preset_with_its_values(labbench_home: Path) -> None:
    library = Library()
    changes = ["training.epochs=2", "data.words=one,two"]
    tree = grid.table_of(library, "custom-ch64-tanh/8/do0.5", AXES, changes)
    grid.keep("mine", tree)
    table = Library().table("mine")
    assert list(table.rows) == ["relu", "tanh"]
    assert list(table.columns) == [
        "he_uniform+32",
        "he_uniform+64",
        "orthogonal+32",
        "orthogonal+64",
    ]
    for row, first, second in itertools.product(*(axis.values for axis in AXES)):
        values = [f"model.activation={row}", f"model.initializer={first}",
                  f"training.batch={second}"]  # fmt: skip
        expected = edited(library.get("custom-ch64-tanh/8/do0.5"), [*changes, *values])
        cell = Library().get(f"mine/{row}/{first}+{second}")
        assert settings_key(cell) == settings_key(expected)
        assert cell.published is None


def test_a_grid_of_one_key_and_one_of_lists(labbench_home: Path) -> None:
    axes = [grid.parse("model.channels=8, 16,32")]
    tree = grid.table_of(Library(), "demo", axes, ("data.words=bed,cat",))
    grid.keep("by-channels", tree)
    grid.keep("by-channels", tree)
    assert Library().get("by-channels/32/all").model.channels == 32
    assert grid.default_name("demo", [Axis("model.channels", ("8",))]) == "demo-by-channels"


def test_it_grows_with_more_values_and_never_takes_anothers_place(labbench_home: Path) -> None:
    library = Library()

    def keep(name: str, *said: str, base: str = "demo", changes: tuple[str, ...] = ()) -> None:
        axes = [grid.parse(one) for one in said]
        grid.keep(name, grid.table_of(library, base, axes, changes))

    keep("mine", "model.activation=relu,tanh", "model.dropout=0,0.5")
    keep("mine", "model.activation=tanh,elu", "model.dropout=0.25")
    table = Library().table("mine")
    assert (list(table.rows), list(table.columns)) == (
        ["relu", "tanh", "elu"],
        ["0", "0.5", "0.25"],
    )
    before = (labbench_home / "presets" / "mine.toml").read_text()
    for other in (
        {"base": "custom-ch32"}, {"changes": ("training.epochs=9",)},
    ):  # fmt: skip
        with pytest.raises(PresetError, match="--name"):
            keep("mine", "model.activation=selu", "model.dropout=0", **other)  # type: ignore[arg-type]
    with pytest.raises(PresetError, match="--name"):
        keep("mine", "training.batch=32", "model.dropout=0", changes=("model.activation=tanh",))
    with pytest.raises(PresetError, match="--name"):
        keep("summary", "model.activation=relu")
    assert (labbench_home / "presets" / "mine.toml").read_text() == before


@pytest.mark.parametrize(
    "said",
    ["model.activation", "activation=relu", "model.activation=", "model.activation=relu,relu"],
)
def test_axes_that_are_none(said: str) -> None:
    with pytest.raises(PresetError, match="--grid"):
        grid.parse(said)


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ([Axis("model.activation", ("rellu",))], "relu"),
        ([Axis("model.aktivation", ("relu",))], "activation"),
        ([AXES[0], AXES[0]], "twice"),
    ],
    ids=["value", "key", "twice"],
)
def test_values_that_cannot_be(axes: list[Axis], says: str) -> None:
    with pytest.raises(PresetError, match=says):
        grid.table_of(Library(), "demo", axes)


def test_a_table_held_without_a_file(labbench_home: Path) -> None:
    library = Library()
    library.hold("mine", grid.table_of(library, "demo", AXES[:2]))
    assert library.get("mine/tanh/orthogonal").model.activation == "tanh"
    assert not (labbench_home / "presets").exists()


def test_a_table_from_elsewhere(labbench_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "far.toml"
    path.write_text('base = "demo"\n[rows.a]\nmodel.convs = 3\n[columns.b]\nlabel = "B"\n')
    library = Library()
    assert library.table(str(path)).columns == {"b": "B"}
    assert library.get("far/a/b").model.convs == 3
    taken = tmp_path / "summary.toml"
    taken.write_text(path.read_text())
    with pytest.raises(PresetError, match="taken"):
        library.table(str(taken))
    broken = tmp_path / "broken.toml"
    broken.write_text("[rows.a]\n")
    with pytest.raises(PresetError, match="columns"):
        library.table(str(broken))
    assert "broken" not in [table.name for table in library.tables()]
