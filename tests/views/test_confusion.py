"""The heat map: figures, words, colours, and what it does where room is scarce."""

from __future__ import annotations

import numpy as np
import pytest
from rich.color import ColorType

from labbench.draw.palette import LIGHT
from labbench.views.confusion import ConfusionView
from tests.draw.drawing import golden, lines, plain, results, segments

SMALL = results(np.array([[8, 2, 0], [0, 5, 0], [1, 0, 3]]), ("up", "down", "left"))


@pytest.mark.parametrize(("width", "name"), [(80, "confusion-80"), (40, "confusion-40")])
def test_golden(width: int, name: str) -> None:
    assert plain(ConfusionView(results()), width) == golden(name)


def test_every_count_stands_in_its_cell_at_80_columns() -> None:
    view = ConfusionView(results())
    shown = [line.split()[1:17] for line in lines(view, 80)[4:20]]
    wanted = [
        ["·" if not count else str(count) for count in row] for row in view.evaluation.report.matrix
    ]
    assert shown == wanted


def test_fits_80_by_24() -> None:
    drawn = lines(ConfusionView(results()), 80, 24)
    assert len(drawn) <= 24
    assert max(map(len, drawn)) <= 80


@pytest.mark.parametrize("percent", [False, True])
@pytest.mark.parametrize("order", ["name", "confusion"])
@pytest.mark.parametrize("height", [None, 10, 24])
@pytest.mark.parametrize("width", [20, 30, 40, 55, 60, 79, 100, 140])
def test_never_wider_than_asked(width: int, height: int | None, order: str, percent: bool) -> None:
    view = ConfusionView(results(), percent=percent, order=order).at(15, 15)  # type: ignore[arg-type]
    drawn = lines(view, width, height)
    assert max(map(len, drawn)) <= width
    if height and width >= 40:
        assert len(drawn) <= max(height, 14)


def test_narrow_says_what_is_not_shown() -> None:
    text = plain(ConfusionView(results()).at(15, 0), 40, 18)
    assert "shades of the row's clips: too narrow" in text
    assert "of 16" in text
    assert "tree  " in text  # the marked row stays in sight


def test_large_counts_become_percent_and_say_so() -> None:
    text = plain(ConfusionView(results(report_times(1000), results().report.words)), 80)
    assert "percent of row: too narrow for counts" in text


def report_times(factor: int) -> np.ndarray:
    return results().report.matrix * factor


def test_percent_of_the_row() -> None:
    row = lines(ConfusionView(SMALL, percent=True), 80)[4].split()
    assert row == ["up", "80", "20", "·", ".80", "10"]


def test_precision_stands_below_the_columns() -> None:
    row = lines(ConfusionView(SMALL), 80)[7].split()
    assert row == ["prec", ".89", ".71", "1.0"]  # 8/9, 5/7, 3/3


def test_a_cell_explains_itself() -> None:
    view = ConfusionView(SMALL)
    assert view.explain(0, 1) == "up → down: 2 clips (20.0% of up); down → up: 0 (0.0%)."
    assert view.explain(1, 1) == "down: 5 of 5 clips correct (100.0%)."


def test_a_marked_cell_is_explained_and_marked_without_colour() -> None:
    text = plain(ConfusionView(SMALL).at(0, 1), 80)
    assert "[2]" in text
    assert "up → down: 2 clips" in text


def test_the_mark_stays_within_the_matrix() -> None:
    assert ConfusionView(SMALL).at(-4, 99).cell == (0, 2)


def test_a_class_without_clips_explains_itself() -> None:
    view = ConfusionView(results(np.array([[3, 0], [0, 0]]), ("a", "b")))
    assert view.explain(1, 0) == "b: the split has no clips of it."


def test_order_by_confusion_moves_rows_and_columns_together() -> None:
    document = ConfusionView(results(), order="confusion").as_json()
    matrix, words = np.array(document["matrix"]), document["words"]
    assert set(words[:2]) == {"tree", "three"}
    assert matrix[words.index("tree"), words.index("three")] == 15
    assert np.trace(matrix) == 4590


def test_explanations_follow_the_order() -> None:
    view = ConfusionView(results(), order="confusion")
    words = view.as_json()["words"]
    row, column = words.index("tree"), words.index("three")
    assert view.explain(row, column).startswith("tree → three: 15 clips")


def test_right_and_wrong_have_scales_of_their_own() -> None:
    # 8 of 10 right and the worst confusion both stand out, each on its own scale.
    by_text = {
        one.text.strip(): one.style for one in segments(ConfusionView(SMALL), 80) if one.style
    }
    right, wrong = by_text["8"], by_text["2"]
    assert right.bgcolor is not None
    assert wrong.bgcolor is not None
    assert right.bgcolor.type == wrong.bgcolor.type == ColorType.TRUECOLOR
    red, green, _ = right.bgcolor.get_truecolor()
    assert green > red  # the green end of viridis
    red, green, _ = wrong.bgcolor.get_truecolor()
    assert red > green  # the warm end of inferno


def test_zero_has_no_background() -> None:
    zeros = [one for one in segments(ConfusionView(SMALL), 80, LIGHT) if one.text.strip() == "·"]
    assert zeros
    assert all(one.style is None or one.style.bgcolor is None for one in zeros)


def test_csv_is_the_reports_file() -> None:
    from labbench import paths

    file = paths.shipped_dir("data") / "confusion_custom_ch32_do0.75.csv"
    assert ConfusionView(results()).as_csv() == file.read_text()


def test_no_confusions_at_all() -> None:
    view = ConfusionView(results(np.diag([3, 4]), ("a", "b")))
    assert "No confusions: all clips correct." in plain(view, 80)
