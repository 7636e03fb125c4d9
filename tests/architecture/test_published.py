"""Every one of the report's 303 cells is a preset by name, with its figures."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from labbench import architecture
from labbench.presets import Library, Preset, published

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "seed" / "published.csv"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


CELLS = read(ROOT / "data" / "published.csv")


def name_of(cell: dict[str, str]) -> str:
    return f"{cell['table']}/{cell['row']}/{cell['column']}"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(own=tmp_path_factory.mktemp("own"))


def without_batch_norm(preset: Preset) -> int:
    """Trainable parameters, less two for each channel a batch normalisation has."""
    plan = architecture.plan(preset.model, len(preset.data.words))
    norms = sum(2 * conv.channels for conv in plan.convs) if preset.model.batch_norm else 0
    return plan.parameters - norms


def test_the_report_has_303_different_cells() -> None:
    assert len({name_of(cell) for cell in CELLS}) == len(CELLS) == 303
    assert len({cell["table"] for cell in CELLS}) == 9


@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_cell_is_a_preset_with_the_published_figures(
    library: Library, cell: dict[str, str]
) -> None:
    preset = library.get(name_of(cell))
    counted = without_batch_norm(preset)
    if (cell["table"], cell["row"]) == ("summary", "custom-ch128"):
        counted += 4096
    assert counted == int(cell["parameters"])
    figure = published(preset.published)
    assert figure is not None
    assert figure.accuracy == (float(cell["accuracy"]) if cell["accuracy"] else None)
    assert figure.parameters == int(cell["parameters"])
    assert figure.label == cell["label"]
    assert figure.note == cell["note"]


@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_cell_is_the_model_that_its_names_tell(library: Library, cell: dict[str, str]) -> None:
    preset = library.get(name_of(cell))
    model, table, column = preset.model, cell["table"], cell["column"]
    assert model.batch_norm == ("bn" in column)
    assert model.activation == ("tanh" if "tanh" in table else "relu")
    assert model.initializer == ("he_uniform" if "he-" in column else "xavier_uniform")
    # The summary's columns say only `do`; its labels give the rate, but for base.
    rate = re.search(r"do([\d.]+)", column) or re.search(r"DO\(([\d.]+)\)", cell["label"])
    dropout = float(rate.group(1)) if rate else 0.5
    assert model.dropout == (dropout if "do" in column else 0.0)
    if model.family == "base":
        return
    # "8 CONV(5, 128)": how many convolutions, kernel and channels of the last one.
    told = re.search(r"(\d+) CONV\((\d+), (\d+)\)", cell["label"])
    assert told is not None
    convs = architecture.plan(model, 16).convs
    assert (len(convs), convs[-1].kernel, convs[-1].channels) == tuple(map(int, told.groups()))


def test_channel_128_with_batch_norm_counts_what_the_report_prints(library: Library) -> None:
    preset = library.get("summary/custom-ch128/do+bn")
    assert architecture.plan(preset.model, 16).parameters == 2_071_184


def test_the_listing_counts_batch_norm_and_carries_the_figures(library: Library) -> None:
    listed = {row.name: row.as_dict() for row in library.listed() if "/" in row.name}
    assert set(listed) == {name_of(cell) for cell in CELLS}
    for cell in CELLS:
        row = listed[name_of(cell)]
        assert row["published_accuracy"] == (float(cell["accuracy"]) if cell["accuracy"] else None)
        assert (row["table"], row["row"], row["column"]) == (
            cell["table"], cell["row"], cell["column"],
        )  # fmt: skip
    assert listed["summary/custom-ch32/do"]["parameters"] == 94_768
    assert listed["summary/custom-ch32/do+bn"]["parameters"] == 94_768 + 2 * (4 * 32 + 4 * 64)


def squeezed(label: str) -> str:
    """A label without what typesetting put into it."""
    return "".join(label.replace("$", "").replace(r"\cdot", "*").split())


@pytest.mark.skipif(not SEED.exists(), reason="the report's own figures are not beside it")
def test_data_and_presets_agree_with_the_report_cell_by_cell(library: Library) -> None:
    report = read(SEED)
    assert len(report) == len(CELLS)
    for cell, own in zip(report, CELLS, strict=True):
        name = name_of(own)
        assert cell["table"] == own["table"]
        assert (cell["accuracy"], cell["params"]) == (own["accuracy"], own["parameters"]), name
        assert squeezed(cell["label"]) == squeezed(own["label"]), name
        model = architecture.families.resolved(library.get(name).model)
        rate = float(cell["regularizer"].split("+")[0][2:]) if "do" in cell["regularizer"] else 0.0
        assert (
            model.family, model.convs, model.kernel, model.channels, model.activation,
            model.initializer, model.dropout, model.batch_norm,
        ) == (
            cell["family"], int(cell["convs"]), int(cell["kernel"]), int(cell["channels"]),
            cell["activation"], cell["initializer"], rate, "bn" in cell["regularizer"],
        ), name  # fmt: skip
