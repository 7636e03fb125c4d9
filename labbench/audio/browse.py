"""Looking through a data set: its clips by word, split and name, and the sound of one.

Shape letters: N clips of the data set, M clips found, T time samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from labbench.audio.clips import Clips
from labbench.audio.meta import SPLITS, Flag
from labbench.errors import DataError, nearest
from labbench.units import FULL_SCALE, SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What is known of one clip."""

    row: int
    """Its place in the data set."""
    name: str
    word: str
    split: str
    speaker: str
    """Empty where the name does not tell."""
    seconds: float
    """Before padding or cutting."""
    changed: tuple[str, ...]
    """What was done to it: padded, cut, resampled, mixed, clipped."""


def facts(clips: Clips, row: int) -> ClipFacts:
    """What is known of the clip in a row."""
    speaker = int(clips.speakers[row])
    flags = Flag(int(clips.flags[row]))
    return ClipFacts(
        row=row,
        name=clips.names[row].decode(errors="replace"),
        word=clips.words[int(clips.labels[row])],
        split=SPLITS[int(clips.splits[row])],
        speaker=clips.speaker_names[speaker].decode(errors="replace") if speaker >= 0 else "",
        seconds=int(clips.lengths[row]) / SAMPLE_RATE_HZ,
        changed=tuple(str(flag.name).lower() for flag in Flag if flag in flags),
    )


def rows_of(
    clips: Clips, *, words: Sequence[str] = (), splits: Sequence[str] = (), text: str = "",
    names: Sequence[str] = (),
) -> npt.NDArray[np.int64]:  # fmt: skip
    """(M,) rows of the clips of some words in some splits whose name holds a text, ascending.

    Where no word, split or text is named all are taken.

    Args:
        names: of all clips, where they were read before.

    Raises:
        DataError: there is no such word or split.
    """
    inside = np.ones(len(clips.labels), bool)
    for asked, known, codes, what in (
        (words, clips.words, clips.labels, "word"), (splits, SPLITS, clips.splits, "split"),
    ):  # fmt: skip
        for one in asked:
            if one not in known:
                raise DataError(
                    f"There is no {what} {one!r}.", where=f"data set {clips.folder.name}",
                    hint=nearest(one, known),
                )  # fmt: skip
        if asked:
            inside &= np.isin(codes, [known.index(one) for one in asked])
    rows = np.flatnonzero(inside)
    if not (wanted := text.lower()):
        return rows
    names = names or names_of(clips)
    return np.array([row for row in rows.tolist() if wanted in names[row].lower()], np.int64)


def names_of(clips: Clips) -> tuple[str, ...]:
    """The names of all clips, in the order of their rows."""
    return tuple(name.decode(errors="replace") for name in np.asarray(clips.names))


def row_of(clips: Clips, clip: str) -> int:
    """The row of a clip, told by its row, its name, or an end of its name that no other has.

    Raises:
        DataError: no clip or several are meant.
    """
    names = names_of(clips)
    if clip in names:
        return names.index(clip)
    if clip.isdecimal() and len(clip) < 10 and int(clip) < len(names):
        return int(clip)
    last = PurePosixPath(clip).name
    meant = [row for row, name in enumerate(names) if last in name and _ends_in(name, clip)]
    if len(meant) == 1:
        return meant[0]
    where = f"data set {clips.folder.name}"
    if meant:
        some = ", ".join(names[row] for row in meant[:3])
        raise DataError(
            f"{clip!r} may mean {len(meant)} clips.", where=where,
            hint=f"Name one in full, as {some}",
        )  # fmt: skip
    raise DataError(
        f"There is no clip {clip!r}.", where=where,
        hint=f"List them with: labbench data clips {clips.folder.name}",
    )  # fmt: skip


def _ends_in(name: str, clip: str) -> bool:
    """Whether a clip's path ends in some parts, with or without its suffix."""
    parts, asked = PurePosixPath(name).parts, PurePosixPath(clip).parts
    bare = (*parts[:-1], PurePosixPath(name).stem)
    return bool(asked) and asked in (parts[-len(asked) :], bare[-len(asked) :])


def amplitudes(clips: Clips, row: int) -> npt.NDArray[np.float64]:
    """(T,) amplitudes of a clip, full scale 1."""
    found: npt.NDArray[np.float64] = np.asarray(clips.clips[row], np.float64) / FULL_SCALE
    return found
