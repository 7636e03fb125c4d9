"""A sound file, piece by piece: no more of it is ever in memory than a piece; and one written."""

from __future__ import annotations

import ctypes
import io
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from labbench.audio import headers
from labbench.audio.meta import Flag
from labbench.errors import DataError
from labbench.outputs import is_plain, write_output
from labbench.units import FULL_SCALE, SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import soundfile

MUTED = 1e-6
"""Power of a channel beside the loudest one under which it has no sound: -60 dB."""

CANCELLED = 0.1
"""Power of averaged channels beside that of channels without anything in common under which they
cancel each other: -10 dB, two channels that correlate by -0.9."""


class Mixer:
    """Averages the channels of a sound, piece by piece, and remembers how loud they were."""

    def __init__(self, channels: int) -> None:
        self._frames = 0
        # Of each channel, then of their average.
        self._sums = np.zeros(channels + 1)
        self._squares = np.zeros(channels + 1)

    def average(self, samples_TC: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(T,) of the samples that come next."""
        mixed: npt.NDArray[np.float64] = samples_TC.mean(axis=1)
        self._frames += len(mixed)
        for place, one in enumerate((*samples_TC.T, mixed)):
            self._sums[place] += one.sum()
            self._squares[place] += np.dot(one, one)
        return mixed

    @property
    def flags(self) -> Flag:
        """What averaging did to the sound that came so far."""
        frames = max(self._frames, 1)
        powers = self._squares / frames - (self._sums / frames) ** 2
        *channels, mixed = np.maximum(powers, 0).tolist()
        flags = Flag.MIXED
        if min(channels) < MUTED * max(channels):
            flags |= Flag.MUTED
        if mixed < CANCELLED * sum(channels) / len(channels) ** 2:
            flags |= Flag.CANCELLED
        return flags


_lock = threading.Lock()
_inside = 0
_talking: int | None = None
"""Where C's `stderr` pointed before the first of those who are inside."""


@contextmanager
def muted() -> Iterator[None]:
    """Nothing that C libraries print to `stderr` is seen; several threads may be inside."""
    global _inside, _talking
    variable, nowhere = _streams()
    with _lock:
        if _inside == 0 and variable is not None:
            _talking, variable.value = variable.value, nowhere
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and variable is not None:
                variable.value = _talking


@cache
def _streams() -> tuple[ctypes.c_void_p | None, int | None]:
    """C's variable `stderr` and a stream to nowhere; None where it may not be set."""
    name = {"linux": "stderr", "darwin": "__stderrp"}.get(sys.platform)
    if name is None or (sys.platform == "linux" and platform.libc_ver()[0] != "glibc"):
        return None, None
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    nowhere = library.fopen(os.devnull.encode(), b"w")
    return (ctypes.c_void_p.in_dll(library, name), nowhere) if nowhere else (None, None)


SUFFIXES = (
    ".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd",
    ".w64", ".caf",
)  # fmt: skip
"""Files that are taken for sound."""

READ = "wav, flac, ogg, opus, mp3, aiff, au, w64 and caf are read."

LOWEST_HZ, HIGHEST_HZ = 1000, 768_000
"""Sample rates that are read."""

_PIECE = 1 << 18
"""Numbers read at a time, of all channels together."""

_NO_LENGTH = 1 << 62
"""Frames from which on libsndfile means that it does not know."""

Mono = npt.NDArray[np.int16] | npt.NDArray[np.float64]


class UnreadableError(DataError):
    """A file that cannot be a clip; `what` follows its name, without a full stop."""


@dataclass(frozen=True)
class Source:
    """An opened sound file."""

    rate_hz: int
    channels: int
    frames: int | None
    """Samples of a channel; None where its header does not tell."""
    mixer: Mixer
    """What knows how loud the channels were in the pieces that came."""
    _read: Callable[[int], Any]
    """(T, channels) of the frames that come next, so many at most."""

    def pieces(self, most: int | None = None) -> Iterator[Mono]:
        """(T,) of the samples that come next, `most` at most; channels are averaged.

        int16 of 16-bit sound of one channel, else floats of full scale 1.

        Raises:
            UnreadableError: it is damaged, or samples are missing or not finite.
        """
        came, size = 0, max(_PIECE // self.channels, 1)
        wanted = min(most or _NO_LENGTH, _NO_LENGTH if self.frames is None else self.frames)
        while came < wanted:
            piece = self._read(min(size, wanted - came))
            if not len(piece):
                break
            if not np.isfinite(piece).all():
                raise UnreadableError("holds samples that are no numbers")
            came += len(piece)
            yield piece[:, 0] if self.channels == 1 else self.mixer.average(floats(piece))
        if self.frames is not None and came < wanted:
            raise UnreadableError(f"is torn: {came:,} of {self.frames:,} samples")


@contextmanager
def opened(file: BinaryIO) -> Iterator[Source]:
    """A sound file's content, of any kind in `READ`.

    Raises:
        UnreadableError: it is empty, torn, no sound, or has an odd sample rate.
    """
    if not _tried(lambda: file.read(1)):
        raise UnreadableError("is empty")
    found = _tried(lambda: headers.extent(file))
    if found is not None and found.torn:
        raise UnreadableError(f"is torn: {found.there:,} of {found.said:,} bytes")
    file.seek(0)
    sound = _tried(lambda: _forward_only()(headers.View(file, found)))
    with sound:
        rate_hz, channels, frames = int(sound.samplerate), int(sound.channels), int(sound.frames)
        if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
            raise UnreadableError(
                f"has a sample rate of {rate_hz:,} Hz; {LOWEST_HZ:,} to {HIGHEST_HZ:,} are read"
            )
        known = frames < _NO_LENGTH and (sound.format != "MP3" or _tells_length(file))
        dtype = "int16" if sound.subtype == "PCM_16" else "float64"

        def read(count: int) -> Any:
            return _tried(lambda: sound.read(count, dtype=dtype, always_2d=True))

        yield Source(rate_hz, channels, frames if known else None, Mixer(channels), read)


def _tells_length(file: BinaryIO) -> bool:
    at = file.tell()
    try:
        return headers.tells_length(file)
    finally:
        file.seek(at)


@cache
def _forward_only() -> type[soundfile.SoundFile]:
    import soundfile

    class ForwardOnly(soundfile.SoundFile):  # type: ignore[misc]
        """A sound file that is read on and on.

        soundfile sets the place anew after each read where it can, which fails at the end of a
        flac that does not tell its length.
        """

        def seekable(self) -> bool:
            return False

    return ForwardOnly


def _tried(work: Callable[[], Any]) -> Any:
    """What is read; the decoders' own words are kept off the screen.

    Raises:
        UnreadableError: it cannot read the file.
    """
    import soundfile

    try:
        with muted():
            return work()
    except (soundfile.SoundFileError, RuntimeError, ValueError, OverflowError, OSError) as error:
        text = str(error).rstrip(".").rpartition(">: ")[2]
        raise UnreadableError(f"is not sound that can be read ({text[-80:]})") from None


def floats(samples: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Samples of full scale 1."""
    if samples.dtype == np.int16:
        return samples.astype(np.float64) / FULL_SCALE
    return samples.astype(np.float64)


def as_int16(samples: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """Samples as int16: int16 as they are, floats scaled from full scale 1 and clipped."""
    if samples.dtype == np.int16:
        return samples
    scaled = np.rint(floats(samples) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def save_wav(path: Path, samples_T: npt.NDArray[np.floating], *, replace: bool = False) -> None:
    """Write amplitudes of full scale 1 as 16-bit mono at 16 kHz.

    Raises:
        LabbenchError: the file is there and is not to be replaced, or it cannot be written.
    """
    import soundfile

    if not replace:
        refuse_existing(path, "Name another file.")
    content = io.BytesIO()
    soundfile.write(content, as_int16(samples_T), SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    write_output(path, content.getvalue())


def refuse_existing(path: Path, hint: str) -> None:
    """Go on only if nothing would be replaced.

    Raises:
        LabbenchError: the file is there, or none can be.
    """
    if is_plain(path) and path.exists():
        raise DataError("is there already.", where=str(path), hint=hint)
