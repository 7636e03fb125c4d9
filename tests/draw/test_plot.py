"""Charts: what downsampling keeps, smoothing, ticks, and figures that share nothing."""

from __future__ import annotations

import math

import numpy as np
import plotext
import plotext._global
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbench.draw.palette import TERMINAL
from labbench.draw.plot import Axes, Series, chart, downsampled, smoothed, ticks

finite = st.floats(-1e6, 1e6, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(st.lists(finite, min_size=1, max_size=400), st.integers(1, 40))
def test_downsampling_keeps_least_and_greatest_of_every_column(
    values: list[float], columns: int
) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    kept_x, kept_y = downsampled(x, y, columns)
    assert len(kept_x) <= max(2 * columns, 1)
    assert (np.diff(kept_x) > 0).all()
    assert (y[kept_x.astype(int)] == kept_y).all()
    assert kept_y.min() == y.min()
    assert kept_y.max() == y.max()
    if len(y) > 2 * columns:
        edges = np.linspace(0, x[-1], columns + 1)
        column = np.searchsorted(edges[1:-1], x, side="right")
        for one in np.unique(column):
            inside = kept_y[np.isin(kept_x, x[column == one])]
            assert inside.min() == y[column == one].min()
            assert inside.max() == y[column == one].max()


def test_downsampling_leaves_out_what_is_not_finite() -> None:
    x, y = downsampled(np.arange(4.0), np.array([1, math.nan, math.inf, 2]), 10)
    assert (x.tolist(), y.tolist()) == ([0, 3], [1, 2])


def test_smoothing_by_hand() -> None:
    # Weights 1, 0.5, 0.25: 2; (0.5*2 + 4) / 1.5; (0.25*2 + 0.5*4 + 8) / 1.75.
    found = smoothed(np.array([2.0, 4.0, 8.0]), 0.5)
    assert found == pytest.approx([2, 5 / 1.5, 10.5 / 1.75])


def test_smoothing_passes_over_gaps() -> None:
    assert smoothed(np.array([3.0, math.nan, 3.0]), 0.9) == pytest.approx([3, 3, 3])


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(1e-4, 1e6), st.integers(4, 20))
def test_ticks_are_round_and_inside(low: float, span: float, most: int) -> None:
    high = low + span
    found, labels = ticks(low, high, most, cells=16)
    assert 1 <= len(found) <= most
    assert len(set(labels)) == len(found)
    slack = 1e-6 * span + 1e-9 * abs(low)
    assert all(low - slack <= tick <= high + slack for tick in found)
    for tick, label in zip(found, labels, strict=True):
        assert float(label.replace(",", "")) == pytest.approx(tick, abs=1e-9 * max(1, abs(tick)))


