"""The same sound is found whatever was done to a copy, and different sounds are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from labbench.audio import alike
from labbench.audio import twins as module
from labbench.audio.twins import Twins, twins
from tests.audio.sounds import Samples, coded, int16, shifted, voice

COPIES: dict[str, Callable[[Samples], Samples]] = {
    "quieter by 26 dB": lambda x: x / 20,
    "louder and clipped": lambda x: np.clip(3 * x, -0.5, 0.5),
    "upside down": lambda x: -x,
    "50 ms later": lambda x: shifted(x, 800),
    "100 ms earlier": lambda x: shifted(x, -1_600),
    "at 8 kHz": lambda x: resample_poly(resample_poly(x, 1, 2), 2, 1),
    "at 44.1 kHz": lambda x: resample_poly(resample_poly(x, 441, 160), 160, 441)[: len(x)],
    "ogg": lambda x: coded(x, "OGG", "VORBIS"),
    "opus": lambda x: coded(x, "OGG", "OPUS"),
    "mp3, quieter, later": lambda x: shifted(coded(x / 2, "MP3", "MPEG_LAYER_III"), 500),
    "8-bit law of telephones": lambda x: coded(x, "WAV", "ULAW"),
    "with noise 20 dB below": lambda x: x + 0.1 * x.std() * _noise(0),
}  # fmt: skip


def found(clips: list[NDArray[np.int16]]) -> Twins:
    return twins(np.stack(clips), np.zeros(len(clips), bool))


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_nearly_the_same(copy: str) -> None:
    others = [int16(voice(seed)) for seed in range(12)]
    same = found([*others, int16(COPIES[copy](voice(11)))])
    assert same.near_N.tolist() == [*range(12), 11]
    assert same.exact_N.tolist() == [*range(13)]
    assert same.complete


def test_clips_with_the_same_samples_are_the_same() -> None:
    one, other = int16(voice(0)), int16(voice(1))
    same = found([one, other, other, one, one])
    assert same.exact_N.tolist() == same.near_N.tolist() == [0, 1, 1, 0, 0]


def test_copies_of_copies_are_one_group() -> None:
    chain = [voice(0)]
    for _ in range(3):
        chain.append(shifted(coded(chain[-1] * 0.7, "OGG", "VORBIS"), 700))
    same = found([int16(voice(1)), *map(int16, chain)])
    assert same.near_N.tolist() == [0, 1, 1, 1, 1]


def _padded(sound: Samples, length: int) -> Samples:
    return np.concatenate([sound[:length], np.zeros(16_000 - length)])


TIME = np.arange(16_000) / 16_000
ALIKE: dict[str, Callable[[int], Samples]] = {
    # What clips of one microphone or one generator share is no reason to take them for one sound.
    "one tone, other noise": lambda seed: 0.3 * np.sin(2_764 * TIME) + 0.01 * _noise(seed),
    "one hum, other noise": lambda seed: sum(
        0.1 * np.sin(2 * np.pi * 50 * n * TIME) for n in range(1, 12)
    ) + 0.01 * _noise(seed),
    "an offset, padded": lambda seed: _padded(0.2 + 0.01 * _noise(seed), 9_000 + 500 * seed),
    "cut while loud": lambda seed: _padded(
        0.3 * np.sin(2 * np.pi * (150 + 40 * seed) * TIME + seed), 8_000
    ),
    "noise alone": lambda seed: 0.1 * _noise(seed),
    "one envelope": lambda seed: 0.3 * _noise(seed) * np.exp(-(((TIME - 0.5) / 0.1) ** 2)),
}  # fmt: skip


def _noise(seed: int) -> Samples:
    return np.random.default_rng([3, seed]).standard_normal(16_000)


@pytest.mark.parametrize("kind", ALIKE)
def test_sounds_that_are_only_alike_are_kept_apart(kind: str) -> None:
    same = found([int16(ALIKE[kind](seed)) for seed in range(12)])
    assert same.near_N.tolist() == [*range(12)]


def test_clips_without_sound_are_like_no_other() -> None:
    clips = np.stack([np.zeros(16_000, np.int16)] * 3 + [int16(voice(0))] * 2)
    same = twins(clips, np.array([True, True, True, False, False]))
    assert same.near_N.tolist() == [0, 1, 2, 3, 3]
    assert found([np.zeros(16_000, np.int16)] * 2).near_N.tolist() == [0, 0]


def test_work_is_bounded_and_what_was_not_compared_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clips = [int16(voice(0) * gain) for gain in np.linspace(0.5, 1, 30)]
    monkeypatch.setattr(module, "MOST_COMPARED", 40)
    assert not found(clips).complete
    monkeypatch.setattr(module, "MOST_CLIPS", 29)
    same = found([*clips, clips[0]])
    assert not same.complete
    assert same.near_N.tolist() == [*range(30), 0]


def test_pairs_are_found_across_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "BLOCK", 8)
    monkeypatch.setattr(alike, "TILE", 4)
    monkeypatch.setattr(module, "ROWS", 3)
    clips = [int16(voice(seed)) for seed in range(11)]
    same = found([*clips, int16(voice(2) / 2), int16(shifted(voice(9), 300))])
    assert same.near_N.tolist() == [*range(11), 2, 9]
