"""Which clips are for training, for choosing and for the final judgement."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath

from labbench.audio.lists import LISTS, Listed, listed
from labbench.audio.meta import SPLITS, SplitName
from labbench.units import plural

NOHASH = re.compile(r"^(?P<speaker>.+)_nohash_.*$")
MAX_CLIPS_A_WORD = 2**27 - 1
"""MAX_NUM_WAVS_PER_CLASS of the data set's README."""

SHARE = 0.1
"""Of the speakers (or clips) for validation, and as much for test."""

SPEECH_COMMANDS_SHARE = 0.9
"""A source is Speech Commands when so many of its names are `SPEAKER_nohash_N.wav`."""

FOLDERS: dict[str, SplitName] = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip
"""Names of folders that hold the clips of a split, in small letters."""


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


@dataclass(frozen=True, slots=True)
class Named:
    """What tells the splits of clips: an entry a clip in each."""

    names: Sequence[str]
    """`word/file`."""
    words: Sequence[str]
    speakers: Sequence[str | None]
    paths: Sequence[str]
    """Inside the source, as `test/word/file`."""


@dataclass(frozen=True, slots=True)
class Deal:
    """The split of each clip, and why."""

    names: Sequence[str]
    """Of the clips: with the folder of their split, where that decides."""
    codes: list[int]
    """Places in `SPLITS`."""
    rule: str
    notes: tuple[str, ...] = ()
    """What was there to split by, but could not be followed."""


def is_speech_commands(names: Sequence[str]) -> bool:
    """Whether clips are named as those of Speech Commands."""
    official = sum(bool(NOHASH.match(name.rpartition("/")[2])) for name in names)
    return official >= SPEECH_COMMANDS_SHARE * max(len(names), 1)


def deal(clips: Named, lists: Mapping[SplitName, Sequence[str]]) -> Deal:
    """Deal clips to splits: by official lists, else by folders, else by the rule of their names.

    Args:
        lists: the lines of the lists there are.
    """
    notes: list[str] = []
    if lists:
        found = listed(clips.names, lists)
        if found.codes:
            codes, rule = _by_lists(clips, found, lists)
            return Deal(clips.names, codes, rule, (found.in_words,) if found.in_words else ())
        notes.append(f"NOT by the official {_files(lists)}: {found.none}")
    given = _Folders.of(clips.paths)
    if given.outside:
        notes.append("NOT by the folders of train and test:"
                     f" {plural(len(given.outside), 'clip')} outside of them:"
                     f" first {given.outside[0]}")  # fmt: skip
    if given.codes:
        names: Sequence[str] = given.names
        codes, rule = _completed(clips, given.codes, f"by the folders {given.in_words}")
    elif is_speech_commands(clips.names):
        names = clips.names
        codes = [SPLITS.index(speech_commands_set(name.rpartition("/")[2])) for name in names]
        rule = "by speaker, the sha1 rule of Speech Commands (10 % validation, 10 % test)"
    else:
        names = clips.names
        codes, rule = dealt(names, clips.words, clips.speakers)
    return Deal(names, codes, "; ".join([rule, *notes]), tuple(notes))


def dealt(
    names: Sequence[str],
    words: Sequence[str],
    speakers: Sequence[str | None],
    held: Sequence[SplitName] = SPLITS[1:],
) -> tuple[list[int], str]:
    """Split codes of any folder's clips, and the rule in words.

    By speaker where the name tells one, if there are at least three of them; else by clip, within
    each word. Those with the smallest sha1 go to the first split of `held`, and so on; most stay
    in train.
    """
    known = sorted({speaker for speaker in speakers if speaker is not None})
    by_speaker = _dealt(known, held) if len(known) >= 3 else {}
    of_word: dict[str, list[str]] = defaultdict(list)
    for name, word, speaker in zip(names, words, speakers, strict=True):
        if speaker not in by_speaker:
            of_word[word].append(name)
    by_name = {
        name: code for group in of_word.values() for name, code in _dealt(group, held).items()
    }
    codes = [
        by_name[name] if speaker is None or speaker not in by_speaker else by_speaker[speaker]
        for name, speaker in zip(names, speakers, strict=True)
    ]
    return codes, _rule(len(by_name), bool(by_speaker), bool(known), held)


def _rule(alone: int, by_speaker: bool, known: bool, held: Sequence[SplitName]) -> str:
    """How clips were dealt, `alone` of them by clip."""
    to = " and ".join(held)
    each = " each" if len(held) > 1 else ""
    speakers = f"by speaker: 10 %{each} to {to}, by sha1 of the speaker's name"
    clips = f"by clip: 10 % of each word to {to}, by sha1 of the name"
    if not alone:
        return speakers
    if by_speaker:
        return (
            f"{speakers}; {alone:,} whose names tell no speaker {clips}"
            " (their voices can be in two splits)"
        )
    why = "fewer than three speakers" if known else "names do not tell speakers"
    return f"{clips} ({why}: a voice can be in two splits)"


