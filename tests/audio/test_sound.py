from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labbench.audio.meta import Flag
from labbench.audio.reading import UnreadableError
from labbench.audio.sound import decode, read_clip, read_whole
from labbench.errors import DataError


def encoded(
    samples: np.ndarray, rate_hz: int, form: str = "WAV", subtype: str | None = None
) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, samples, rate_hz, format=form, subtype=subtype)
    return target.getvalue()


def sine(hz: float, rate_hz: int, seconds: float = 1.0, amplitude: float = 0.5) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def test_a_second_of_16_khz_mono_16_bit_is_copied_to_the_bit() -> None:
    samples = np.random.default_rng(0).integers(-32768, 32767, 16_000, dtype=np.int16)
    sound = decode(encoded(samples, 16_000))
    np.testing.assert_array_equal(sound.samples, samples)
    assert (sound.length, sound.flags) == (16_000, Flag(0))


def test_a_short_one_is_followed_by_zeros_and_a_long_one_cut() -> None:
    samples = np.arange(1, 20_001, dtype=np.int16)
    short = decode(encoded(samples[:9000], 16_000))
    np.testing.assert_array_equal(short.samples[:9000], samples[:9000])
    assert not short.samples[9000:].any()
    assert (short.length, short.flags) == (9000, Flag.PADDED)
    long = decode(encoded(samples, 16_000))
    np.testing.assert_array_equal(long.samples, samples[:16_000])
    assert (long.length, long.flags) == (20_000, Flag.CUT)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_other_rates_are_resampled_as_theory_has_it(rate_hz: int) -> None:
    sound = decode(encoded(sine(1000, rate_hz), rate_hz, subtype="FLOAT"))
    assert sound.flags & Flag.RESAMPLED
    assert sound.length == 16_000
    middle = slice(2000, 14_000)
    expected = sine(1000, 16_000)[middle] * 32768
    assert np.abs(sound.samples[middle] - expected).max() < 60


def test_resampling_lets_nothing_alias() -> None:
    """12 kHz does not fit under the Nyquist frequency of 8 kHz: it must vanish, not fold."""
    sound = decode(encoded(sine(12_000, 48_000), 48_000, subtype="FLOAT"))
    assert np.abs(sound.samples[1000:15_000]).max() < 33


def test_channels_are_averaged() -> None:
    left, right = sine(500, 16_000), sine(900, 16_000)
    both = np.rint(np.stack([left, right], 1) * 32767).astype(np.int16)
    sound = decode(encoded(both, 16_000))
    assert sound.flags == Flag.MIXED
    assert np.abs(sound.samples - both.astype(float).mean(axis=1)).max() <= 0.5


@pytest.mark.parametrize(
    ("form", "subtype", "close"),
    [
        ("WAV", "PCM_U8", 200), ("WAV", "PCM_24", 1), ("WAV", "PCM_32", 1), ("WAV", "FLOAT", 1),
        ("WAV", "DOUBLE", 1), ("FLAC", "PCM_16", 1), ("OGG", "VORBIS", 1500),
        ("MP3", "MPEG_LAYER_III", 1500),
    ],
)  # fmt: skip
def test_formats(form: str, subtype: str, close: int) -> None:
    sound = decode(encoded(sine(700, 16_000), 16_000, form, subtype))
    expected = sine(700, 16_000) * 32768
    error = np.abs(sound.samples.astype(float) - expected)[2000:14_000]
    assert np.median(error) < close
    assert not sound.flags & (Flag.RESAMPLED | Flag.MIXED)


def test_floats_beyond_full_scale_are_clipped() -> None:
    sound = decode(encoded(np.array([3.0, -3.0, 0.25]), 16_000, subtype="FLOAT"))
    assert sound.samples[:3].tolist() == [32767, -32768, 8192]
    assert sound.flags & Flag.CLIPPED
    full = decode(encoded(np.array([1.0, -1.0]), 16_000, subtype="FLOAT"))
    assert not full.flags & Flag.CLIPPED


def test_a_torn_mp3_is_refused_not_padded() -> None:
    content = encoded(sine(700, 16_000), 16_000, "MP3")
    with pytest.raises(UnreadableError, match=r"torn: .* of 16,000 samples"):
        decode(content[: len(content) * 6 // 10])


WAV = encoded(np.ones(16_000, np.int16), 16_000)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"no sound at all", "not sound"),
        (WAV[:9000], "torn"),
        (encoded(np.zeros(0, np.int16), 16_000), "no samples"),
        (encoded(np.array([0.0, np.nan]), 16_000, subtype="FLOAT"), "no numbers"),
        (encoded(np.array([0.0, np.inf]), 16_000, subtype="FLOAT"), "no numbers"),
    ],
    ids=["empty", "text", "torn", "no-samples", "nan", "infinite"],
)
def test_what_cannot_be_a_clip_says_why(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        decode(content)


def test_a_users_own_file_becomes_a_clip_by_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "mine.wav"
    path.write_bytes(encoded(sine(440, 8_000, seconds=0.5), 8_000))
    sound = read_clip(path)
    assert (sound.length, sound.flags) == (8000, Flag.RESAMPLED | Flag.PADDED)
    assert sound.samples.shape == (16_000,)
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"mine\.wav.*is empty"):
        read_clip(path)


def test_a_users_own_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(encoded(sine(440, 8_000, seconds=3.5), 8_000))
    with read_whole(path) as whole:
        samples = np.concatenate(list(whole.pieces))
    assert (whole.rate_hz, whole.channels, whole.length) == (8_000, 1, 56_000)
    assert samples.dtype == np.float32
    assert len(samples) == 56_000
    assert 0.49 < np.abs(samples[1000:-1000]).max() < 0.51


def test_what_is_no_sound_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello")
    os.mkfifo(tmp_path / "pipe.wav")
    told = {"none.wav": "cannot be read: No such", "text.wav": "not sound", "pipe.wav": "no plain",
            "nul\0.wav": "cannot be read", ".": "no plain"}  # fmt: skip
    for name, why in told.items():
        with pytest.raises(DataError, match=why), read_whole(tmp_path / name):
            pass
        with pytest.raises(DataError, match=why):
            read_clip(tmp_path / name)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "form", "subtype"),
    [(16_000, 1, "WAV", "PCM_16"), (44_100, 2, "FLAC", "PCM_16"), (22_050, 2, "OGG", "VORBIS"),
     (48_000, 1, "MP3", "MPEG_LAYER_III"), (8_000, 2, "WAV", "FLOAT")],
    ids=["wav", "flac", "ogg", "mp3", "float"],
)  # fmt: skip
def test_the_first_second_of_the_whole_is_the_clip(
    tmp_path: Path, rate_hz: int, channels: int, form: str, subtype: str
) -> None:
    path = tmp_path / "some"
    noise = np.random.default_rng(1).uniform(-0.9, 0.9, (3 * rate_hz, channels))
    path.write_bytes(encoded(noise, rate_hz, form, subtype))
    with read_whole(path) as whole:
        samples = np.concatenate(list(whole.pieces))
    assert whole.channels == channels
    assert len(samples) == whole.length
    assert abs(len(samples) - 48_000) < 2_000
    clip = read_clip(path).samples / 32768
    # One step of 16 bits: floats may be rounded another way.
    np.testing.assert_allclose(samples[:16_000], clip, atol=1.01 / 32768)
