"""Which presets are the same cell."""

from __future__ import annotations

from itertools import combinations

import msgspec
import pytest

from labbench.presets import Library, edited, from_tree, resolved, settings_key, to_toml, to_tree
from labbench.presets.declare import load_file
from tests import tiny


@pytest.mark.parametrize(
    "change",
    ["training.seed=7", "training.device=cuda:1", "training.checkpoint_every_s=5", "data.name=x",
     "model.activation=relu", "training.epochs=60"],
)  # fmt: skip
def test_what_makes_no_other_cell(change: str) -> None:
    preset = Library().get("custom-ch32")
    assert settings_key(edited(preset, [change])) == settings_key(preset)


@pytest.mark.parametrize(
    "change",
    ["training.epochs=59", "training.batch=32", "model.channels=31", "optimizer.beta1=0.8",
     "augmentation.gain_db=1", "data.words=one,two", "data.train_share=0.5",
     "training.precision=bf16", "schedule.name=cosine", "model.dropout=0.7"],
)  # fmt: skip
def test_what_makes_another_cell(change: str) -> None:
    preset = Library().get("custom-ch32")
    assert settings_key(edited(preset, [change])) != settings_key(preset)


def test_names_do_not_count_and_sizes_written_out_are_the_same() -> None:
    preset = Library().get("custom-ch64-tanh/8/do0.5")
    renamed = msgspec.structs.replace(preset, name="x", about="y", published=None)
    assert settings_key(renamed) == settings_key(preset) == settings_key(resolved(preset))


def test_it_survives_the_file_of_a_run(tmp_path: object) -> None:
    preset = tiny.preset()
    path = tmp_path / "preset.toml"  # type: ignore[operator]
    path.write_text(to_toml(resolved(preset)))
    assert settings_key(from_tree(load_file(path), "x")) == settings_key(preset)


def test_cells_of_the_report_are_told_apart_where_they_differ() -> None:
    library = Library()

    def what(name: str) -> object:
        tree = to_tree(resolved(library.get(name)))
        return {key: tree[key] for key in ("model", "augmentation", "optimizer", "schedule")}

    for one, other in combinations([n for n in library.names() if "/8" in n or "/16/" in n], 2):
        same = what(one) == what(other)
        keys = settings_key(library.get(one)), settings_key(library.get(other))
        assert (keys[0] == keys[1]) == same, (one, other)
