"""Figures as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbench import units


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.95327, "0.9533"), (1.0, "1.0000"), (0, "0.0000"), (None, "·"), (math.nan, "·")],
)
def test_accuracy(value: float | None, text: str) -> None:
    assert units.accuracy(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0008, "▲ +0.0008"), (-0.01234, "▼ -0.0123"), (0.0, "= 0.0000"), (0.00004, "= 0.0000"),
        (-0.00004, "= 0.0000"), (0.00006, "▲ +0.0001"), (None, "·"), (math.nan, "·"),
    ],
)  # fmt: skip
def test_difference(value: float | None, text: str) -> None:
    assert units.difference(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"), (0.4, "0.4s"), (9.94, "9.9s"), (9.96, "10s"), (38.2, "38s"), (59.4, "59s"),
        (59.6, "1m 00s"), (725, "12m 05s"), (3599.4, "59m 59s"), (3599.6, "1h 00m"),
        (12_000, "3h 20m"), (86_399.4, "23h 59m"), (86_399.6, "1d 00h"), (187_200, "2d 04h"),
        (-0.2, "0.0s"), (None, "·"), (math.nan, "·"), (math.inf, "·"),
    ],
)  # fmt: skip
def test_duration(seconds: float | None, text: str) -> None:
    assert units.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1536, "1.54 kB"), (999_499, "999 kB"),
        (999_600, "1 MB"), (16_000_000, "16 MB"), (2_428_923_189, "2.43 GB"),
        (999_400_000_000, "999 GB"), (999_600_000_000, "1,000 GB"), (2.5e12, "2,500 GB"),
        (None, "·"),
    ],
)  # fmt: skip
def test_size(count: float | None, text: str) -> None:
    assert units.size(count) == text


@given(st.integers(0, 10**16))
def test_size_is_never_in_powers_of_ten(count: int) -> None:
    text = units.size(count)
    assert "e" not in text
    number, unit = text.replace(",", "").split()
    scale = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert float(number) * scale == pytest.approx(count, rel=0.006)


def test_counts() -> None:
    assert units.whole(51_017) == "51,017"
    assert units.whole(None) == "·"
    assert units.plural(1, "clip") == "1 clip"
    assert units.plural(0, "clip") == "0 clips"
    assert units.plural(5_297, "clip") == "5,297 clips"
    assert units.plural(2, "class", "classes") == "2 classes"
