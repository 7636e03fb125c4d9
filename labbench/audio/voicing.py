"""One spoken word as a clip: said, resampled, placed in its second, in noise.

`python -m labbench.audio.voicing` is the process that voices a group of speakers: it reads a `Job`
from stdin and writes each line's clip to stdout, 32,000 bytes of little-endian int16. It needs
numpy alone: loading scipy.signal takes longer than voicing a few hundred clips.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from math import gcd

import msgspec
import numpy as np
import numpy.typing as npt

from labbench.audio.espeak import Espeak
from labbench.audio.speakers import Line, Speaker
from labbench.errors import DataError
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float64]

FAILED_EXIT_CODE = 3
"""The process ended with a DataError, whose words are on stderr."""

_LONGEST = 15_200
"""A longer word (0.95 s) is said again, faster."""


class Job(msgspec.Struct, frozen=True):
    """What one process is to voice."""

    seed: int
    lines: list[Line]


def clip_of(line: Line, espeak: Espeak, seed: int) -> npt.NDArray[np.int16]:
    """The clip of a line, (16000,) int16.

    Level (peak 0.1 to 0.9 of full scale), place in the second, rate, pitch, kind of noise (white,
    pink or babble) and signal-to-noise ratio (10 to 40 dB) are drawn from the seed and the line's
    place.
    """
    rng = np.random.default_rng([seed, 1, line.index])
    word = _spoken(line, espeak, rng)
    clip = np.zeros(CLIP_SAMPLES)
    start = int(rng.integers(0, CLIP_SAMPLES - len(word) + 1))
    clip[start : start + len(word)] = word
    power = float(np.mean(word**2))
    snr_db = float(rng.uniform(10, 40))
    noise = _noise(str(rng.choice(["white", "pink", "babble"])), rng)
    clip += noise * np.sqrt(power / 10 ** (snr_db / 10))
    level = 10 ** rng.uniform(np.log10(0.1), np.log10(0.9))
    clip *= level / np.abs(clip).max()
    return np.rint(clip * 32_767).astype("<i2")


def _spoken(line: Line, espeak: Espeak, rng: np.random.Generator) -> Samples:
    """The word without silence around it, at most one second at 16 kHz."""
    rate = float(rng.uniform(120, 230))
    pitch = int(np.clip(line.speaker.pitch + rng.normal(0, 5), 0, 99))
    pitch_range = int(rng.integers(20, 90))
    for _attempt in range(3):
        said = espeak.say(
            line.word, words_per_minute=int(rate), pitch=pitch, pitch_range=pitch_range
        )
        word = _trimmed(_resampled(said / 32_768, espeak.rate_hz))
        if len(word) <= _LONGEST:
            break
        rate = min(450.0, rate * len(word) / (0.9 * _LONGEST))
    return word[:CLIP_SAMPLES]


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    """At 16 kHz, by leaving out the spectrum above the new Nyquist frequency.

    The word is followed by a block of zeros or more, so that its end does not reach its beginning
    around the Fourier transform's circle.
    """
    common = gcd(rate_hz, SAMPLE_RATE_HZ)
    blocks = len(samples) // (rate_hz // common) + 2
    count = blocks * (rate_hz // common)
    wanted = blocks * (SAMPLE_RATE_HZ // common)
    spectrum = np.fft.rfft(samples, count)[: wanted // 2 + 1]
    return np.fft.irfft(spectrum, wanted) * (wanted / count)


def _trimmed(samples: Samples) -> Samples:
    """Without the head and tail that stay under 1 % of the peak (40 dB down).

    Raises:
        DataError: nothing is left: the synthesiser kept silent.
    """
    peak = float(np.abs(samples).max(initial=0))
    loud = np.flatnonzero(np.abs(samples) > 0.01 * peak)
    if not len(loud):
        raise DataError("The speech synthesiser produced no sound.")
    return samples[loud[0] : loud[-1] + 1]


def _noise(kind: str, rng: np.random.Generator) -> Samples:
    """One second of noise of unit power."""
    spectrum = np.fft.rfft(rng.standard_normal(CLIP_SAMPLES)) * _colour(kind)
    noise: Samples = np.fft.irfft(spectrum, CLIP_SAMPLES)
    if kind == "babble":
        noise = noise * _syllables(rng)
    scaled: Samples = noise / np.sqrt(np.mean(noise**2))
    return scaled


@cache
def _colour(kind: str) -> Samples:
    """Amplitude by frequency: flat, 1/sqrt(f), or the long-term shape of speech."""
    hz = np.fft.rfftfreq(CLIP_SAMPLES, 1 / SAMPLE_RATE_HZ)
    if kind == "white":
        return np.ones_like(hz)
    if kind == "pink":
        pink: Samples = 1 / np.sqrt(np.maximum(hz, 20))
        return pink
    speech: Samples = np.where(hz < 100, hz / 100, 1 / (1 + (hz / 500) ** 1.5))
    return speech


def _syllables(rng: np.random.Generator) -> Samples:
    """A loudness that rises and falls some four times a second, as of several talkers."""
    knots = rng.uniform(0.3, 1, 9)
    return np.interp(np.linspace(0, 8, CLIP_SAMPLES), np.arange(9), knots)


def main() -> int:
    """Voice the job on stdin."""
    clips = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the C library may print is not sound
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    speaker: Speaker | None = None
    try:
        espeak = Espeak()
        for line in job.lines:
            if line.speaker != speaker:
                espeak.set_voice(line.speaker.voice)
                speaker = line.speaker
            clips.write(clip_of(line, espeak, job.seed).tobytes())
        clips.close()
    except DataError as error:
        sys.stderr.write(str(error))
        return FAILED_EXIT_CODE
    except BrokenPipeError:
        os._exit(0)  # who asked for the clips is gone
    return 0


if __name__ == "__main__":
    sys.exit(main())
