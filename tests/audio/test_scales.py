from __future__ import annotations

import math

import numpy as np
import pytest

from labbench.audio.scales import SCALES, lowest_hz, placed


def test_mel_is_the_published_formula() -> None:
    """O'Shaughnessy's, in its other form 1127 ln(1 + f / 700), and worked by hand: 700 Hz is
    2595 log10 2 = 781.17 mel."""
    hz = np.array([0.0, 100.0, 700.0, 1000.0, 4000.0, 8000.0])
    other = [1127.01048 * math.log1p(f / 700) for f in hz]
    np.testing.assert_allclose(placed(hz, "mel"), other, rtol=2e-5)
    assert placed(np.array([700.0]), "mel")[0] == pytest.approx(781.17, abs=0.005)
    assert placed(np.array([1000.0]), "mel")[0] == pytest.approx(1000, abs=0.02)


def test_octaves_are_equally_far_apart_on_a_log_scale() -> None:
    places = placed(np.array([100.0, 200.0, 400.0, 800.0]), "log")
    np.testing.assert_allclose(np.diff(places), 1.0)
    assert placed(np.array([0.0]), "log") == placed(np.array([lowest_hz("log")]), "log")


@pytest.mark.parametrize("scale", SCALES)
def test_higher_stands_higher(scale: str) -> None:
    hz = np.linspace(lowest_hz(scale), 8000, 200)  # type: ignore[arg-type]
    assert (np.diff(placed(hz, scale)) > 0).all()  # type: ignore[arg-type]
