"""Waveform and spectrogram on half-block cells."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from labbench.views.clip import ClipView
from labbench.views.export import View
from labbench.views.halfblocks import UPPER, picture
from labbench.views.palette import DARK, LIGHT, ramp
from labbench.views.spectrogram import GUTTER, SpectrogramView
from labbench.views.waveform import WaveformView
from tests.views.drawing import lines

TIME = np.arange(16_000) / 16_000
SINE = 0.5 * np.sin(2 * np.pi * 2_000 * TIME)


@pytest.mark.parametrize("width", [20, 60, 80, 140])
@pytest.mark.parametrize("height", [6, 20, 40])
def test_fits(width: int, height: int) -> None:
    clip = ClipView.of("a.wav", SINE)
    views: tuple[View, ...] = (clip, clip.waveform, clip.spectrogram)
    for view in views:
        drawn = lines(view, width, height)
        assert len(drawn) <= height
        assert max(map(len, drawn)) <= width


def test_a_tone_is_bright_at_its_pitch_only() -> None:
    shares = SpectrogramView.of(SINE).shares(32, 50)
    assert shares.shape == (32, 50)
    # 2 kHz of 8: a quarter of the way up; the top row is the highest frequency.
    assert set(shares.argmax(axis=0)) <= {23, 24}
    assert shares[22:26].max(axis=0).min() > 0.95
    assert shares[:16].max() < 0.3


def test_a_click_is_bright_at_its_time_only() -> None:
    click = np.zeros(16_000)
    click[12_000] = 1.0
    shares = SpectrogramView.of(click).shares(20, 100)
    assert 72 <= shares.sum(axis=0).argmax() <= 78
    assert shares[:, :70].max() == 0


def test_silence_is_dark_and_flat() -> None:
    clip = ClipView.of("a.wav", np.zeros(16_000))
    assert clip.spectrogram.shares(10, 20).max() == 0
    drawn = lines(clip.waveform, 40, 5)
    assert sum(bool(line.strip()) for line in drawn) == 1


def test_a_waveform_reaches_its_peak_on_its_side() -> None:
    samples = np.zeros(1_000)
    samples[250], samples[750] = 0.3, -0.3
    drawn = [line.ljust(100) for line in lines(WaveformView(samples), 100, 6)]
    assert drawn[0][25] in "█▀"
    assert drawn[0].strip() == drawn[0][25]
    assert drawn[5][75] in "█▄"
    assert drawn[5].strip() == drawn[5][75]


def test_axes_tell_seconds_and_khz() -> None:
    drawn = lines(SpectrogramView.of(SINE), 60, 17)
    assert drawn[0].lstrip().startswith("8k")
    assert [line.split()[0] for line in drawn if line[0:5].strip()] == ["8k", "6k", "4k", "2k", "0"]
    assert drawn[-1].split() == ["0", "0.25s", "0.5s", "0.75s", "1s"]
    assert drawn[-1].index("0") == GUTTER


def test_a_cell_shows_the_upper_value_above_the_lower() -> None:
    (line,) = picture(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), "inferno")
    assert line.plain == UPPER * 3
    assert len(line.spans) == 2  # equal neighbours are one piece
    style = line.spans[0].style
    assert not isinstance(style, str)
    assert style.color is not None
    assert style.bgcolor is not None
    assert tuple(style.color.get_truecolor()) == ramp("inferno")[-1]
    assert tuple(style.bgcolor.get_truecolor()) == ramp("inferno")[0]


def test_on_a_light_ground_silence_is_light() -> None:
    (line,) = picture(np.zeros((2, 1)), "inferno", light=LIGHT.light)
    style = line.spans[0].style
    assert not isinstance(style, str)
    assert style.color is not None
    assert tuple(style.color.get_truecolor()) == ramp("inferno")[-1]
    assert not DARK.light


def test_csv_and_json_hold_the_samples() -> None:
    clip = ClipView.of("a.wav", SINE[:800])
    rows = list(csv.DictReader(clip.as_csv().splitlines()))
    assert [float(row["amplitude"]) for row in rows] == SINE[:800].tolist()
    document = clip.as_json()
    assert len(document["spectrogram"]["decibels"]) == 257
    header, *table = clip.spectrogram.as_csv().splitlines()
    assert len(table) == 257
    assert header.count(",") == len(document["spectrogram"]["times_s"])