def _dealt(keys: Sequence[str], held: Sequence[SplitName]) -> dict[str, int]:
    ordered = sorted(
        keys, key=lambda k: hashlib.sha1(k.encode("utf-8", "surrogateescape")).digest()
    )
    count = max(1, round(len(ordered) * SHARE)) if len(ordered) >= 3 else 0
    codes = [SPLITS.index(split) for split in held for _ in range(count)]
    return dict(zip(ordered, codes + [0] * len(ordered), strict=False))


def _files(lists: Mapping[SplitName, Sequence[str]]) -> str:
    return " and ".join(file for file, split in LISTS.items() if split in lists)


def _by_lists(
    clips: Named, found: Listed, lists: Mapping[SplitName, Sequence[str]]
) -> tuple[list[int], str]:
    """Split codes of clips of which some are listed, and the rule in words.

    A clip of Speech Commands in no list goes where the data set's rule puts its speaker: the lists
    were made by that rule, and a speaker must not be in two splits. Any other goes to train.
    """
    codes = [
        found.codes[row] if row in found.codes else SPLITS.index(_unlisted(name))
        for row, name in enumerate(clips.names)
    ]
    details = f" ({found.in_words})" if found.in_words else ""
    rule = f"by the official {_files(lists)}{details}, the rest to train"
    if moved := sum(code != 0 and row not in found.codes for row, code in enumerate(codes)):
        rule += f"; {moved:,} in neither list, but of their speakers by the sha1 rule"
    if found.others:
        rule += f"; {plural(len(found.others), 'line')} of the lists of other words"
    return _completed(clips, codes, rule)


def _unlisted(name: str) -> SplitName:
    base = name.rpartition("/")[2]
    return speech_commands_set(base) if NOHASH.match(base) else "train"


@dataclass(frozen=True, slots=True)
class _Folders:
    """What the folders of clips say of their splits."""

    codes: list[int]
    """Of each clip; []: there is no folder for train with one for another split beside it, or
    some clips lie outside of such folders."""
    names: list[str]
    """Of each clip, from the folder of its split on."""
    outside: list[str]
    """The paths of those outside."""
    in_words: str

    @classmethod
    def of(cls, paths: Sequence[str]) -> _Folders:
        """Look at the first folder in which paths differ."""
        shared = commonpath({path.rpartition("/")[0].rpartition("/")[0] for path in paths})
        begin = len(shared) + 1 if shared else 0

        def head(path: str) -> str:
            tail = path[begin:]
            return tail.partition("/")[0] if tail.count("/") > 1 else ""

        means = _meaning(dict.fromkeys(filter(None, map(head, paths))))
        if "train" not in means.values() or len(set(means.values())) < 2:
            return cls([], [], [], "")
        if outside := [path for path in paths if head(path) not in means]:
            return cls([], [], outside, "")
        codes = [SPLITS.index(means[head(path)]) for path in paths]
        order = sorted(means, key=lambda head: SPLITS.index(means[head]))
        return cls(codes, [path[begin:] for path in paths], [], ", ".join(order))


def _meaning(heads: Iterable[str]) -> dict[str, SplitName]:
    """The folders that are named as a split -> that split."""
    means = {head: FOLDERS[head.casefold()] for head in heads if head.casefold() in FOLDERS}
    tests = [head for head, split in means.items() if split == "test"]
    if "validation" not in means.values() and len(tests) > 1:
        # Beside a folder for test, one for evaluation is what settings were chosen by.
        means |= {head: "validation" for head in tests if head.casefold().startswith("eval")}
    return means


def _completed(clips: Named, codes: list[int], rule: str) -> tuple[list[int], str]:
    """Split codes with the splits that nothing is given for, dealt from the clips of train."""
    missing = [split for code, split in enumerate(SPLITS) if code not in codes]
    rows = [row for row, code in enumerate(codes) if code == 0]
    if not missing or not rows:
        return codes, rule
    held, how = dealt(
        [clips.names[row] for row in rows], [clips.words[row] for row in rows],
        [clips.speakers[row] for row in rows], missing,
    )  # fmt: skip
    of_train = dict(zip(rows, held, strict=True))
    codes = [of_train.get(row, code) for row, code in enumerate(codes)]
    return codes, f"{rule}; {' and '.join(missing)} of the clips for train, {how}"
