"""Clips: data sets that are damaged, half made, or left aside by a killed writer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from labbench import paths, units
from labbench.audio import jobs, library
from labbench.audio.findings import read_check
from labbench.doctor.found import Found, disk, finding
from labbench.errors import BusyError, DataError
from labbench.runs import leftovers

AREA = "data"
_found = partial(finding, AREA)


def findings() -> Iterator[Found]:
    """Every data set, and what lies beside them."""
    folder = paths.clips_dir()
    yield from (_found(level, what, hint) for level, what, hint in disk(folder, "clips"))
    names = library.data_set_names()
    if not names:
        yield _found("note", "no data sets yet: runs make synthetic speech.",
                     "labbench data fetch, or labbench data add NAME PATH")  # fmt: skip
    for name in names:
        yield from _data_set(name)
    yield from _left_over(folder)


def _data_set(name: str) -> Iterator[Found]:
    """Whether a data set is whole, and what was found in its clips that spoils figures."""
    from labbench.audio.clips import open_clips

    try:
        clips = open_clips(name)
    except DataError as error:
        yield _found("broken", str(error).replace(error.hint, "").strip(), error.hint)
        return
    counts = f"{units.whole(clips.meta.clips)} clips of {units.plural(len(clips.words), 'word')}"
    yield _found("ok", f"{name}: {counts}{', synthetic' if clips.is_synthetic else ''}")
    check = read_check(clips.folder, clips.meta)
    if check is None:
        yield _found("note", f"{name}: not checked for problems.",
                     f"labbench data check {name}")  # fmt: skip
    for one in check.findings if check else ():
        yield _found(one.level, f"{name}: {one.in_words}")


def _left_over(folder: Path) -> Iterator[Found]:
    if not folder.is_dir():
        return
    for path in filter(leftovers.is_old, leftovers.half_made(folder)):
        yield _found("warning", f"{path.name}: {units.size(_size(path))} of a deleted data set.",
                     repair="delete it", mend=partial(leftovers.delete, path))  # fmt: skip
    for name, path in library.half_made():
        if _is_locked(name):
            yield _found("note", f"{name} is being made at this moment.")
            continue
        size = units.size(_size(path))
        yield _found("warning", f"{path.name}: {size} that a killed command left behind.",
                     repair="delete it", mend=jobs.sweep_half_made)  # fmt: skip
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".replaced"):
            name = path.name.removeprefix(".").removesuffix(".replaced")
            if not (folder / name).exists():
                yield _found("broken", f"{name} was being replaced when its writer was killed.",
                             repair="put the old one back",
                             mend=partial(library.recover, name))  # fmt: skip
    yield from _archive(folder / ".fetched")


def _archive(folder: Path) -> Iterator[Found]:
    size = _size(folder) if folder.is_dir() else 0
    if size:
        yield _found("note", f"{folder}: {units.size(size)} of an unfinished download.",
                     "labbench data fetch resumes it.")  # fmt: skip


def _is_locked(name: str) -> bool:
    try:
        library.lock(name).release()
    except BusyError:
        return True
    except DataError:
        # The folder cannot be written, which is told elsewhere: so nobody writes it.
        return False
    return False


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
