"""What is read off evidence, on values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.interpret.attribution.answer import Evidence, Method
from labbench.interpret.clip import ClipRef


def made(values: list[float], rate_hz: float, start_s: float = 0.0, method: Method = "ig",
         baseline: float | None = -1.0, offset: float = 0.0) -> Evidence:  # fmt: skip
    return Evidence(
        clip=ClipRef(name="a.wav", digest=""), method=method, word="b", layer="",
        samples_T=np.zeros(16_000, np.float32), values_M=np.array(values, np.float64),
        rate_hz=rate_hz, start_s=start_s, words=("a", "b"),
        logits_K=np.array([0, np.log(3)], np.float32), baseline=baseline, offset=offset, steps=64,
        window_ms=0, stride_ms=0,
    )  # fmt: skip


def test_scores_and_sums() -> None:
    one = made([1, -2, 4], 3)
    assert one.score == pytest.approx(np.log(3))
    assert one.probabilities.tolist() == pytest.approx([0.25, 0.75])
    assert one.total == 3
    assert one.due == pytest.approx(np.log(3) + 1)
    assert made([1], 1, method="cam", offset=0.5, baseline=None).due == pytest.approx(0.5986, 1e-3)
    for method in ("grad-cam", "occlusion"):
        assert made([1], 1, method=method).total is None  # type: ignore[arg-type]
        assert made([1], 1, method=method).due is None  # type: ignore[arg-type]


def test_few_values_are_drawn_where_they_are() -> None:
    one = made([1, 2, 3, 4], 4, 0.125)
    assert one.times_s.tolist() == [0.125, 0.375, 0.625, 0.875]
    assert one.over(8).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    # The first value is heard late: what is before has the nearest.
    assert made([1, 2, 3, 4], 5, 0.3).over(10).tolist() == [1, 1, 1, 1, 2, 2, 3, 3, 4, 4]


def test_many_values_add_up_or_are_averaged() -> None:
    values = [1.0, 3.0] * 5
    assert made(values, 10, 0.05).over(5).tolist() == [4] * 5
    assert made(values, 10, 0.05, method="occlusion").over(5).tolist() == [2] * 5
    assert made(values, 10, 0.05).over(5).sum() == sum(values)


def test_the_value_at_a_time() -> None:
    one = made([1, 2, 3, 4], 4, 0.125)
    assert [one.place_at(time) for time in (0, 0.37, 0.63, 1)] == [0, 1, 2, 3]
