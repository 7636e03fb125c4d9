"""Which clips of a data set are the same sound, to the sample or nearly.

Nearly the same: up to gain, sign, a shift, another coding or sample rate. What tells sounds apart
is the fine structure of their spectra: 3,776 bins of 1 Hz between 64 and 3,840 Hz, which any
coding of speech keeps, each group of 64 divided by its level, so that neither what two utterances
of a word share (the envelope) nor the level counts. Their magnitudes do not change under a shift:
192 random projections of them are a clip's print, and clips with prints alike are compared in full,
by the highest correlation of their whitened spectra over all lags.

On 4,691 clips of Speech Commands no two different recordings correlate by more than 0.43; copies
through mp3, ogg and opus, at a twentieth of the level, shifted by 100 ms, or at 8 kHz by 0.9 at the
median, by 0.7 all but 1 % of them.

Shape letters: N clips, M of them compared, P numbers of a print, T samples, B blocks, F bins each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labbench.audio.ahead import Crew, crew, let_go
from labbench.audio.alike import PRINT, Prints, likeliest
from labbench.audio.progress import Progress, silent
from labbench.units import CLIP_SAMPLES

SAME = 0.6
"""Correlation from which two clips are the same sound."""

ALIKE = 0.55
"""Correlation of prints from which clips are compared in full: one pair of 300,000 different
recordings, and 99 % of those pairs that correlate by 0.7."""

FIRST_BIN, BLOCKS, BINS = 64, 59, 64
"""The spectrum that is looked at: so many blocks of so many bins of 1 Hz."""

PEAK = 3.0
"""Whitened magnitudes are cut to it, so that hum does not outweigh the rest."""

FADE = 320
"""Samples that fade in and out: the click of a clip that begins loud would look like a sound."""

MOST_COMPARED = 20_000
"""Pairs that are compared in full, the likeliest: some ten seconds."""

MOST_CLIPS = 200_000
"""With more clips only those the same to the sample are found: pairs grow with the square."""

ROWS = 16
"""Clips that are transformed at once."""

Floats = npt.NDArray[np.float32]
Spectra = npt.NDArray[np.complex64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Twins:
    """Clips that are the same sound: those with the same number. Numbers are rows."""

    exact_N: Ints
    """Of clips that are the same to the sample, the first's row."""
    near_N: Ints
    """Of clips that are nearly the same, the first's row."""
    complete: bool
    """Whether all pairs that look alike were compared."""


def twins(
    clips_NT: npt.NDArray[np.int16], skip_N: npt.NDArray[np.bool_], progress: Progress = silent
) -> Twins:
    """Find the clips that are the same sound.

    Args:
        skip_N: clips that are like no other, such as those without sound.
    """
    near = len(clips_NT) <= MOST_CLIPS
    with Prints() as prints, crew("comparing") as threads:
        exact_N, rows_M = _looked_at(clips_NT, skip_N, prints if near else None, threads, progress)
        if not near:
            return Twins(exact_N, exact_N.copy(), complete=False)
        wanted_M = exact_N[rows_M] == rows_M
        found = likeliest(prints, wanted_M, ALIKE, MOST_COMPARED, threads, progress)
        near_N = _joined(clips_NT, exact_N, rows_M[found.places_K2], threads, progress)
    progress(len(clips_NT), len(clips_NT), "comparing in full")
    return Twins(exact_N, near_N, found.complete)


def _looked_at(
    clips_NT: npt.NDArray[np.int16], skip_N: npt.NDArray[np.bool_], prints: Prints | None,
    threads: Crew, progress: Progress,
) -> tuple[Ints, Ints]:  # fmt: skip
    """(N,) the first row of those that are the same to the sample; (M,) the rows of prints."""
    shape = (BLOCKS * BINS, PRINT)
    projections = np.random.default_rng(0).standard_normal(shape, np.float32)
    rows_M = np.flatnonzero(~skip_N)
    digests = np.zeros((len(rows_M), 2), np.uint64)

    def look(start: int) -> tuple[npt.NDArray[np.uint64], Floats | None]:
        clips_MT = clips_NT[rows_M[start : start + ROWS]]
        hashed = b"".join(hashlib.sha256(clip_T).digest()[:16] for clip_T in clips_MT)
        found = None if prints is None else _prints(whitened(clips_MT), projections)
        return np.frombuffer(hashed, np.uint64).reshape(-1, 2), found

    for start, (hashed, found) in threads.in_order(look, range(0, len(rows_M), ROWS)):
        progress(start, len(rows_M), "comparing")
        digests[start : start + ROWS] = hashed
        if prints is not None and found is not None:
            prints.append(found)
        let_go(clips_NT)
    progress(len(rows_M), len(rows_M), "comparing")
    exact_N = np.arange(len(clips_NT))
    exact_N[rows_M] = rows_M[_firsts(digests)]
    return exact_N, rows_M


