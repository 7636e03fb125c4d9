"""What spoils figures is found in the clips of a data set, and nothing in clips that are well."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from labbench.audio.build import add
from labbench.audio.check import check
from labbench.audio.clips import Clips
from labbench.audio.findings import CHECK_FILE, Check, Finding, keep, read_check
from labbench.audio.meta import Flag
from labbench.audio.sound import decode
from labbench.audio.synthesis import synthesize
from tests.audio.sounds import Samples, voice, wave
from tests.tiny import make_clips

WORDS = ("no", "yes")
COUNT = 12


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """24 different sounds of two words in a folder a split: nothing is wrong with them."""
    root, seed = tmp_path / "in", 0
    for split in ("train", "val", "test"):
        for word in WORDS:
            (root / split / word).mkdir(parents=True)
            for take in range(COUNT if split == "train" else COUNT // 4):
                (root / split / word / f"{take:02}.wav").write_bytes(wave(voice(seed)))
                seed += 1
    return root


def found(clips: Clips) -> dict[str, Finding]:
    kept = read_check(clips.folder, clips.meta)
    assert kept is not None
    assert not kept.unknown
    assert [one.level for one in kept.findings] == sorted(
        (one.level for one in kept.findings), reverse=True
    )
    return {one.kind: one for one in kept.findings}


def test_nothing_is_found_in_clips_that_are_well(source: Path) -> None:
    assert found(add("own", source)) == {}


def test_nothing_is_found_in_synthetic_speech() -> None:
    assert not found(synthesize("made", clips=120, words=("bed", "cat"))).keys() - {"repeated"}


def test_the_same_sound_in_two_splits_and_under_two_words(source: Path) -> None:
    voice_of = (source / "train" / "yes" / "00.wav").read_bytes()
    (source / "test" / "yes" / "twin.wav").write_bytes(voice_of)
    (source / "val" / "yes" / "later.wav").write_bytes(wave(np.roll(voice(COUNT + 1) / 2, 400)))
    (source / "train" / "no" / "odd.wav").write_bytes(voice_of)
    kinds = found(add("own", source))
    leak, two, repeated = kinds["leak"], kinds["two_words"], kinds["repeated"]
    assert kinds.keys() == {"leak", "two_words", "repeated"}
    assert (leak.level, leak.count) == ("warning", 2)
    assert leak.what == (
        "2 clips are also in another split, 1 of test and 1 of validation"
        " (1 the same to the sample, 1 nearly)"
    )
    assert set(leak.first) == {
        "test/yes/twin.wav (test) = train/no/odd.wav (train)",
        "val/yes/later.wav (validation) = train/yes/01.wav (train)",
    }
    assert (two.count, two.what) == (1, "1 sound under two words (the same to the sample)")
    assert set(two.first[0].split(" = ")) <= {
        "test/yes/twin.wav", "train/no/odd.wav", "train/yes/00.wav",
    }  # fmt: skip
    assert (repeated.level, repeated.count) == ("note", 5)
    assert repeated.what.startswith("5 clips are 2 sounds (2 the same to the sample, 1 nearly)")


def test_a_speaker_in_two_splits(tmp_path: Path) -> None:
    for number, (split, who) in enumerate(
        (split, who) for split, people in
        {"train": "ann bob cid", "val": "dan eve", "test": "eve ann fay"}.items()
        for who in people.split()
    ):  # fmt: skip
        path = tmp_path / "in" / split / "yes" / f"yes_{who}_0.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wave(voice(number)))
    one = found(add("own", tmp_path / "in"))["speakers"]
    assert (one.what, one.first) == ("2 of 6 speakers in two splits", ("ann", "eve"))


def test_lists_that_name_no_clip(source: Path) -> None:
    (source / "testing_list.txt").write_text("maybe/none.wav\n")
    one = found(add("own", source))["splits"]
    assert one.level == "warning"
    assert one.what == (
        "NOT by the official testing_list.txt: none of 1 line names a clip: first maybe/none.wav"
    )


def test_words_that_look_alike_or_lack_a_split(source: Path) -> None:
    composed, seeds = "café", itertools.count(100)
    for word in (composed, unicodedata.normalize("NFD", composed), "Yes"):
        try:
            (source / "train" / word).mkdir()
        except FileExistsError:
            pytest.skip("this file system takes them for one name")
        for take in range(3):
            (source / "train" / word / f"{take}.wav").write_bytes(wave(voice(next(seeds))))
    clips = add("own", source)
    assert len(clips.words) == 5
    kinds = found(clips)
    assert kinds.keys() == {"look_alike", "missing"}
    assert kinds["look_alike"].what == "4 words that look like another, each a class of its own"
    assert {one.rpartition(" (")[2] for one in kinds["look_alike"].first} == {
        "case)", "Unicode form)",
    }  # fmt: skip
    assert kinds["missing"].what == "3 words without a clip in test"


BAD: dict[str, Callable[[Samples], Samples]] = {
    "silent": lambda x: x * 1e-4 / x.std() * 0.5,
    "clipped": lambda x: np.clip(8 * x, -1, 1),
    "level": lambda x: x / 250,
    "offset": lambda x: x / 2 + 0.1,
    "muted": lambda x: np.stack([x, 0 * x], axis=1),
    "cancelled": lambda x: np.stack([x, -0.9 * x], axis=1),
}


@pytest.mark.parametrize("kind", BAD)
def test_sounds_that_are_not_as_they_should_be(source: Path, kind: str) -> None:
    path = source / "train" / "yes" / "03.wav"
    path.write_bytes(wave(BAD[kind](voice(COUNT + 3))))
    kinds = found(add("own", source))
    assert kinds.keys() == {kind}
    one = kinds[kind]
    # One of 36 clips is more than a hundredth of them.
    assert (one.level, one.count, one.first) == ("warning", 1, ("train/yes/03.wav",))
    assert one.what.startswith("1 of 36 clips ")


def test_silence_is_silence_and_no_twin(source: Path) -> None:
    for take in range(3):
        path = source / "test" / "no" / f"{take:02}.wav"
        path.write_bytes(wave(np.zeros(16_000 if take else 24_000)))
    kinds = found(add("own", source))
    assert kinds.keys() == {"silent"}
    assert kinds["silent"].what == (
        "3 of 36 clips without sound: under -80 dB of full scale (3 of them all one number;"
        " 1 longer than the second that is kept: it may come later)"
    )


@pytest.mark.parametrize("word", [True, False])
def test_a_word_or_split_that_is_quieter_than_the_others(source: Path, word: bool) -> None:
    for seed, path in enumerate(source.glob("*/yes/*.wav" if word else "test/*/*.wav")):
        path.write_bytes(wave(voice(100 + seed) / 6))
    kinds = found(add("own", source))
    kind = "word_level" if word else "split_level"
    assert kinds.keys() == {kind}
    name, change, unit = kinds[kind].first[-1].split()
    assert (name, unit) == ("yes" if word else "test", "dB")
    # A sixth is 15.6 dB less; the clips beside vary.
    assert -20 < int(change) < -12


def flags_of(samples: Samples) -> Flag:
    return decode(wave(samples)).flags & ~(Flag.PADDED | Flag.CUT)


def test_what_averaging_does_to_channels() -> None:
    one, two, three = (voice(seed) for seed in (1, 2, 3))
    quiet = np.zeros(16_000)
    for channels, flags in (
        ((one,), Flag(0)),
        ((one, one), Flag.MIXED),
        ((one, two), Flag.MIXED),
        ((one, one / 10), Flag.MIXED),
        ((one, -one), Flag.MIXED | Flag.CANCELLED),
        ((one, -one / 2), Flag.MIXED),
        ((one, two, -one - two), Flag.MIXED | Flag.CANCELLED),
        ((one, quiet), Flag.MIXED | Flag.MUTED),
        ((one, two, three, quiet + 0.1), Flag.MIXED | Flag.MUTED),
        ((quiet, quiet), Flag.MIXED),
    ):
        assert flags_of(np.stack(channels, axis=1)) == flags, flags
    # Only the second that is kept counts.
    late = np.stack([np.r_[one, two, two], np.r_[one, -two, -two]], axis=1)
    assert flags_of(late) == Flag.MIXED


def test_what_is_kept_is_believed_only_of_the_same_clips_and_the_same_looks(source: Path) -> None:
    clips = add("own", source)
    kept = read_check(clips.folder, clips.meta)
    other = msgspec.structs.replace(clips.meta, fingerprint="another")
    assert read_check(clips.folder, other) is None
    keep(clips.folder, Check(fingerprint=clips.meta.fingerprint, format=0))
    assert read_check(clips.folder, clips.meta) is None
    (clips.folder / CHECK_FILE).write_bytes(b"{")
    assert read_check(clips.folder, clips.meta) is None
    assert check(clips) == kept


def test_channels_of_sets_of_an_older_labbench_are_not_known() -> None:
    clips = make_clips()
    old = replace(clips, meta=msgspec.structs.replace(clips.meta, changed={"padded": 0}))
    assert check(clips).unknown == ()
    assert check(old).unknown == ("channels: the data set was made by an older labbench",)