magnitude = st.one_of(
    st.just(0.0), st.builds(lambda sign, power: sign * 10.0**power, st.sampled_from([-1, 1]),
                            st.floats(-190, 190)),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(magnitude, magnitude, st.integers(4, 20))
def test_ticks_of_any_magnitude_are_short_and_true(one: float, other: float, most: int) -> None:
    low, high = min(one, other), max(one, other)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return
    found, labels = ticks(low, high, most)
    assert len(found) <= most
    assert all(len(label) <= 8 for label in labels)
    assert len(set(labels)) == len(labels)
    for tick, label in zip(found, labels, strict=True):
        assert float(label.replace(",", "")) == pytest.approx(
            tick, rel=1e-9, abs=1e-9 * (high - low)
        )
    if high - low > 0.3 * max(abs(low), abs(high)):
        assert found


@pytest.mark.parametrize(("high", "labels"), [
    (1.2e6, ["0", "500000", "1000000"]), (4e5, ["0", "100,000", "200,000", "300,000", "400,000"]),
    (1.2e9, ["0", "5e+8", "1e+9"]),
    (1.2e12, ["0", "5e+11", "1e+12"]), (3.4e38, ["0", "1e+38", "2e+38", "3e+38"]),
    (1.3e-9, ["0", "5e-10", "1e-9"]), (0.9, ["0.0", "0.2", "0.4", "0.6", "0.8"]),
])  # fmt: skip
def test_how_ticks_are_written(high: float, labels: list[str]) -> None:
    assert ticks(0.0, high, 5)[1] == labels


@pytest.mark.parametrize("log_y", [False, True], ids=["linear", "log"])
@pytest.mark.parametrize("values", [
    [3.4e38, 3.4e38], [1.0, 1e308], [-1e308, 1e308], [2.0, math.inf], [1e-320, 2e-320],
    [1e16, 1e16 + 2], [3.1e12, 3.2e12], [1e-9, 3e-9],
])  # fmt: skip
def test_curves_of_any_height_leave_room_for_themselves(values: list[float], log_y: bool) -> None:
    series = Series(np.array([0.0, 10.0]), np.array(values), "blue")
    drawn = lines_of(Axes((0, 10), log_y=log_y), series)
    assert len(drawn) == 12
    frame = [line.index(sign) for line in drawn for sign in "┤│" if sign in line]
    assert max(frame) <= 8


def lines_of(axes: Axes, *series: Series, width: int = 40, height: int = 12) -> list[str]:
    return chart(series, axes, width, height, TERMINAL).plain.splitlines()


LINE = Series(np.array([0.0, 10.0]), np.array([1.0, 3.0]), "blue")


@pytest.mark.parametrize("size", [(12, 5), (40, 12), (200, 60)])
def test_takes_the_room_it_is_given(size: tuple[int, int]) -> None:
    drawn = lines_of(Axes((0, 10)), LINE, width=size[0], height=size[1])
    assert len(drawn) == size[1]
    assert max(map(len, drawn)) == size[0]


def test_a_rising_line_goes_from_bottom_left_to_top_right() -> None:
    drawn = [line[line.find("│") + 1 :] if "│" in line else line[line.find("┤") + 1 :]
             for line in lines_of(Axes((0, 10)), LINE)[:-2]]  # fmt: skip
    places = [line.index(next(c for c in line if c != " ")) for line in drawn if line.strip()]
    assert places == sorted(places, reverse=True)
    assert places[0] > 25
    assert places[-1] == 0


def test_logarithmic_ticks_are_values_not_exponents() -> None:
    series = Series(np.array([0.0, 1.0, 2.0]), np.array([0.01, 1.0, 0.0]), "blue")
    labels = [line.split("┤")[0].strip() for line in lines_of(Axes((0, 2), log_y=True), series)
              if "┤" in line]  # fmt: skip
    assert "0.1" in labels
    assert "748" not in " ".join(labels)
    assert all(0.01 <= float(label) <= 1.0 for label in labels)


def test_a_dashed_level_and_a_mark() -> None:
    drawn = lines_of(Axes((0, 10), level=2.0, mark=5.0), LINE)
    assert any(line.count("╌") > 5 for line in drawn)
    assert sum("│" in line[20:26] for line in drawn) > 5


@pytest.mark.parametrize(
    "series",
    [
        Series(np.array([]), np.array([]), "blue"),
        Series(np.array([1.0]), np.array([2.0]), "blue"),
        Series(np.array([1.0, 2.0]), np.array([2.0, 2.0]), "dim"),
        Series(np.array([1.0, 2.0]), np.array([math.nan, math.nan]), "#123456"),
        Series(np.array([1.0, 2.0]), np.array([-1.0, 0.0]), "blue"),
        Series(np.array([-1e41, 2.0, 3.0]), np.array([0.0, 1.0, 2.0]), "blue"),
        Series(np.array([1.0, math.nan, math.inf]), np.array([0.0, 1.0, 2.0]), "blue"),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_odd_data_is_drawn_all_the_same(series: Series, log: bool) -> None:
    assert len(lines_of(Axes((0, 3), log_y=log, level=0.5, cursor=1.0), series)) == 12


def test_the_process_wide_figure_of_plotext_is_left_alone() -> None:
    plotext.clear_figure()
    lines_of(Axes((0, 10)), LINE)
    assert plotext._global.figure.monitor.x == []


@given(st.floats(0, 1e6), st.floats(1, 1e6), st.integers(4, 12))
def test_whole_ticks_are_whole_where_there_is_a_whole_number(
    low: float, span: float, most: int
) -> None:
    places, labels = ticks(low, low + span, most, cells=11, whole=True)
    assert places
    assert all(place == pytest.approx(round(place), abs=1e-6) for place in places)
    assert not any("." in label for label in labels)


@pytest.mark.parametrize(("value", "expected"), [(0.0, "0.0"), (1.0, "1.0")])
def test_no_room_is_left_where_there_are_no_values(value: float, expected: str) -> None:
    flat = Series(np.array([1.0, 2.0]), np.array([value, value]), "green")
    axes = Axes((0.0, 2.0), y_bounds=(0.0, 1.0), whole_x=True)
    drawn = chart([flat], axes, 60, 12, TERMINAL).plain.splitlines()
    figures = [line.split("┤")[0].strip() for line in drawn if "┤" in line]
    assert expected in figures
    assert all(0 <= float(figure) <= 1 for figure in figures)
    assert drawn[-1].split() == ["0", "1", "2"]
