"""Looking through the clips of a data set for what spoils every figure made with them.

Shape letters: N clips, K words, T samples.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labbench.audio.ahead import crew, let_go
from labbench.audio.clips import Clips
from labbench.audio.findings import Check, Finding, Kind, Level
from labbench.audio.library import difference_in_words, look_alike_key
from labbench.audio.meta import SPLITS, Flag
from labbench.audio.progress import Progress, silent
from labbench.audio.twins import MOST_CLIPS, Twins, twins
from labbench.units import CLIP_SAMPLES, plural

NAMED = 20
"""So many clips, words or speakers of a finding are named."""

SILENT_DB = -80.0
"""RMS in dB of full scale under which a clip has no sound: 3 steps of 16 bits."""

FAR_DB = 40.0
"""A clip so far from the median level of all is far off; speech varies by 30 dB at most."""

WORD_FAR_DB = 10.0
"""So far the median level of a word's clips may be from that of the others: a net would learn the
level. The 21 words of Speech Commands differ by 5 dB."""

SURE = 5.0
"""Standard errors of a median that a difference must exceed as well."""

CLIPPED_SHARE = 0.01
"""Of the samples of a clip that may be at full scale."""

OFFSET = 0.05
"""Mean of a clip's samples that is a DC offset, full scale 1."""

MANY = 0.01
"""Of all clips: from so many on, what is wrong with single clips is a warning."""

BLOCK = 64
"""Clips looked at at once: 16 MB."""

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def check(clips: Clips, progress: Progress = silent) -> Check:
    """Look through all clips of a data set."""
    levels = _Levels.of(clips, progress)
    silent_N = levels.rms_db < SILENT_DB
    same = twins(clips.clips, silent_N, progress)
    found = [
        *(Finding(kind="splits", level="warning", count=1, what=note)
          for note in clips.meta.split_notes),
        *_same_sounds(clips, same),
        *_speakers(clips),
        *_words(clips),
        *_sound(clips, levels, silent_N),
        *_far(clips, levels, ~silent_N),
    ]  # fmt: skip
    unknown = []
    if len(clips.clips) > MOST_CLIPS:
        unknown.append(f"sounds that are nearly the same: more than {MOST_CLIPS:,} clips")
    elif not same.complete:
        unknown.append("some sounds that may be nearly the same: too many are alike")
    if clips.meta.kind != "synthetic" and "cancelled" not in clips.meta.changed:
        unknown.append("channels: the data set was made by an older labbench")
    found.sort(key=lambda one: one.level == "note")
    return Check(fingerprint=clips.meta.fingerprint, findings=tuple(found), unknown=tuple(unknown))


@dataclass(frozen=True, slots=True)
class _Levels:
    """How loud clips are, padding aside."""

    rms_db: Floats
    """(N,) of full scale, without the mean; -inf: all samples are the same."""
    mean: Floats
    """(N,) full scale 1."""
    clipped: Floats
    """(N,) share of samples at full scale."""

    @classmethod
    def of(cls, clips: Clips, progress: Progress) -> _Levels:
        N = len(clips.clips)
        lengths = np.clip(np.asarray(clips.lengths, np.float64), 1, CLIP_SAMPLES)
        power, mean, clipped = np.zeros(N), np.zeros(N), np.zeros(N)

        def examine(start: int) -> None:
            part = slice(start, min(start + BLOCK, N))
            longest = int(lengths[part].max())
            samples_NT = np.asarray(clips.clips[part, :longest], np.float32) / 32768
            mean[part] = samples_NT.sum(axis=1, dtype=np.float64) / lengths[part]
            power[part] = np.einsum("nt,nt->n", samples_NT, samples_NT, dtype=np.float64)
            clipped[part] = (np.abs(samples_NT) >= 32767 / 32768).sum(axis=1) / lengths[part]

        with crew("levels") as threads:
            for start, _ in threads.in_order(examine, range(0, N, BLOCK)):
                progress(start, N, "checking levels")
                let_go(clips.clips)
        variance = np.maximum(power / lengths - mean**2, 0)
        variance[variance < 1e-14] = 0
        with np.errstate(divide="ignore"):
            return cls(10 * np.log10(variance), mean, clipped)


