"""None"""

from __future__ import annotations

import math

import numpy as np
import pytest

from labbench.audio.stft import SCALES, lowest_hz, placed, spectrogram


def test_a_sine_in_the_middle_of_a_bin_has_its_mean_square_there() -> None:
    """Bin 40 of a 512 window at 16 kHz is 1250 Hz; amplitude 0.5 has a mean square of 0.125.

    A Hann window spreads the line over three bins: 1, 1/4, 1/4 of the power.
    """
    time = np.arange(16_000) / 16_000
    found = spectrogram(0.5 * np.sin(2 * np.pi * 1250 * time))
    assert found.power_FW.shape == (257, (16_000 - 512) // 128 + 1)
    assert found.frequencies_hz[40] == 1250
    np.testing.assert_allclose(found.power_FW[40], 0.125, rtol=1e-6)
    np.testing.assert_allclose(found.power_FW[[39, 41]], 0.125 / 4, rtol=1e-5)
    assert found.power_FW[50:].max() < 1e-8
    assert found.times_s[0] == pytest.approx(256 / 16_000)
    assert np.diff(found.times_s) == pytest.approx(128 / 16_000)


def test_windows_are_those_cut_by_hand() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(size=3000)
    found = spectrogram(samples, window=256, stride=100)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    for index in (0, 7, found.power_FW.shape[1] - 1):
        part = samples[index * 100 : index * 100 + 256] * hann
        power = np.abs(np.fft.rfft(part)) ** 2 / hann.sum() ** 2 * 2
        power[[0, -1]] /= 2
        np.testing.assert_allclose(found.power_FW[:, index], power, rtol=1e-9, atol=1e-15)


def test_decibels_are_under_the_greatest_and_cut_off() -> None:
    time = np.arange(16_000) / 16_000
    found = spectrogram(np.sin(2 * np.pi * 1250 * time)).decibels(60)
    assert found.max() == 0
    assert found.min() == -60
    silent = spectrogram(np.zeros(1000)).decibels(60)
    assert (silent == -60).all()


def test_a_short_sound_is_one_window() -> None:
    assert spectrogram(np.ones(10)).power_FW.shape == (257, 1)
    with pytest.raises(ValueError, match="too small"):
        spectrogram(np.ones(10), stride=0)


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
