"""Waveform and spectrogram on half-block cells."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from labbench.audio.browse import ClipFacts
from labbench.audio.stft import Scale
from labbench.draw.export import View
from labbench.draw.halfblocks import UPPER, picture
from labbench.draw.palette import DARK, LIGHT, ramp
from labbench.draw.spectrogram import GUTTER, Look, SpectrogramView
from labbench.draw.waveform import WaveformView
from labbench.views.clips import ClipView
from tests.draw.drawing import lines

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


def tone(hz: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * TIME)


@pytest.mark.parametrize(
    ("scale", "hz", "share"),
    [
        # By hand: log2(800/50) of log2(8000/50) octaves, 2595 log10(1 + 1000/700) of
        # 2595 log10(1 + 8000/700) mel, 2000 of 8000 Hz.
        ("log", 800.0, 4 / 7.3219),
        ("mel", 1000.0, 999.99 / 2840.02),
        ("linear", 2000.0, 0.25),
    ],
)
def test_a_tone_stands_where_its_scale_has_it(scale: Scale, hz: float, share: float) -> None:
    shares = SpectrogramView.of(tone(hz), Look(scale)).shares(80, 20)
    assert shares.shape == (80, 20)
    row = 80 * (1 - share)
    assert abs(shares[:, 10].argmax() + 0.5 - row) <= 1.5


@pytest.mark.parametrize(
    ("scale", "told"),
    [
        ("linear", ["8k", "6k", "4k", "2k", "0"]),
        ("log", ["8k", "4k", "2k", "1k", "500", "250", "125", "50"]),
        ("mel", ["8k", "4k", "2k", "1k", "500", "0"]),
    ],
)
def test_a_scale_tells_its_frequencies(scale: Scale, told: list[str]) -> None:
    view = SpectrogramView.of(SINE, Look(scale))
    labels = view.labels(16)
    assert [labels[row] for row in sorted(labels)] == told
    drawn = lines(view, 60, 17)
    assert [line[:GUTTER].strip() for line in drawn[:-1] if line[:GUTTER].strip()] == told


def test_a_wider_range_shows_what_is_softer() -> None:
    sound = tone(2000) + 0.001 * tone(5000)  # 60 dB below
    wide = SpectrogramView.of(sound, Look(range_db=90)).shares(80, 10)
    narrow = SpectrogramView.of(sound, Look(range_db=40)).shares(80, 10)
    place = round(80 * (1 - 5 / 8))
    assert wide[place - 1 : place + 1].max() == pytest.approx(30 / 90, abs=0.02)
    assert narrow[place - 2 : place + 2].max() == 0


def test_a_window_has_its_bins() -> None:
    document = SpectrogramView.of(SINE, Look("mel", 60, 256, 64)).as_json()
    assert (document["scale"], document["range_db"]) == ("mel", 60)
    assert (document["window"], document["stride"]) == (256, 64)
    assert len(document["frequencies_hz"]) == 129
    assert len(document["times_s"]) == (16_000 - 256) // 64 + 1
    assert np.min(document["decibels"]) == -60


def test_a_head_tells_what_is_known() -> None:
    known = ClipFacts(3, "bed/a.wav", "bed", "train", "jane", 0.85, ("padded",))
    view = ClipView.of("bed/a.wav", SINE, Look("mel"), known)
    drawn = lines(view, 90, 20)
    assert len(drawn) == 20
    assert drawn[0] == "bed/a.wav  bed · train · speaker jane · 0.85 s, padded"
    said = "peak -6.0 dB · mel scale · 70 dB · window 512 (32 ms) every 128 (8 ms)"
    assert drawn[1] == said
    assert view.as_json()["speaker"] == "jane"


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