def _same_sounds(clips: Clips, same: Twins) -> Iterator[Finding]:
    """Sounds that are there more than once: in two splits, under two words, at all."""
    groups: dict[int, list[int]] = defaultdict(list)
    sizes = np.bincount(same.near_N)
    for row in np.flatnonzero(sizes[same.near_N] > 1).tolist():
        groups[int(same.near_N[row])].append(row)
    leaks = [pair for rows in groups.values() for pair in _leaks(clips, rows)]
    if leaks:
        held = Counter(SPLITS[int(clips.splits[row])] for row, _ in leaks)
        which = " and ".join(f"{n:,} of {split}" for split, n in sorted(held.items()))
        clip = "clip is" if len(leaks) == 1 else "clips are"
        what = f"{len(leaks):,} {clip} also in another split, {which}"
        yield _pairs(clips, same, "leak", len(leaks), what, leaks)
    two = [pair for rows in groups.values() for pair in _other_word(clips, rows)]
    if two:
        what = f"{plural(len(two), 'sound')} under two words"
        yield _pairs(clips, same, "two_words", len(two), what, two)
    if groups:
        many = sum(map(len, groups.values()))
        repeats = [(row, rows[0]) for rows in groups.values() for row in rows[1:]]
        what = f"{many:,} clips are {plural(len(groups), 'sound')}"
        yield _pairs(clips, same, "repeated", many, what, repeats, "note")


