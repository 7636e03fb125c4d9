"""Where clips come from: a folder or an archive, as its files one after the other."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from labbench.audio.archives import of_tar, of_zip
from labbench.audio.members import HIDDEN, File, Names, placed
from labbench.audio.progress import Progress
from labbench.errors import DataError
from labbench.paths import is_dir, is_file

LOOK_EVERY = 1000
"""Files found between two words on how many there are."""

Identity = tuple[int, int]
"""Device and number of a folder, by whatever path it is reached."""


def of_folder(folder: Path, progress: Progress) -> Iterator[File]:
    """Its files by path, folders by name.

    Raises:
        DataError: they are too many.
    """
    names = Names(folder)
    found: list[str] = []
    reasons: dict[str, str] = {}
    for inside, reason in _walked(folder):
        names.count(len(found))
        found.append(_key(inside))
        if reason:
            reasons[found[-1]] = reason
        if len(found) % LOOK_EVERY == 0:
            progress(len(found), 0, "looking for files")
    found.sort(reverse=True)
    total = len(found)
    for done in range(total):
        progress(done, total, "reading")
        # What was read is in the list no more: its name is kept elsewhere.
        key = found.pop()
        inside = PurePosixPath(key.replace("\0", "/"))
        yield _read(folder / inside, inside, reasons.get(key, ""), names)
    progress(total, total, "reading")


def _key(inside: PurePosixPath) -> str:
    """A path as it is put in order: `a/b` before `a b/c`, as folders are listed one by one."""
    return str(inside).replace("/", "\0")


def _read(path: Path, inside: PurePosixPath, reason: str, names: Names) -> File:
    try:
        file = placed(inside, 0 if reason else path.stat().st_size)
    except OSError as error:
        return File(str(inside), reason=f"cannot be read ({error.strerror})")
    if reason and file.passed != HIDDEN:
        return File(str(inside), reason=reason)
    if file.reason or file.passed:
        return file
    try:
        name = names.unique(file) or file.path
        return replace(file, name=name, content=path.read_bytes())
    except OSError as error:
        return replace(file, reason=f"cannot be read ({error.strerror})")


def _walked(folder: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """Path of each file, and why it cannot be read.

    A link to a folder is followed after all folders proper, so that it never takes the place of
    one, and where it leads to none that is read anyway: a chain of links has an end.
    """
    read: set[Identity] = set()
    above = {_identity(one) for one in folder.resolve().parents}
    links: deque[PurePosixPath] = deque()
    yield from _tree(folder, PurePosixPath(), read, links)
    while links:
        inside = links.popleft()
        try:
            target = _identity(folder / inside)
        except OSError as error:
            yield inside, f"is a link that cannot be followed ({error.strerror})"
            continue
        if target in above:
            yield inside, "is a link to a folder above it"
        elif target in read:
            yield inside, "is a link to a folder that is read anyway"
        else:
            yield from _tree(folder, inside, read, links)


def _tree(
    root: Path, top: PurePosixPath, read: set[Identity], links: deque[PurePosixPath]
) -> Iterator[tuple[PurePosixPath, str]]:
    """All files below a folder; folders that it links to are added to `links`."""
    waiting = [top]
    while waiting:
        here = waiting.pop()
        try:
            identity = _identity(root / here)
            if identity in read:
                continue
            read.add(identity)
            with os.scandir(root / here) as entries:
                for entry in entries:
                    path = here / entry.name
                    link = entry.is_symlink()
                    # A DirEntry raises where a link leads to itself.
                    if is_dir(root / path) if link else entry.is_dir():
                        (links if link else waiting).append(path)
                    elif is_file(root / path) if link else entry.is_file():
                        yield path, ""
                    else:
                        yield path, "is a link to nothing" if link else "is no plain file"
        except OSError as error:
            yield here, f"is a folder that cannot be read ({error.strerror})"


def _identity(path: Path) -> Identity:
    known = path.stat()
    return known.st_dev, known.st_ino


TARS = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar")
ARCHIVES = (*TARS, ".zip")
"""How the names of archives end, in small or capital letters."""


def check(path: Path) -> None:
    """Refuse what holds no files for sure.

    Raises:
        DataError: there is nothing there, or it is no folder or archive.
    """
    if is_dir(path):
        return
    if not is_file(path):
        raise DataError("there is no such file or folder.", where=str(path))
    if not path.name.lower().endswith(ARCHIVES):
        raise DataError(
            "is neither a folder nor an archive.", where=str(path),
            hint=f"Archives end in {', '.join(ARCHIVES)}.",
        )  # fmt: skip


def files(path: Path, progress: Progress) -> Iterator[File]:
    """All files of a folder or archive, folders by name; what is no clip or list says why.

    Raises:
        DataError: there is nothing there, it is no folder or archive, it is damaged or too large.
    """
    check(path)
    if is_dir(path):
        return of_folder(path, progress)
    return (of_zip if path.name.lower().endswith(".zip") else of_tar)(path, progress)
