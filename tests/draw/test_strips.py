"""Strips on one time axis: where values stand, and what they look like."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.audio.stft import spectrogram
from labbench.draw import strips
from labbench.draw.palette import DARK
from labbench.draw.strips import Axis, figure

TIME = np.arange(16_000) / 16_000


@pytest.mark.parametrize(
    ("samples", "rate_hz", "start_s"),
    [(16_000, 16_000.0, 0.0), (5_333, 16_000 / 3, 1 / 16_000), (7, 16_000 / 3**7, 0.06)],
    ids=["first", "second", "deep"],
)
@pytest.mark.parametrize("columns", [1, 7, 53, 200])
def test_each_column_holds_the_samples_of_its_time(
    samples: int, rate_hz: float, start_s: float, columns: int
) -> None:
    parts = Axis(columns).parts(samples, rate_hz, start_s)
    times = start_s + np.arange(samples) / rate_hz
    assert len(parts) == columns
    for x, part in enumerate(parts):
        inside = np.flatnonzero((times >= x / columns - 1e-9) & (times < (x + 1) / columns - 1e-9))
        if len(inside):
            assert list(range(samples))[part] == inside.tolist()
        else:
            middle = (x + 0.5) / columns
            nearest = np.abs(times[part] - middle)
            assert nearest.shape == (1,)
            assert nearest[0] == pytest.approx(np.abs(times - middle).min())


def test_a_click_stands_at_the_same_column_in_every_layer() -> None:
    click = np.zeros(16_000)
    click[8_000] = 1.0
    axis = Axis(50)
    first = axis.ends(click[None], 16_000.0)[1][0].argmax()
    deep_click = np.zeros(5_333)
    deep_click[2_666] = 1.0
    deep = axis.ends(deep_click[None], 16_000 / 3, 1 / 16_000)[1][0]
    assert first == 25
    assert abs(int(deep.argmax()) - 25) <= 1


def test_what_is_below_zero_is_drawn_below_zero_in_another_colour() -> None:
    values = np.concatenate([np.full(8_000, 0.5), np.full(8_000, -1.0)])
    lines = strips.wave(values, Axis(20), 6, DARK, rate_hz=16_000.0)
    plain = [line.plain for line in lines]
    assert plain[0].split()[0] == "0.50"
    assert plain[5].split()[0] == "-1.00"
    assert [line[:6].strip() for line in plain].count("0") == 1
    assert plain[0][6:16].strip()
    assert not plain[0][16:].strip()
    assert plain[5][16:].strip()
    styles = {str(span.style) for span in lines[5].spans}
    assert DARK.validation in styles
    assert DARK.validation not in {str(span.style) for span in lines[0].spans}


def test_values_that_are_never_negative_use_all_the_height() -> None:
    lines = strips.wave(np.abs(np.sin(TIME * 20)), Axis(30), 4, DARK, rate_hz=16_000.0)
    assert lines[3].plain.split()[0] == "0"
    assert lines[0].plain.split()[0] == "1.00"


def test_silence_is_a_line_of_zeros() -> None:
    plain = [line.plain for line in strips.wave(np.zeros(7), Axis(9), 3, DARK, rate_hz=7.3)]
    assert [line[6:] for line in plain] == [" " * 9, "╌" * 9, " " * 9]


def test_the_cursor_goes_through_every_line_and_labels_hide_little() -> None:
    axis = Axis(40, cursor_s=0.5)
    lines = strips.wave(TIME, axis, 3, DARK, rate_hz=16_000.0, said=["a very long name", "short"])
    lines += strips.spectrum(spectrogram(TIME), axis, 4, DARK, said=["far too long for this strip"])
    assert {line.plain[6 + 20] for line in lines} == {strips.CURSOR}
    assert {len(line.plain) for line in lines} == {46}
    assert lines[0].plain.endswith(" short ")
    assert "far too" not in lines[3].plain


def test_channels_are_pooled_by_their_greatest() -> None:
    values = np.arange(12.0).reshape(6, 2)
    assert strips.pooled(values, 3).tolist() == [[2, 3], [6, 7], [10, 11]]
    assert strips.pooled(values[:2], 4).tolist() == [[0, 1], [0, 1], [2, 3], [2, 3]]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (0.834, "0.83"), (-12.44, "-12.4"), (321.9, "322"), (-0.0002, "-2e-4"),
     (12_345.0, "1e4")],
    ids=str,
)  # fmt: skip
def test_figures_take_five_cells(value: float, text: str) -> None:
    assert figure(value) == text
    assert len(text) <= 5


def test_a_tiny_waveform_has_a_dot_where_the_value_is() -> None:
    up = strips.tiny(TIME, 4, Axis(1), 16_000.0, 0.0)
    assert len(up) == 4
    # From the lowest dots at the left to the highest at the right.
    assert up[0] == "⣠"
    assert ord(up[-1]) & 0x08
    assert strips.tiny(np.zeros(9), 3, Axis(1), 9.0, 0.0) == "⣀⣀⣀"
    for odd in (np.nan, np.inf):
        assert strips.tiny(np.full(9, odd), 3, Axis(1), 9.0, 0.0) == "⣀⣀⣀"
