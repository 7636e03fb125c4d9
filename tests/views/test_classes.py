"""The table of figures by class."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from labbench import paths
from labbench.views.classes import ORDERS, ClassesView
from tests.draw.drawing import golden, lines, plain, results


@pytest.mark.parametrize(("width", "name"), [(80, "classes-80"), (40, "classes-40")])
def test_golden(width: int, name: str) -> None:
    assert plain(ClassesView(results()), width) == golden(name)


def test_csv_gives_the_reports_table_to_the_last_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(ClassesView(results()).as_csv())))
    file = paths.shipped_dir("data") / "per_class_custom_ch32_do0.75.csv"
    with file.open(newline="") as theirs:
        for ours, row in zip(rows, csv.DictReader(theirs), strict=True):
            assert ours["class"] == row["class"]
            assert ours["support"] == row["support"]
            for name in ("precision", "recall", "f1"):
                assert f"{float(ours[name]):.2f}" == row[name]


@pytest.mark.parametrize("order", [order for order in ORDERS if order != "name"])
def test_orders_put_the_least_first(order: str) -> None:
    document = ClassesView(results(), order).as_json()  # type: ignore[arg-type]
    figures = [row[order] for row in document["classes"]]
    assert figures == sorted(figures)


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_never_wider_than_asked(width: int) -> None:
    assert max(map(len, lines(ClassesView(results()), width))) <= width


def test_notes_and_synthetic_speech_are_said() -> None:
    view = ClassesView(results(np.array([[3, 0], [1, 0]]), ("a", "b"), synthetic=True))
    text = plain(view, 80)
    assert "SYNTHETIC speech" in text
    assert "Never predicted: b" in text