def _firsts(digests: npt.NDArray[np.uint64]) -> Ints:
    """(M,) for each the place of the first that is the same."""
    order = np.lexsort(digests.T)
    new = np.ones(len(order), bool)
    new[1:] = (digests[order[1:]] != digests[order[:-1]]).any(axis=1)
    found = np.empty(len(order), np.int64)
    found[order] = order[new][np.cumsum(new) - 1]
    return found


def whitened(clips_MT: npt.NDArray[np.int16]) -> Spectra:
    """(M, T) samples -> (M, B, F) spectra of level 1 everywhere."""
    faded = np.zeros(clips_MT.shape, np.float32)
    ramp = np.sin(np.linspace(0, np.pi / 2, FADE, dtype=np.float32)) ** 2
    for clip_T, out_T in zip(clips_MT, faded, strict=True):
        changes = clip_T[1:] != clip_T[:-1]
        start, end = int(changes.argmax()), len(clip_T) - int(changes[::-1].argmax())
        sound = clip_T[start:end] - np.float32(clip_T[start:end].mean())
        fade = ramp[: len(sound) // 2]
        sound[: len(fade)] *= fade
        sound[len(sound) - len(fade) :] *= fade[::-1]
        out_T[start:end] = sound
    bins = slice(FIRST_BIN, FIRST_BIN + BLOCKS * BINS)
    spectra = np.fft.rfft(faded, axis=1)[:, bins].reshape(len(faded), BLOCKS, BINS)
    magnitudes = np.abs(spectra)
    levels = np.sqrt(magnitudes).mean(axis=2, keepdims=True) ** 2 + np.float32(1e-6)
    found: Spectra = (spectra / np.maximum(levels, magnitudes / PEAK)).astype(np.complex64)
    return found


def correlation(first: Spectra, second: Spectra) -> float:
    """The highest correlation of two whitened spectra over all lags, either sign, 0 to 1."""
    whole = np.zeros(FIRST_BIN + first.size, np.complex64)
    whole[FIRST_BIN:] = (first * second.conj()).ravel()
    norm = np.linalg.norm(first) * np.linalg.norm(second)
    found = np.abs(np.fft.irfft(whole, CLIP_SAMPLES)).max() * CLIP_SAMPLES / 2
    return float(found / norm) if norm else 0.0


def _prints(spectra_MBF: Spectra, projections: Floats) -> Floats:
    """(M, P) prints of length 1."""
    magnitudes = np.abs(spectra_MBF).reshape(len(spectra_MBF), -1)
    magnitudes -= magnitudes.mean(axis=1, keepdims=True)
    projected = magnitudes @ projections
    lengths = np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), np.float32(1e-6))
    found: Floats = projected / lengths
    return found


def _joined(
    clips_NT: npt.NDArray[np.int16], exact_N: Ints, pairs_K2: Ints, threads: Crew,
    progress: Progress,
) -> Ints:  # fmt: skip
    """(N,) the first row of each clip's group: pairs that correlate are joined."""
    parent_N = exact_N.copy()

    def root(row: int) -> int:
        while parent_N[row] != row:
            row = int(parent_N[row])
        return row

    def apart() -> Iterator[tuple[int, int]]:
        for done, (first, second) in enumerate(pairs_K2.tolist()):
            progress(done, len(pairs_K2), "comparing in full")
            if root(first) != root(second):
                yield first, second

    def correlated(pair: tuple[int, int]) -> float:
        return correlation(*whitened(clips_NT[list(pair)]))

    for done, (pair, how_much) in enumerate(threads.in_order(correlated, apart())):
        low, high = sorted(map(root, pair))
        if low != high and how_much >= SAME:
            parent_N[high] = low
        if done % ROWS == 0:
            let_go(clips_NT)
    return np.array([root(row) for row in range(len(parent_N))], np.int64)
