"""Which clip a question is about, one of the run's data set or a sound file; and which class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from labbench.audio.clips import Clips
from labbench.audio.meta import SPLITS
from labbench.audio.reading import SUFFIXES
from labbench.audio.sound import read_clip
from labbench.errors import DataError, RunError, nearest
from labbench.evaluation.sounds import clips_of
from labbench.paths import expanded, is_file, is_text
from labbench.runs import RunFolder
from labbench.units import FULL_SCALE

TEST = SPLITS.index("test")


class ClipRef(msgspec.Struct, frozen=True, kw_only=True):
    """A clip that can be named to another process."""

    name: str
    """In its source, as `tree/012c8314_nohash_1.wav`, or the file's."""
    row: int = -1
    """Where it is in the run's data set; -1: it is a file."""
    path: str = ""
    """Of the file, absolute."""
    digest: str
    """Fingerprint of the data set, or hash of the file's content."""
    word: str = ""
    """What is said in it, where that is known."""


def of_row(clips: Clips, row: int) -> ClipRef:
    """A clip of a data set.

    Raises:
        DataError: there is no such row.
    """
    if not 0 <= row < clips.meta.clips:
        raise DataError(
            f"there is no clip {row}.", where=f"data set {clips.folder.name}",
            hint=f"It has {clips.meta.clips:,}, from 0.",
        )  # fmt: skip
    return ClipRef(
        name=clips.names[row].decode(), row=row, digest=clips.meta.fingerprint,
        word=clips.words[clips.labels[row]],
    )  # fmt: skip


def of_file(path: Path) -> ClipRef:
    """A sound file's first second.

    Raises:
        DataError: it cannot be read as sound.
    """
    if not is_text(path):
        raise DataError("its name is no UTF-8 text.", where=str(path), hint="Rename it.")
    read_clip(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    return ClipRef(name=path.name, path=str(path.absolute()), digest=digest)


def named(run: RunFolder, text: str) -> ClipRef:
    """The clip a person means: a file, a row, a clip's name or a part of it, or a word.

    A word means its first test clip.

    Raises:
        LabbenchError: there is none, or several could be meant, or the run's clips are gone.
    """
    path = expanded(text)
    if is_file(path) or (path.suffix.lower() in SUFFIXES and path.is_absolute()):
        return of_file(path)
    clips = clips_of(run)
    if text.isdecimal() and len(text) < 10:
        return of_row(clips, int(text))
    names = np.char.decode(clips.names)
    if text in clips.words:
        return of_row(clips, first_of(clips, text))
    found = np.flatnonzero(names == text)
    if not len(found):
        found = np.flatnonzero(np.char.find(names, text) >= 0)
    if len(found) == 1:
        return of_row(clips, int(found[0]))
    where = f"data set {clips.folder.name}"
    if len(found):
        some = ", ".join(str(name) for name in names[found[:3]])
        raise DataError(f"{len(found):,} clips are named like {text!r}: {some}, ...", where=where,
                        hint="Name one whole.")  # fmt: skip
    raise DataError(
        f"there is no clip {text!r}, nor a sound file of that name.", where=where,
        hint=nearest(text, clips.words) or "Name a word, a clip, its row, or a sound file.",
    )  # fmt: skip


def chosen(run: RunFolder, text: str) -> ClipRef:
    """The clip a person means; empty: the first test clip.

    Raises:
        LabbenchError: as `named`.
    """
    return named(run, text) if text else first_test(run)


def listing(run: RunFolder) -> tuple[ClipRef, ...]:
    """All test clips of the run's words, in the order of the data set.

    Raises:
        LabbenchError: the run's clips are gone, or it has none.
    """
    clips = clips_of(run)
    rows = clips.select(run.preset().data.words, "test").rows
    return tuple(of_row(clips, row) for row in rows.tolist())


def first_test(run: RunFolder) -> ClipRef:
    """The first test clip of the run's words.

    Raises:
        LabbenchError: the run's clips are gone, or it has none.
    """
    clips = clips_of(run)
    return of_row(clips, int(clips.select(run.preset().data.words, "test").rows[0]))


def first_of(clips: Clips, word: str) -> int:
    """The row of a word's first test clip, or its first clip where it has no test clip."""
    of_word = clips.labels == clips.words.index(word)
    rows = np.flatnonzero(of_word & (clips.splits == TEST))
    if not len(rows):
        rows = np.flatnonzero(of_word)
    return int(rows[0])


def samples_of(run: RunFolder, clip: ClipRef) -> NDArray[np.float32]:
    """(T,) amplitudes as the net hears them: one second at 16 kHz, full scale 1.

    Raises:
        LabbenchError: the clip is gone, or is another one now.
    """
    if clip.row < 0:
        path = Path(clip.path)
        now = of_file(path)
        if now.digest != clip.digest:
            raise DataError("holds another sound now.", where=clip.path, hint="Ask again.")
        samples = read_clip(path).samples
    else:
        clips = clips_of(run)
        if clips.meta.fingerprint != clip.digest or of_row(clips, clip.row).name != clip.name:
            raise DataError(
                f"has another clip in the place of {clip.name}.",
                where=f"data set {clips.folder.name}", hint="Ask again.",
            )  # fmt: skip
        samples = clips.clips[clip.row]
    return np.asarray(samples, np.float32) / np.float32(FULL_SCALE)


def place_of(words: Sequence[str], word: str) -> int:
    """The place of a word among a run's classes.

    Raises:
        RunError: it is none of them.
    """
    if word in words:
        return list(words).index(word)
    hint = nearest(word, words) or f"There are: {', '.join(words)}."
    raise RunError(f"the run knows no word {word!r}.", where="word", hint=hint)
