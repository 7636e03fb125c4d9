"""One sound file -> one clip: a second of 16 kHz mono int16.

Rules, each counted by its flag: channels are averaged (MIXED); other rates are resampled by a
polyphase filter (RESAMPLED); only the first second is kept (CUT); a shorter sound is followed by
zeros (PADDED). Floats are scaled from full scale 1, and what is beyond it is clipped (CLIPPED).
16 kHz mono 16-bit sound is copied sample by sample.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt

from labbench.audio.meta import Flag
from labbench.errors import DataError
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
"""Files that are taken for sound."""

RULES = (
    "channels are averaged",
    "floats are scaled from full scale 1; what is beyond it is clipped",
    "other sample rates are resampled to 16 kHz by a polyphase filter (scipy.signal.resample_poly)",
    "longer than one second: the first second is kept",
    "shorter than one second: zeros follow",
)

_MARGIN = 0.1
"""Seconds read past the first one, so that the resampling filter sees no edge there."""

_FULL_SCALE = 32768

LONGEST_S = 3600
"""A longer file is not read whole."""


class UnreadableError(ValueError):
    """Why a file cannot be a clip, in words that follow its name."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip and what was done to make it one."""

    samples: npt.NDArray[np.int16]
    """(16000,)"""
    length: int
    """Samples at 16 kHz before padding or cutting."""
    flags: Flag


def decode(content: bytes) -> Sound:
    """The clip of a file's content (wav, flac, ogg, mp3).

    Raises:
        UnreadableError: it is empty, torn, no sound, or not finite.
    """
    if not content:
        raise UnreadableError("is empty")
    _refuse_torn(content)
    samples, rate_hz, frames = _read(content, 1 + _MARGIN)
    flags = Flag.MIXED if samples.shape[1] > 1 else Flag(0)
    mono = _mono(samples)
    if rate_hz != SAMPLE_RATE_HZ:
        flags |= Flag.RESAMPLED
        mono = resampled(mono, rate_hz)
    length = round(frames * SAMPLE_RATE_HZ / rate_hz)
    clip = np.zeros(CLIP_SAMPLES, np.int16)
    kept = mono[:CLIP_SAMPLES]
    clip[: len(kept)] = as_int16(kept)
    if kept.dtype != np.int16 and np.abs(kept).max() > 1:
        flags |= Flag.CLIPPED
    if length < CLIP_SAMPLES:
        flags |= Flag.PADDED
    if length > CLIP_SAMPLES:
        flags |= Flag.CUT
    return Sound(clip, length, flags)


def read_clip(path: Path) -> Sound:
    """The clip of a user's own file, made by the rules of every data set.

    Raises:
        DataError: it cannot be read as sound.
    """
    with _told(path):
        return decode(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a sound file."""

    samples: npt.NDArray[np.float32]
    """(T,) at 16 kHz, in [-1, 1), channels averaged."""
    rate_hz: int
    """Of the file."""
    channels: int
    """Of the file."""


def read_whole(path: Path) -> Whole:
    """All of a user's own file, an hour at most.

    Raises:
        DataError: it cannot be read as sound, or is longer.
    """
    with _told(path):
        mono, rate_hz, channels = _read_mono(path)
    samples = as_int16(resampled(mono, rate_hz)) / np.float32(_FULL_SCALE)
    return Whole(samples.astype(np.float32), rate_hz, channels)


def _read_mono(path: Path) -> tuple[npt.NDArray[np.generic], int, int]:
    """(T,) with channels averaged, read piece by piece; rate in Hz and number of channels."""
    import soundfile

    parts = []
    try:
        with path.open("rb") as content, soundfile.SoundFile(content) as file:
            rate_hz, channels, frames = int(file.samplerate), int(file.channels), int(file.frames)
            if frames > LONGEST_S * rate_hz:
                raise UnreadableError(f"is longer than {LONGEST_S // 60} minutes")
            dtype = "int16" if file.subtype == "PCM_16" else "float64"
            for part in file.blocks(1 << 20, dtype=dtype, always_2d=True):
                mono = _mono(part)
                parts.append(mono if mono.dtype == np.int16 else mono.astype(np.float32))
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise _not_sound(error) from None
    _refuse_odd(rate_hz, parts)
    return np.concatenate(parts), rate_hz, channels


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What is wrong with the file at `path` as an error a person can meet."""
    try:
        yield
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}.", where=str(path)) from None
    except UnreadableError as error:
        raise DataError(
            f"{error}.", where=str(path), hint="wav, flac, ogg and mp3 are read."
        ) from None


def resampled(
    samples: npt.NDArray[np.generic], rate_hz: int
) -> npt.NDArray[np.float64] | npt.NDArray[np.int16]:
    """(T,) at `rate_hz` -> (T',) at 16 kHz; as it is where the rate is 16 kHz already."""
    if rate_hz == SAMPLE_RATE_HZ:
        return samples  # type: ignore[return-value]
    from scipy.signal import resample_poly

    common = gcd(rate_hz, SAMPLE_RATE_HZ)
    found: npt.NDArray[np.float64] = resample_poly(
        _floats(samples), SAMPLE_RATE_HZ // common, rate_hz // common
    )
    return found


def as_int16(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.int16]:
    """Samples as int16: int16 as they are, floats scaled from full scale 1 and clipped."""
    if samples.dtype == np.int16:
        return samples  # type: ignore[return-value]
    scaled = np.rint(_floats(samples) * _FULL_SCALE)
    return np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)


def _floats(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    if samples.dtype == np.int16:
        return samples.astype(np.float64) / _FULL_SCALE
    return samples.astype(np.float64)


def _mono(samples: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if samples.shape[1] == 1:
        return samples[:, 0]
    mixed: npt.NDArray[np.float64] = _floats(samples).mean(axis=1)
    return mixed


def _read(content: bytes, seconds: float | None) -> tuple[npt.NDArray[np.generic], int, int]:
    """Samples (T, channels) of the first seconds, the rate in Hz, and all frames there are."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate_hz, frames = int(file.samplerate), int(file.frames)
            dtype = "int16" if file.subtype == "PCM_16" else "float64"
            count = -1 if seconds is None else min(frames, round(seconds * rate_hz))
            samples = file.read(count, dtype=dtype, always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise _not_sound(error) from None
    _refuse_odd(rate_hz, [samples])
    if len(samples) < count:
        raise UnreadableError(f"is torn: {len(samples):,} of {frames:,} samples")
    return samples, rate_hz, frames


def _not_sound(error: Exception) -> UnreadableError:
    text = str(error).rstrip(".").rpartition(">: ")[2]
    return UnreadableError(f"is not sound that can be read ({text[-80:]})")


def _refuse_odd(rate_hz: int, parts: Sequence[npt.NDArray[np.generic]]) -> None:
    if not 1000 <= rate_hz <= 768_000:
        raise UnreadableError(f"has a sample rate of {rate_hz} Hz")
    if not sum(map(len, parts)):
        raise UnreadableError("holds no samples")
    if not all(np.isfinite(part).all() for part in parts):
        raise UnreadableError("holds samples that are no numbers")


def _refuse_torn(content: bytes) -> None:
    """A RIFF file that says it is longer than it is was cut off while it was written."""
    if content[:4] != b"RIFF" or len(content) < 8:
        return
    said = struct.unpack("<I", content[4:8])[0] + 8
    # Streams write 0 or the largest number where they do not know their length yet.
    if 8 < said < 0xFFFFFFF0 and said > len(content) + 1:
        raise UnreadableError(f"is torn: {len(content):,} of {said:,} bytes")
