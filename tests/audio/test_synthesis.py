from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from labbench.audio import library
from labbench.audio.clips import open_clips
from labbench.audio.speakers import VARIANTS
from labbench.audio.synthesis import ensure_synthetic, synthesize
from labbench.audio.voicing import _resampled
from labbench.errors import DataError
from labbench.presets import WORDS

FEW = ("zero", "one", "tree")


def test_two_fresh_synthesisers_say_every_timbre_alike() -> None:
    """Some timbres use the library's random numbers, some its clock-like state."""
    code = (
        "import hashlib\n"
        "from labbench.audio.espeak import Espeak\n"
        "from labbench.audio.speakers import VARIANTS\n"
        "espeak = Espeak()\n"
        "for variant in VARIANTS:\n"
        "    espeak.set_voice(f'en-us+{variant}')\n"
        "    said = espeak.say('seven', words_per_minute=170, pitch=50, pitch_range=50)\n"
        "    print(variant, len(said), hashlib.sha1(said.tobytes()).hexdigest())\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    first, second = (one.stdout.splitlines() for one in said)
    assert len(first) == len(VARIANTS)
    assert first == second
    assert len({line.split()[2] for line in first}) == len(VARIANTS)


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers() -> None:
    one = synthesize("one", clips=120, words=FEW, workers=1)
    two = synthesize("two", clips=120, words=FEW, workers=2)
    other = synthesize("other", clips=120, words=FEW, seed=1)
    np.testing.assert_array_equal(one.clips, two.clips)
    assert one.meta.fingerprint == two.meta.fingerprint != other.meta.fingerprint
    assert not np.array_equal(one.clips, other.clips)


def test_a_word_is_resampled_as_theory_has_it() -> None:
    def sine(hz: float, rate_hz: int) -> np.ndarray:
        return np.sin(2 * np.pi * hz * np.arange(rate_hz // 2) / rate_hz)

    found = _resampled(sine(1000, 22_050), 22_050)
    np.testing.assert_allclose(found[500:7500], sine(1000, 16_000)[500:7500], atol=0.01)
    # 9 kHz does not fit under 8 kHz: it must vanish, not fold to 7 kHz.
    assert np.abs(_resampled(sine(9000, 22_050), 22_050)[500:7500]).max() < 0.01


def test_words_are_balanced_and_voices_never_shared() -> None:
    clips = synthesize("x", clips=600)
    assert clips.words == WORDS
    assert clips.is_synthetic
    assert clips.meta.clips_by_split == {"train": 480, "validation": 60, "test": 60}
    for split in range(3):
        counts = np.bincount(clips.labels[clips.splits == split], minlength=16)
        assert counts.max() - counts.min() <= 1
    timbres = [
        {
            n.split(b"+")[1]
            for n in clips.speaker_names[np.unique(clips.speakers[clips.splits == s])]
        }
        for s in range(3)
    ]
    assert not timbres[0] & timbres[1]
    assert not timbres[0] & timbres[2]
    assert not timbres[1] & timbres[2]


def test_every_clip_is_heard_and_words_differ() -> None:
    clips = synthesize("x", clips=160, words=FEW)
    peaks = np.abs(clips.clips[:].astype(int)).max(axis=1)
    assert peaks.min() > 0.09 * 32768
    assert peaks.max() < 0.91 * 32768
    spectra = [
        np.mean(np.abs(np.fft.rfft(clips.clips[clips.labels == label] / 32768.0)) ** 2, axis=0)
        for label in range(3)
    ]
    for spectrum in spectra:
        # Speech: most of the power lies under 4 kHz.
        assert spectrum[:4000].sum() > 0.8 * spectrum.sum()
    shares = [s[:4000] / s[:4000].sum() for s in spectra]
    assert np.abs(shares[0] - shares[1]).sum() > 0.2


def test_the_default_one_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from labbench.audio import synthesis

    real = synthesis.synthesize
    monkeypatch.setattr(synthesis, "synthesize", lambda **how: real(clips=48, words=FEW, **how))
    first = ensure_synthetic()
    assert ensure_synthetic().meta.created == first.meta.created
    assert open_clips("synthetic").meta == first.meta


def test_what_cannot_be_made_says_why() -> None:
    with pytest.raises(DataError):
        synthesize("x", clips=1)
    with pytest.raises(DataError, match="tree: named twice"):
        synthesize("x", clips=160, words=("tree", "one", "tree"))
    with pytest.raises(DataError, match="cannot be the name"):
        synthesize("../x", clips=160)
    assert library.data_set_names() == []
