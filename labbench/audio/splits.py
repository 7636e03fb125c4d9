"""Which clips are for training, for choosing and for the final judgement."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from labbench.audio.meta import SPLITS, SplitName

NOHASH = re.compile(r"^(?P<speaker>.+)_nohash_.*$")
MAX_CLIPS_A_WORD = 2**27 - 1
"""MAX_NUM_WAVS_PER_CLASS of the data set's README."""

SHARE = 0.1
"""Of the speakers (or clips) for validation, and as much for test."""


def speech_commands_set(file_name: str) -> SplitName:
    """The split of a Speech Commands file, by the `which_set` of the data set's own README.

    Everything behind `_nohash_` is left out before hashing, so that a speaker's clips stay
    together; 10 % each go to validation and test.
    """
    base = re.sub(r"_nohash_.*$", "", file_name)
    number = int(hashlib.sha1(base.encode()).hexdigest(), 16)
    percentage = (number % (MAX_CLIPS_A_WORD + 1)) * (100.0 / MAX_CLIPS_A_WORD)
    if percentage < 10:
        return "validation"
    return "test" if percentage < 20 else "train"


def speaker_of(word: str, file_name: str) -> str | None:
    """Who speaks, where a name tells it: `SPEAKER_nohash_N.wav` or `WORD_SPEAKER_N.wav`."""
    stem = file_name.rsplit(".", 1)[0]
    if match := NOHASH.match(stem):
        return match["speaker"]
    match = re.match(rf"^{re.escape(word)}_(?P<speaker>.+)_\d+$", stem)
    return match["speaker"] if match else None


def official(names: Sequence[str], listed: Mapping[str, SplitName]) -> tuple[list[int], str]:
    """Split codes of Speech Commands clips, and the rule in words.

    A clip in neither list goes where the data set's rule puts its speaker: the lists were made
    by that rule, and a speaker must not be in two splits.
    """
    codes = [
        SPLITS.index(listed.get(name) or speech_commands_set(name.rsplit("/", 1)[1]))
        for name in names
    ]
    if not listed:
        return codes, "by speaker, the sha1 rule of Speech Commands (10 % validation, 10 % test)"
    moved = sum(code != 0 and name not in listed for code, name in zip(codes, names, strict=True))
    rule = "by the official validation_list.txt and testing_list.txt, the rest to train"
    rest = f"; {moved:,} in neither list, but of their speakers by the sha1 rule" if moved else ""
    return codes, rule + rest


def dealt(
    names: Sequence[str], words: Sequence[str], speakers: Sequence[str | None]
) -> tuple[list[int], str]:
    """Split codes of any folder's clips, and the rule in words.

    By speaker where every name tells one and there are at least three; else by clip, within each
    word. Those with the smallest sha1 go to validation, the next to test.
    """
    known = {speaker for speaker in speakers if speaker is not None}
    if None not in speakers and len(known) >= 3:
        by_speaker = _dealt(sorted(known))
        codes = [by_speaker[speaker] for speaker in speakers if speaker is not None]
        return codes, "by speaker: 10 % each to validation and test, by sha1 of the speaker's name"
    of_word: dict[str, list[str]] = defaultdict(list)
    for name, word in zip(names, words, strict=True):
        of_word[word].append(name)
    by_name = {name: code for group in of_word.values() for name, code in _dealt(group).items()}
    rule = "by clip: 10 % of each word to validation and test, by sha1 of the name"
    why = "names do not tell speakers" if None in speakers else "fewer than three speakers"
    return [by_name[name] for name in names], f"{rule} ({why}: a voice can be in two splits)"


def _dealt(keys: Sequence[str]) -> dict[str, int]:
    ordered = sorted(
        keys, key=lambda k: hashlib.sha1(k.encode("utf-8", "surrogateescape")).digest()
    )
    held = max(1, round(len(ordered) * SHARE)) if len(ordered) >= 3 else 0
    return {
        key: 1 if place < held else 2 if place < 2 * held else 0
        for place, key in enumerate(ordered)
    }
