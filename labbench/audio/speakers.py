"""Who says which word in a synthetic data set: the plan, before any sound is made."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from labbench.errors import DataError

ACCENTS = (
    "en-us", "en-us-nyc", "en", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan",
    "en-gb-x-gbcwmd", "en-029",
)  # fmt: skip
"""eSpeak's accents of English: America, New York, Britain, received pronunciation, Scotland,
Lancaster, West Midlands, Caribbean."""

VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5",
    "Alex", "Alicia", "Andrea", "Andy", "Annie", "Diogo", "Gene", "Hugo", "Jacky", "Lee",
    "Marco", "Michael", "Mike", "adam", "anika", "antonio", "aunty", "belinda", "benjamin",
    "boris", "caleb", "david", "ed", "edward", "grandma", "grandpa", "iven", "john", "linda",
    "max", "norbert", "pablo", "paul", "quincy", "rob", "robert", "steph", "travis", "zac",
)  # fmt: skip
"""eSpeak's variants of timbre that sound like people: no robots, no whisper."""

WORKSHOP_SPEAKERS = 52
"""Speakers that one fresh synthesiser process voices: fixed, so that the samples do not depend on
how many processes work at once."""

SHARE = {"train": 0.8, "validation": 0.1, "test": 0.1}


class Speaker(msgspec.Struct, frozen=True):
    """A voice: accent, variant and base pitch (eSpeak's scale, 0 to 99)."""

    accent: str
    variant: str
    pitch: int

    @property
    def voice(self) -> str:
        """The voice's name for eSpeak."""
        return f"{self.accent}+{self.variant}"


class Line(msgspec.Struct, frozen=True):
    """One clip to be made: its place in the data set, who says what, the how-manieth time."""

    index: int
    speaker: Speaker
    word: str
    take: int


@dataclass(frozen=True)
class Cast:
    """All lines of a data set, and the split of each."""

    lines: tuple[Line, ...]
    splits: tuple[int, ...]


def cast(words: tuple[str, ...], clips: int, seed: int) -> Cast:
    """Deal speakers to splits and words to speakers.

    No timbre (variant) is in two splits, whatever the accent: the voices of validation and test
    are unheard ones. In each split the counts of any two words differ by one at most.

    Raises:
        DataError: too few clips for every word to be in every split.
    """
    if clips < 10 * len(words):
        raise DataError(
            f"{clips} clips are too few for {len(words)} words in three splits.",
            hint=f"Ask for {10 * len(words)} or more: --clips {10 * len(words)}",
        )
    rng = np.random.default_rng([seed, 0])
    variants = [VARIANTS[place] for place in rng.permutation(len(VARIANTS))]
    held = max(1, round(len(variants) * SHARE["test"]))
    parts = (variants[2 * held :], variants[:held], variants[held : 2 * held])
    held_clips = round(clips * SHARE["test"])
    counts = (clips - 2 * held_clips, held_clips, held_clips)
    lines: list[Line] = []
    splits: list[int] = []
    for split, (part, count) in enumerate(zip(parts, counts, strict=True)):
        lines += _deal(words, _speakers(part, rng), count, len(lines))
        splits += [split] * count
    return Cast(tuple(lines), tuple(splits))


def _speakers(variants: list[str], rng: np.random.Generator) -> list[Speaker]:
    pairs = [(accent, variant) for accent in ACCENTS for variant in variants]
    return [
        Speaker(pairs[place][0], pairs[place][1], pitch=int(rng.integers(25, 76)))
        for place in rng.permutation(len(pairs))
    ]


def _deal(words: tuple[str, ...], speakers: list[Speaker], count: int, start: int) -> list[Line]:
    """`count` lines in which each speaker says all the words before saying them again."""
    used = speakers[: -(-count // len(words))]
    dealt = [(place // len(words), place % len(words)) for place in range(count)]
    lines = [(turn % len(used), turn // len(used), word) for turn, word in dealt]
    return [
        Line(start + place, used[speaker], words[word], take)
        for place, (speaker, take, word) in enumerate(sorted(lines))
    ]


def workshops(cast: Cast) -> list[list[Line]]:
    """The lines in groups of `WORKSHOP_SPEAKERS` speakers, in the order of the data set."""
    groups: list[list[Line]] = []
    speakers: dict[Speaker, None] = {}
    for line in cast.lines:
        speakers.setdefault(line.speaker)
        group = (len(speakers) - 1) // WORKSHOP_SPEAKERS
        if group == len(groups):
            groups.append([])
        groups[group].append(line)
    return groups
