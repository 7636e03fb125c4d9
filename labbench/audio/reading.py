"""A sound file, piece by piece: no more of it is ever in memory than a piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from labbench.audio import headers
from labbench.audio.mixing import Mixer
from labbench.audio.quiet import muted
from labbench.errors import DataError
from labbench.units import FULL_SCALE

if TYPE_CHECKING:
    import soundfile

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
