"""What a net takes a sound for, second by second.

T samples at 16 kHz, W windows of one second, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from labbench.audio.reading import READ, SUFFIXES
from labbench.errors import DataError, LabbenchError
from labbench.interpret.clip import ClipRef, named, of_file
from labbench.interpret.predict.options import STRIDE_MS, PredictOptions
from labbench.interpret.question import Answer, Ask, Question
from labbench.paths import expanded, is_dir, is_file
from labbench.runs import RunFolder
from labbench.runs.predictions import softmax
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

MOST_WINDOWS = 200_000
"""Windows of a sound; at the usual stride nearly 14 hours."""

WINDOW_S = CLIP_SAMPLES / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Guess:
    """A class, how likely it is, and in which second."""

    word: str
    probability: float
    start_s: float
    """Where the window begins that is surest of it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Windows one after the other that are taken for the same class."""

    word: str
    probability: float
    """Of the surest window."""
    surest_s: float
    """Where that window begins."""
    start_s: float
    """Where the first begins."""
    stop_s: float
    """Where the last ends."""


@dataclass(frozen=True, slots=True)
class Predicted(Answer):
    """What a net takes a sound for."""

    lengths: ClassVar[Mapping[str, str]] = {"W": "starts_s"}

    clip: ClipRef
    stride_ms: int
    words: tuple[str, ...]
    logits_WK: NDArray[np.float32]
    starts_s: NDArray[np.float64]
    """(W,) where each window begins."""
    seconds: float
    """Length of the sound, before padding."""
    rate_hz: int
    channels: int
    outline: NDArray[np.float32]
    """The samples that were heard; of a long sound the least and greatest of every piece."""

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(W, K) softmax of the logits."""
        return softmax(self.logits_WK)

    @property
    def heard_s(self) -> float:
        """Length of what was heard: with the zeros behind a short sound."""
        return max(self.seconds, WINDOW_S)

    @property
    def padded_s(self) -> float:
        """Zeros behind a short sound."""
        return self.heard_s - self.seconds

    def guesses(self) -> list[Guess]:
        """Every class by the window that is surest of it, the likeliest class first."""
        odds_WK = self.probabilities
        surest = odds_WK.argmax(axis=0)
        found = [
            Guess(word, float(odds_WK[window, k]), float(self.starts_s[window]))
            for k, (word, window) in enumerate(zip(self.words, surest, strict=True))
        ]
        return sorted(found, key=lambda guess: -guess.probability)

    def moments(self) -> list[Moment]:
        """Stretches that are taken for one class, the surest first."""
        odds_WK = self.probabilities
        best = odds_WK.argmax(axis=1)
        found = []
        for k, group in groupby(range(len(best)), key=lambda window: int(best[window])):
            windows = list(group)
            surest = max(windows, key=lambda window: float(odds_WK[window, k]))
            found.append(
                Moment(
                    self.words[k], float(odds_WK[surest, k]), float(self.starts_s[surest]),
                    float(self.starts_s[windows[0]]), float(self.starts_s[windows[-1]]) + WINDOW_S,
                )
            )  # fmt: skip
        return sorted(found, key=lambda moment: -moment.probability)


class PredictQuestion(Question[Predicted], frozen=True, kw_only=True, tag="predict"):
    """The classes of a clip, or of all of a sound file by a sliding window of one second."""

    clip: ClipRef
    stride_ms: int = STRIDE_MS


def find(run: RunFolder, options: PredictOptions, ask: Ask, clip: ClipRef) -> Predicted:
    """What the options ask for of a sound.

    Raises:
        LabbenchError: it cannot be read, or there is no checkpoint yet.
    """
    # A clip of the data set is one second: it is kept once.
    stride_ms = options.stride_ms if clip.row < 0 else STRIDE_MS
    return ask(PredictQuestion(clip=clip, stride_ms=stride_ms))


def window_starts(samples: int, stride_ms: int) -> NDArray[np.int64]:
    """(W,) first samples of the windows over a sound of so many samples.

    The last window ends where the sound does, so that none holds zeros unless the sound is shorter
    than a window.

    Raises:
        DataError: they are more than can be kept.
    """
    last = max(samples - CLIP_SAMPLES, 0)
    stride = max(stride_ms * SAMPLE_RATE_HZ // 1000, 1)
    if last // stride > MOST_WINDOWS:
        raise DataError(
            f"has {last // stride:,} windows of one second, {MOST_WINDOWS:,} at most are heard.",
            hint=f"Take a wider stride than {stride_ms} ms, or a part of the sound.",
        )
    found = np.arange(0, last + 1, stride, dtype=np.int64)
    return found if found[-1] == last else np.append(found, last)


class Outline:
    """A sound as it is drawn: its samples, or where they are many the least and greatest of every
    piece in turn."""

    def __init__(self, samples: int) -> None:
        """
        Args:
            samples: how many there will be.
        """
        many = samples > 2 * CLIP_SAMPLES
        pieces = CLIP_SAMPLES if many else samples
        self._starts = np.linspace(0, samples, pieces, endpoint=False).astype(np.int64)
        self._low = np.full(pieces, np.inf, np.float32)
        self._high = np.full(pieces if many else 0, -np.inf, np.float32)
        self._came = 0

    def add(self, samples_T: NDArray[np.float32]) -> None:
        """Take the samples that come next."""
        places = np.arange(self._came, self._came + len(samples_T))
        pieces = np.searchsorted(self._starts, places, side="right") - 1
        np.minimum.at(self._low, pieces, samples_T)
        if len(self._high):
            np.maximum.at(self._high, pieces, samples_T)
        self._came += len(samples_T)

    def drawn(self) -> NDArray[np.float32]:
        """All of it, at least a second."""
        if len(self._high):
            return np.stack([self._low, self._high], axis=1).ravel()
        return np.pad(self._low, (0, max(CLIP_SAMPLES - len(self._low), 0)))


def meant(run: RunFolder, text: str) -> list[ClipRef | LabbenchError]:
    """The sounds a person means: a file, all sound files below a folder, or a clip of the run.

    What cannot be read stands there as its error.
    """
    path = expanded(text)
    if not is_dir(path):
        return [_tried(path) if is_file(path) else _clip(run, text)]
    files = sorted(
        found for found in path.rglob("*")
        if found.suffix.lower() in SUFFIXES and not found.name.startswith(".")
    )  # fmt: skip
    if not files:
        return [DataError("holds no sound files.", where=text, hint=READ)]
    return [_tried(one) for one in files]


def _tried(path: Path) -> ClipRef | LabbenchError:
    try:
        return of_file(path)
    except LabbenchError as error:
        return error


def _clip(run: RunFolder, text: str) -> ClipRef | LabbenchError:
    try:
        return named(run, text)
    except LabbenchError as error:
        # Whether the run's clips are gone or only have no such one: a file was meant.
        if Path(text).suffix.lower() in SUFFIXES:
            return DataError("there is no such file, nor such a clip of the run.", where=text)
        return error
