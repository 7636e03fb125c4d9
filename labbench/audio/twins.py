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

from labbench.audio.progress import Progress, silent
from labbench.units import CLIP_SAMPLES

SAME = 0.6
"""Correlation from which two clips are the same sound."""

ALIKE = 0.55
"""Correlation of prints from which clips are compared in full: one pair of 300,000 different
recordings, and 99 % of those pairs that correlate by 0.7."""

PRINT = 192
"""Numbers of a print."""

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

ROWS, TILE = 64, 512
"""Clips transformed at once; prints a side of a tile of pairs, which the cache holds."""

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
    exact_N = np.arange(len(clips_NT))
    seen: dict[bytes, int] = {}
    prints: list[Floats] = []
    kept: list[int] = []
    near = len(clips_NT) <= MOST_CLIPS
    shape = (BLOCKS * BINS, PRINT)
    projections = np.random.default_rng(0).standard_normal(shape, np.float32)
    for start in range(0, len(clips_NT), ROWS):
        progress(start, len(clips_NT), "comparing")
        rows = [row for row in range(start, min(start + ROWS, len(clips_NT))) if not skip_N[row]]
        for row in rows:
            exact_N[row] = seen.setdefault(hashlib.sha256(clips_NT[row]).digest(), row)
        new = [row for row in rows if exact_N[row] == row]
        if near and new:
            kept += new
            prints.append(_prints(whitened(clips_NT[new]), projections))
    progress(len(clips_NT), len(clips_NT), "comparing")
    if not prints:
        return Twins(exact_N, exact_N.copy(), near)
    pairs, complete = _likely(np.concatenate(prints))
    return Twins(exact_N, _joined(clips_NT, exact_N, np.array(kept), pairs), complete)


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


def _likely(prints_MP: Floats) -> tuple[Ints, bool]:
    """(pairs, 2) places of clips with prints alike, the likeliest first; whether these are all."""
    pairs = np.zeros((0, 2), np.int64)
    likeness = np.zeros(0, np.float32)
    complete = True
    for corner, tile in _tiles(prints_MP):
        if tile.max() < ALIKE:
            continue
        found = np.argwhere(tile >= ALIKE)
        values = tile[tuple(found.T)]
        found += corner
        ahead = found[:, 0] < found[:, 1]
        pairs = np.concatenate([pairs, found[ahead]])
        likeness = np.concatenate([likeness, values[ahead]])
        best = np.argsort(-likeness, kind="stable")[:MOST_COMPARED]
        complete &= len(best) == len(pairs)
        pairs, likeness = pairs[best], likeness[best]
    return pairs, complete


def _tiles(prints_MP: Floats) -> Iterator[tuple[tuple[int, int], Floats]]:
    """The corner and the products of each tile of pairs that is not under the diagonal."""
    for top in range(0, len(prints_MP), TILE):
        for left in range(top, len(prints_MP), TILE):
            tile = prints_MP[top : top + TILE] @ prints_MP[left : left + TILE].T
            if top == left:
                np.fill_diagonal(tile, 0)
            yield (top, left), tile


def _joined(clips_NT: npt.NDArray[np.int16], exact_N: Ints, rows_M: Ints, pairs: Ints) -> Ints:
    """(N,) the first row of each clip's group: pairs that correlate are joined."""
    parent_N = exact_N.copy()

    def root(row: int) -> int:
        while parent_N[row] != row:
            row = int(parent_N[row])
        return row

    for first, second in rows_M[pairs].tolist():
        low, high = sorted((root(first), root(second)))
        if low != high and correlation(*whitened(clips_NT[[first, second]])) >= SAME:
            parent_N[high] = low
    return np.array([root(row) for row in range(len(parent_N))], np.int64)
