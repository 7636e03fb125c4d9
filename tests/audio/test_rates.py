"""Any rate to 16 kHz: against sines that are known, and the exact polyphase filter."""

from __future__ import annotations

from itertools import pairwise
from math import gcd

import numpy as np
import pytest
from scipy.signal import resample_poly

from labbench.audio.rates import LARGEST_FACTOR, resampled, resampled_blocks

ODD = (16_001, 24_001, 44_101, 47_999, 63_999, 95_999, 191_999, 767_999)
"""Rates that share no factor with 16,000."""


def tone(hz: float, rate_hz: int) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(rate_hz * 1.1)) / rate_hz)


@pytest.mark.parametrize("rate_hz", ODD)
def test_an_odd_rate_has_the_gain_and_the_lag_of_an_even_one(rate_hz: int) -> None:
    """The phasor of what comes, by its product with the tone that should."""
    for hz in (60.0, 1000.0, 5000.0, 7000.0):
        found = {}
        for rate in (rate_hz, 48_000):
            heard = resampled(tone(hz, rate), rate)[800:-800]
            turns = np.exp(-2j * np.pi * hz * np.arange(800, 800 + len(heard)) / 16_000)
            found[rate] = 2j * np.mean(heard * turns)
        odd, even = found[rate_hz], found[48_000]
        assert abs(20 * np.log10(abs(odd) / abs(even))) < 0.05
        lag = np.angle(odd / even) / (2 * np.pi * hz) * 16_000
        assert abs(lag) < 0.01, "in samples of 16 kHz"
        if hz <= 5000:
            assert abs(20 * np.log10(abs(odd))) < 0.05


@pytest.mark.parametrize("rate_hz", [rate for rate in ODD if rate > 24_001])
def test_what_lies_above_8_khz_does_not_fold_down(rate_hz: int) -> None:
    for hz in (10_000, rate_hz / 2 - 3_000, rate_hz / 2 - 500):
        heard = resampled(tone(hz, rate_hz), rate_hz)[800:-800]
        assert 20 * np.log10(np.abs(heard).max()) < -50


@pytest.mark.parametrize("rate_hz", [16_001, 22_051, 31_999, 47_999])
def test_an_odd_rate_gives_what_the_polyphase_filter_gives(rate_hz: int) -> None:
    noise = np.random.default_rng(rate_hz).normal(size=rate_hz // 2)
    exact = resample_poly(noise, 16_000, rate_hz)
    np.testing.assert_allclose(resampled(noise, rate_hz), exact, atol=1e-5)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 15_999, 22_050, 44_100, 48_000, 192_000])
def test_a_rate_with_common_factors_is_resampled_as_ever_to_the_bit(rate_hz: int) -> None:
    noise = np.random.default_rng(rate_hz).normal(size=rate_hz // 4)
    common = gcd(rate_hz, 16_000)
    assert max(rate_hz, 16_000) // common <= LARGEST_FACTOR
    exact = resample_poly(noise, 16_000 // common, rate_hz // common)
    np.testing.assert_array_equal(resampled(noise, rate_hz), exact)


@pytest.mark.parametrize("rate_hz", [1_000, 8_000, 22_050, 44_100, 47_999, 767_999])
@pytest.mark.parametrize("seconds", [0.01, 1.0, 4.3])
def test_piece_by_piece_is_the_same_as_at_once(
    rate_hz: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbench.audio.rates._BLOCK", 2 * rate_hz)
    noise = np.random.default_rng(0).normal(size=round(rate_hz * seconds))
    cuts = [*range(0, len(noise), max(rate_hz // 3, 100)), len(noise)]
    pieces = list(resampled_blocks((noise[a:b] for a, b in pairwise(cuts)), rate_hz))
    at_once = resampled(noise, rate_hz)
    joined = np.concatenate(pieces)
    assert len(joined) == len(at_once)
    # Rates far above 24 kHz are divided first, from wherever a piece begins; at a sound's very end
    # that can be seen.
    inner, close = (slice(-40), 1e-3) if rate_hz >= 48_000 else (slice(None), 1e-9)
    np.testing.assert_allclose(joined[inner], at_once[inner], atol=close)
    assert max(map(len, pieces)) <= 4 * 16_000