def _leaks(clips: Clips, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The clips for validation and test among those of one sound, each with one that is used
    before it."""
    first = min(rows, key=lambda row: int(clips.splits[row]))
    yield from ((row, first) for row in rows if clips.splits[row] > clips.splits[first])


def _other_word(clips: Clips, rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first of the clips of one sound, and the first under another word."""
    others = (row for row in rows if clips.labels[row] != clips.labels[rows[0]])
    yield from ((rows[0], row) for row in list(others)[:1])


def _pairs(
    clips: Clips, same: Twins, kind: Kind, count: int, what: str, pairs: Sequence[tuple[int, int]],
    level: Level = "warning",
) -> Finding:  # fmt: skip
    """A finding on clips that are the same sound, and how much the same."""
    exact = sum(int(same.exact_N[a] == same.exact_N[b]) for a, b in pairs)
    how = "the same to the sample" if exact == len(pairs) else "nearly the same"
    if 0 < exact < len(pairs):
        how = f"{exact:,} the same to the sample, {len(pairs) - exact:,} nearly"
    name = _place if kind == "leak" else _name
    first = [f"{name(clips, a)} = {name(clips, b)}" for a, b in pairs[:NAMED]]
    return Finding(
        kind=kind, level=level, count=count, what=f"{what} ({how})", first=tuple(first)
    )  # fmt: skip


def _place(clips: Clips, row: int) -> str:
    return f"{_name(clips, row)} ({SPLITS[int(clips.splits[row])]})"


def _name(clips: Clips, row: int) -> str:
    name: bytes = clips.names[row]
    return name.decode(errors="replace")


def _speakers(clips: Clips) -> Iterator[Finding]:
    """Speakers that are in two splits."""
    held = np.zeros((len(clips.speaker_names), len(SPLITS)), bool)
    known = np.asarray(clips.speakers) >= 0
    held[clips.speakers[known], clips.splits[known]] = True
    if len(rows := np.flatnonzero(held.sum(axis=1) > 1)):
        names = (clips.speaker_names[row].decode(errors="replace") for row in rows[:NAMED])
        yield Finding(
            kind="speakers", level="warning", count=len(rows), first=tuple(names),
            what=f"{len(rows):,} of {plural(len(held), 'speaker')} in two splits",
        )  # fmt: skip


def _words(clips: Clips) -> Iterator[Finding]:
    """Words that look like another, and words that a split lacks."""
    alike: dict[str, list[str]] = defaultdict(list)
    for word in clips.words:
        alike[look_alike_key(word)].append(word)
    if twins := [words for words in alike.values() if len(words) > 1]:
        count = sum(map(len, twins))
        yield Finding(
            kind="look_alike",
            level="warning",
            count=count,
            what=f"{count:,} words that look like another, each a class of its own",
            first=tuple(
                f"{' = '.join(words)} ({difference_in_words(words)})" for words in twins[:NAMED]
            ),
        )
    counts = np.zeros((len(clips.words), len(SPLITS)), np.int64)
    np.add.at(counts, (clips.labels, clips.splits), 1)
    for code, split in enumerate(SPLITS):
        if lacking := [clips.words[label] for label in np.flatnonzero(counts[:, code] == 0)]:
            yield Finding(kind="missing", level="warning", count=len(lacking),
                          what=f"{plural(len(lacking), 'word')} without a clip in {split}",
                          first=tuple(lacking[:NAMED]))  # fmt: skip


def _sound(clips: Clips, levels: _Levels, silent_N: Mask) -> Iterator[Finding]:
    """Clips whose sound is none, cut at full scale, far from the level of all, or not centred."""
    flags_N = np.asarray(clips.flags)
    zeros = int((levels.rms_db[silent_N] == -np.inf).sum())
    later = int((silent_N & (flags_N & Flag.CUT > 0)).sum())
    more = [f"{zeros:,} of them all one number"] if zeros else []
    more += [f"{later:,} longer than the second that is kept: it may come later"] if later else []
    yield from _some(
        clips, "silent", silent_N, f"without sound: under {SILENT_DB:.0f} dB of full scale", more
    )
    yield from _some(
        clips, "cancelled", flags_N & Flag.CANCELLED > 0,
        "whose channels cancel each other when they are averaged: 10 dB are lost, or more",
    )  # fmt: skip
    yield from _some(
        clips, "muted", flags_N & Flag.MUTED > 0,
        "averaged with a channel without sound: of two channels 6 dB are lost",
    )  # fmt: skip
    yield from _some(
        clips, "clipped", levels.clipped > CLIPPED_SHARE,
        f"with more than {CLIPPED_SHARE:.0%} of their samples at full scale",
    )  # fmt: skip
    if not silent_N.all():
        middle = float(np.median(levels.rms_db[~silent_N]))
        yield from _some(
            clips, "level", ~silent_N & (np.abs(levels.rms_db - middle) > FAR_DB),
            f"more than {FAR_DB:.0f} dB from the median level, {middle:.0f} dB",
        )  # fmt: skip
    yield from _some(
        clips, "offset", np.abs(levels.mean) > OFFSET,
        f"with a DC offset of more than {OFFSET:.0%} of full scale",
    )  # fmt: skip


def _some(
    clips: Clips, kind: Kind, which_N: Mask, what: str, more: Sequence[str] = ()
) -> Iterator[Finding]:
    """A finding on single clips; many of them are a warning."""
    rows = np.flatnonzero(which_N)
    if not len(rows):
        return
    said = f"{len(rows):,} of {plural(len(which_N), 'clip')} {what}"
    yield Finding(
        kind=kind, level="warning" if len(rows) >= MANY * len(which_N) else "note",
        count=len(rows), what=" (".join(filter(None, [said, "; ".join(more)])) + ")" * bool(more),
        first=tuple(_name(clips, row) for row in rows[:NAMED]),
    )  # fmt: skip


def _far(clips: Clips, levels: _Levels, heard_N: Mask) -> Iterator[Finding]:
    """Words and splits whose clips are louder or quieter than the others'."""
    labels, splits = np.asarray(clips.labels), np.asarray(clips.splits)
    columns: tuple[tuple[Kind, str, Sequence[str], npt.NDArray[np.generic]], ...] = (
        ("word_level", "word", clips.words, labels), ("split_level", "split", SPLITS, splits),
    )  # fmt: skip
    for kind, one, names, codes in columns:
        off = {}
        for code, name in enumerate(names):
            mine, others = (
                levels.rms_db[heard_N & (codes == code)],
                levels.rms_db[heard_N & (codes != code)],
            )
            if difference := _difference(mine, others):
                off[name] = difference
        if off:
            yield Finding(
                kind=kind, level="warning", count=len(off),
                what=f"{plural(len(off), one)} more than {WORD_FAR_DB:.0f} dB louder or quieter"
                " than the others at the median",
                first=tuple(f"{name} {db:+.0f} dB" for name, db in [*off.items()][:NAMED]),
            )  # fmt: skip


def _difference(mine: Floats, others: Floats) -> float:
    """How far the median of some levels is from that of others, 0 where that may be chance."""
    if min(len(mine), len(others)) < 2:
        return 0.0
    middles = np.median(mine), np.median(others)
    spreads = [1.25 * 1.48 * float(np.median(np.abs(db - middle))) / len(db) ** 0.5
               for db, middle in zip((mine, others), middles, strict=True)]  # fmt: skip
    difference = float(middles[0] - middles[1])
    least = max(WORD_FAR_DB, SURE * float(np.hypot(*spreads)))
    return difference if abs(difference) > least else 0.0
