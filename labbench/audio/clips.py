"""An opened data set, and the part of it that a run uses.

Shape letters: N clips of the data set, M clips selected, T time samples (16,000: one second).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from labbench.audio.library import HOW_TO_MAKE, find
from labbench.audio.meta import SPLITS, Meta, SplitName, read_meta
from labbench.errors import DataError
from labbench.paths import plain
from labbench.units import CLIP_SAMPLES

_COLUMNS = {
    "clips": np.int16,
    "names": np.bytes_,
    "labels": np.int16,
    "splits": np.uint8,
    "speakers": np.int32,
    "lengths": np.int32,
    "flags": np.uint8,
}


@dataclass(frozen=True)
class Selection:
    """The clips of some words in one split.

    Attributes:
        rows: (M,) int64, ascending: where they are in the data set.
        labels: (M,) int64: places in the words asked for, in the order asked for.
    """

    rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clips:
    """A data set, opened read-only; its arrays are memory-mapped.

    Attributes:
        clips: (N, T) int16 at 16 kHz, full scale 32,768.
        names: (N,) bytes: each clip's path inside its source, as `bed/012c8314_nohash_1.wav`.
        labels: (N,) int16: places in `words`.
        splits: (N,) uint8: places in `SPLITS`.
        speakers: (N,) int32: places in `speaker_names`, -1 where the speaker is not known.
        speaker_names: (number of speakers,) bytes.
        lengths: (N,) int32: samples at 16 kHz before padding or cutting.
        flags: (N,) uint8: bits of `Flag`.
    """

    folder: Path
    meta: Meta
    clips: npt.NDArray[np.int16]
    names: npt.NDArray[np.bytes_]
    labels: npt.NDArray[np.int16]
    splits: npt.NDArray[np.uint8]
    speakers: npt.NDArray[np.int32]
    speaker_names: npt.NDArray[np.bytes_]
    lengths: npt.NDArray[np.int32]
    flags: npt.NDArray[np.uint8]

    @property
    def words(self) -> tuple[str, ...]:
        """The classes, in the order of `labels`."""
        return self.meta.words

    @property
    def is_synthetic(self) -> bool:
        """Whether the clips were made by a speech synthesiser."""
        return self.meta.kind == "synthetic"

    def select(self, words: Sequence[str], split: SplitName) -> Selection:
        """The clips of `words` in `split`.

        In `validation` and `test` a word may have no clip as long as another has one; in `train`
        every word needs some.

        Raises:
            DataError: a word is not in the data set, or has no clip to train on, or the split is
                empty; `words` is empty or names one twice; the split is unknown.
        """
        self._check_words(words)
        if split not in SPLITS:
            raise DataError(f"There is no split {split!r}.", hint=f"Allowed: {', '.join(SPLITS)}.")
        place = np.full(len(self.words), -1, np.int64)
        place[[self.words.index(word) for word in words]] = np.arange(len(words))
        wanted = place[self.labels]
        rows = np.flatnonzero((wanted >= 0) & (self.splits == SPLITS.index(split)))
        labels = wanted[rows]
        counts = np.bincount(labels, minlength=len(words))
        bare = [word for word, count in zip(words, counts, strict=True) if not count]
        if len(bare) == len(words):
            raise DataError(
                f"The {split} split has no clip of the words asked for.",
                where=f"data set {self.folder.name}",
                hint=f"Clips are dealt by: {self.meta.split_rule}. Add clips of more speakers and"
                " make the data set again with --replace.",
            )
        if bare and split == "train":
            raise DataError(
                f"The train split has no clip of: {', '.join(bare)}.",
                where=f"data set {self.folder.name}",
                hint="Leave these words out (--set data.words=...), or add clips of them and make"
                " the data set again with --replace.",
            )
        return Selection(rows, labels)

    def _check_words(self, words: Sequence[str]) -> None:
        if not words or len(set(words)) != len(words):
            raise DataError("The words to learn are none, or one comes twice.", where="data.words")
        missing = [word for word in words if word not in self.words]
        if missing:
            raise DataError(
                f"There are no clips of: {', '.join(missing)}.",
                where=f"data set {self.folder.name}",
                hint=f"It has: {', '.join(self.words)}. Name words of these"
                " (--set data.words=...) or another data set (--set data.name=...).",
            )


def open_clips(name_or_path: str | Path) -> Clips:
    """Open a data set by its name, or by a path to its folder.

    Raises:
        DataError: there is none, or it is damaged.
    """
    folder = find(name_or_path)
    meta = read_meta(folder)
    arrays = {column: _load(folder, column, dtype) for column, dtype in _COLUMNS.items()}
    speaker_names = _load(folder, "speaker_names", np.bytes_)
    shapes = dict.fromkeys(arrays, (meta.clips,)) | {"clips": (meta.clips, CLIP_SAMPLES)}
    wrong = [name for name, array in arrays.items() if array.shape != shapes[name]]
    if wrong or speaker_names.ndim != 1:
        wrong = wrong or ["speaker_names"]
        raise _damaged(folder, f"{', '.join(wrong)} have not the shape they should")
    spans = {"labels": (0, len(meta.words)), "splits": (0, len(SPLITS)),
             "speakers": (-1, len(speaker_names))}  # fmt: skip
    for column, (low, end) in spans.items():
        held = arrays[column]
        if len(held) and not low <= held.min() <= held.max() < end:
            raise _damaged(folder, f"{column}.npy holds numbers it should not")
    return Clips(folder=folder, meta=meta, speaker_names=speaker_names, **arrays)


def _load(folder: Path, column: str, dtype: type[np.generic]) -> npt.NDArray[Any]:
    try:
        array: npt.NDArray[Any] = np.load(
            plain(folder / f"{column}.npy"), mmap_mode="r", allow_pickle=False
        )
    except (OSError, ValueError, EOFError, TypeError, OverflowError, TokenError) as error:
        raise _damaged(folder, f"{column}.npy cannot be read ({error})") from error
    if not np.issubdtype(array.dtype, dtype):
        raise _damaged(folder, f"{column}.npy holds {array.dtype}")
    return array


def _damaged(folder: Path, what: str) -> DataError:
    return DataError(
        f"The data set is damaged: {what}.",
        where=str(folder),
        hint=f"Make it again with --replace. {HOW_TO_MAKE}",
    )
