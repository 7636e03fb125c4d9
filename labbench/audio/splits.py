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

    By speaker where the name tells one, if there are at least three of them; else by clip, within
    each word. Those with the smallest sha1 go to validation, the next to test.
    """
    known = sorted({speaker for speaker in speakers if speaker is not None})
    by_speaker = _dealt(known) if len(known) >= 3 else {}
    of_word: dict[str, list[str]] = defaultdict(list)
    for name, word, speaker in zip(names, words, speakers, strict=True):
        if speaker not in by_speaker:
            of_word[word].append(name)
    by_name = {name: code for group in of_word.values() for name, code in _dealt(group).items()}
    codes = [
        by_name[name] if speaker is None or speaker not in by_speaker else by_speaker[speaker]
        for name, speaker in zip(names, speakers, strict=True)
    ]
    return codes, _rule(clips_alone=len(by_name), some_by_speaker=bool(by_speaker), known=known)


def _rule(*, clips_alone: int, some_by_speaker: bool, known: Sequence[str]) -> str:
    speakers = "by speaker: 10 % each to validation and test, by sha1 of the speaker's name"
    clips = "by clip: 10 % of each word to validation and test, by sha1 of the name"
    if not clips_alone:
        return speakers
    if some_by_speaker:
        return (
            f"{speakers}; {clips_alone:,} whose names tell no speaker {clips}"
            " (their voices can be in two splits)"
        )
    why = "fewer than three speakers" if known else "names do not tell speakers"
    return f"{clips} ({why}: a voice can be in two splits)"


def _dealt(keys: Sequence[str]) -> dict[str, int]:
    ordered = sorted(
        keys, key=lambda k: hashlib.sha1(k.encode("utf-8", "surrogateescape")).digest()
    )
    held = max(1, round(len(ordered) * SHARE)) if len(ordered) >= 3 else 0
    return {
        key: 1 if place < held else 2 if place < 2 * held else 0
        for place, key in enumerate(ordered)
    }
