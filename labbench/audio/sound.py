"""One sound file -> one clip: a second of 16 kHz mono int16; or all of it, piece by piece.

Rules, each counted by its flag: channels are averaged (MIXED, and MUTED or CANCELLED where that
takes their sound); other rates are resampled by a polyphase filter (RESAMPLED); only the first
second is kept (CUT); a shorter sound is followed by zeros (PADDED). Floats are scaled from full
scale 1, and what is beyond it is clipped (CLIPPED). 16 kHz mono 16-bit sound is copied sample by
sample.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from labbench.audio.meta import Flag
from labbench.audio.rates import resampled, resampled_blocks
from labbench.audio.reading import READ, Mono, UnreadableError, as_int16, floats, opened
from labbench.errors import DataError
from labbench.units import CLIP_SAMPLES, FULL_SCALE, SAMPLE_RATE_HZ

RULES = (
    "channels are averaged",
    "floats are scaled from full scale 1; what is beyond it is clipped",
    "other sample rates are resampled to 16 kHz by a polyphase filter (scipy.signal.resample_poly)",
    "longer than one second: the first second is kept",
    "shorter than one second: zeros follow",
)

_MARGIN = 0.1
"""Seconds read past the first one, so that the resampling filter sees no edge there."""

_LONGEST = (1 << 31) - 1
"""The greatest length in samples that a data set can tell."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip and what was done to make it one."""

    samples: npt.NDArray[np.int16]
    """(16000,)"""
    length: int
    """Samples at 16 kHz before padding or cutting."""
    flags: Flag


def decode(content: bytes) -> Sound:
    """The clip of a file's content, whatever bytes they are.

    Raises:
        UnreadableError: it is empty, torn, no sound, or not finite.
    """
    return _clip(io.BytesIO(content))


def read_clip(path: Path) -> Sound:
    """The clip of a user's own file, made by the rules of every data set.

    Raises:
        DataError: it cannot be read as sound.
    """
    with _file(path) as file:
        return _clip(file)


def _clip(file: BinaryIO) -> Sound:
    with opened(file) as source:
        rate_hz = source.rate_hz
        mono = np.concatenate(
            [np.empty(0, np.int16), *source.pieces(round((1 + _MARGIN) * rate_hz))]
        )
        flags = source.mixer.flags if source.channels > 1 else Flag(0)
        frames = source.frames
        if frames is None:
            frames = len(mono) + sum(map(len, source.pieces()))
    if not len(mono):
        raise UnreadableError("holds no samples")
    if rate_hz != SAMPLE_RATE_HZ:
        flags |= Flag.RESAMPLED
        mono = resampled(floats(mono), rate_hz)
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
    return Sound(clip, min(length, _LONGEST), flags)


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a sound file."""

    length: int
    """Samples at 16 kHz."""
    rate_hz: int
    """Of the file."""
    channels: int
    """Of the file."""
    pieces: Iterator[npt.NDArray[np.float32]]
    """(T,) each, at 16 kHz, in [-1, 1), channels averaged."""


@contextmanager
def read_whole(path: Path) -> Iterator[Whole]:
    """A user's own file of any length, of which a piece at a time is read.

    Raises:
        DataError: it cannot be read as sound; while pieces are taken, too.
    """
    with _file(path) as file:
        with opened(file) as source:
            frames = source.frames
            if frames is None:
                frames = sum(map(len, source.pieces()))
        if not frames:
            raise UnreadableError("holds no samples")
        file.seek(0)
        with opened(file) as source:
            length = ceil(frames * SAMPLE_RATE_HZ / source.rate_hz)
            at_16_khz: Iterator[Mono] = source.pieces()
            if source.rate_hz != SAMPLE_RATE_HZ:
                at_16_khz = resampled_blocks(map(floats, at_16_khz), source.rate_hz)
            pieces = (
                as_int16(one).astype(np.float32) / np.float32(FULL_SCALE) for one in at_16_khz
            )
            yield Whole(length, source.rate_hz, source.channels, pieces)


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`; what is wrong with it becomes an error a person can meet."""
    try:
        # A pipe would be waited for until somebody writes into it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise DataError(f"cannot be read: {told}.", where=str(path)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise DataError("is no plain file.", where=str(path))
    try:
        with os.fdopen(handle, "rb") as file:
            yield file
    except UnreadableError as error:
        raise DataError(f"{error.what}.", where=str(path), hint=READ) from None
