"""Writing a data set: all of it or nothing.

It grows in a folder `.NAME.making-...` beside the others, is flushed to disk, and takes its name by
a rename. The writer holds a lock, so any other such folder of this name is what a killed writer
left, and is swept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from labbench import units
from labbench.audio import library
from labbench.audio.members import LeftOut
from labbench.audio.meta import META_FILE, SPLITS, Flag, Kind, Meta
from labbench.errors import DataError, no_room
from labbench.paths import clips_dir
from labbench.runs.trust import made
from labbench.version import VERSION


@dataclass
class Columns:
    """What is known of each clip, in the order the clips were written."""

    names: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    splits: list[int] = field(default_factory=list)
    speakers: list[str | None] = field(default_factory=list)
    lengths: MutableSequence[int] = field(default_factory=list)
    flags: MutableSequence[int] = field(default_factory=list)


@dataclass(frozen=True)
class Description:
    """The part of the meta that the maker of a data set knows."""

    kind: Kind
    words: tuple[str, ...]
    split_rule: str
    source: str
    split_notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    left_out: LeftOut = field(default_factory=LeftOut)
    passed_over: tuple[str, ...] = ()
    attribution: str = ""


class Writer:
    """Takes clips one after the other, then their columns."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._digest = hashlib.sha256()
        self._count = 0
        self._file: BinaryIO = made(folder / "clips.npy", folder.parent)
        self._write_header()

    def append(self, clips: npt.NDArray[np.int16]) -> None:
        """Write clips, (..., 16000) int16."""
        data = np.ascontiguousarray(clips, "<i2").tobytes()
        self._file.write(data)
        self._digest.update(data)
        self._count += clips.size // units.CLIP_SAMPLES

    def finish(self, columns: Columns, about: Description) -> None:
        """Write the columns and the meta, and flush everything to disk."""
        self._file.seek(0)
        self._write_header()
        _flush(self._file)
        self._file.close()
        arrays = _arrays(columns, about.words)
        for column, array in arrays.items():
            with made(self.folder / f"{column}.npy", self.folder.parent) as file:
                np.save(file, array, allow_pickle=False)
                _flush(file)
            self._digest.update(column.encode() + array.tobytes())
        self._digest.update("\0".join(about.words).encode())
        meta = _meta(self.name, arrays, about, self._digest.hexdigest())
        with made(self.folder / META_FILE, self.folder.parent) as file:
            file.write(msgspec.json.format(msgspec.json.encode(meta), indent=1))
            _flush(file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _write_header(self) -> None:
        # numpy pads a header so that the first axis can grow to any size in place.
        shape = (self._count, units.CLIP_SAMPLES)
        header = {"descr": "<i2", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)


@contextmanager
def building(name: str, *, replace: bool = False, wait_s: float = 0) -> Iterator[Writer]:
    """A writer for data set `name`, which takes its place when the block ends without an error.

    Args:
        replace: whether an existing data set of this name may be replaced.
        wait_s: how long to wait for another writer of the same name; negative: without end.

    Raises:
        DataError: the name is taken or not allowed; the disk is full or not writable.
        BusyError: another process is making it.
    """
    library.check_name(name)
    held = library.lock(name, wait_s)
    try:
        _sweep(name)
        _refuse_taken(name, replace)
        folder = clips_dir() / f".{name}.making-{uuid.uuid4().hex[:8]}"
        folder.mkdir()
        try:
            writer = Writer(name, folder)
            try:
                yield writer
            finally:
                writer.close()
            _take_place(folder, clips_dir() / name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise _disk_error(error) from error
    finally:
        held.release()


def _refuse_taken(name: str, replace: bool) -> None:
    if (clips_dir() / name).exists() and not replace:
        raise DataError(
            f"There is a data set {name!r} already.",
            where=str(clips_dir() / name),
            hint="Give another name, or --replace to make it again.",
        )


def _sweep(name: str) -> None:
    """Remove what killed writers left. The caller holds the lock."""
    library.put_back(name)
    for stale in clips_dir().glob(f".{name}.making-*"):
        shutil.rmtree(stale, ignore_errors=True)
    shutil.rmtree(clips_dir() / library.replaced_name(name), ignore_errors=True)


def _take_place(folder: Path, final: Path) -> None:
    _flush_folder(folder)
    aside = final.with_name(library.replaced_name(final.name))
    if final.exists():
        final.rename(aside)
    folder.rename(final)
    _flush_folder(final.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _arrays(columns: Columns, words: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    speaker_names = sorted({speaker for speaker in columns.speakers if speaker is not None})
    place = {speaker: index for index, speaker in enumerate(speaker_names)}
    label = {word: index for index, word in enumerate(words)}
    return {
        "names": _bytes(columns.names),
        "labels": np.array([label[word] for word in columns.words], "<i2"),
        "splits": np.array(columns.splits, "u1"),
        "speakers": np.array(
            [-1 if speaker is None else place[speaker] for speaker in columns.speakers], "<i4"
        ),
        "lengths": np.array(columns.lengths, "<i4"),
        "flags": np.array(columns.flags, "u1"),
        "speaker_names": _bytes(speaker_names),
    }


def _bytes(texts: Sequence[str]) -> npt.NDArray[np.bytes_]:
    longest = max((len(_encoded(text)) for text in texts), default=1)
    found = np.empty(len(texts), f"S{longest or 1}")
    for place, text in enumerate(texts):
        found[place] = _encoded(text)
    return found


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _meta(name: str, arrays: dict[str, Any], about: Description, fingerprint: str) -> Meta:
    per_split = np.bincount(arrays["splits"], minlength=len(SPLITS))
    return Meta(
        name=name,
        kind=about.kind,
        words=about.words,
        clips=len(arrays["labels"]),
        clips_by_split={split: int(n) for split, n in zip(SPLITS, per_split, strict=True)},
        changed={
            str(flag.name).lower(): int(np.count_nonzero(arrays["flags"] & flag)) for flag in Flag
        },
        split_rule=about.split_rule,
        split_notes=about.split_notes,
        rules=about.rules,
        skipped=tuple(about.left_out.named),
        skipped_reasons=dict(sorted(about.left_out.kinds.items())),
        passed_over=about.passed_over,
        source=about.source,
        fingerprint=fingerprint,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labbench=VERSION,
        attribution=about.attribution,
    )


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _disk_error(error: OSError) -> DataError:
    if full := no_room(error):
        return DataError(
            f"{full[0].upper()}{full[1:]}; nothing was kept.",
            where=str(clips_dir()),
            hint="A clip takes 32 kB. Free some space, choose fewer words with --words, or set"
            " LABBENCH_CLIPS to a folder on another disk.",
        )
    return DataError(
        f"A data set cannot be written here: {error.strerror or error}.",
        where=str(error.filename or clips_dir()),
    )
