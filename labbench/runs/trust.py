"""Who may write where: folders are reached past nothing that somebody else could put in the way.

In a folder that a group shares, others may replace any file, folder or link. What is written there
is therefore written through no link (`reached`, `opened`); what is executed lies in a folder that
nobody else can change (`trouble`).
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_MOST_LINKS = 40


def others_may_write(found: os.stat_result) -> bool:
    """Whether somebody but us and root may put something else into a folder, by its lstat."""
    if found.st_uid not in _trusted():
        return True
    group, world = found.st_mode & stat.S_IWGRP, found.st_mode & stat.S_IWOTH
    return bool(world or (group and not _is_our_own_group(found.st_gid)))


def _trusted() -> set[int]:
    """Us, and root; whoever owns `/` is root, under whatever number a container shows it."""
    return {0, os.geteuid(), Path("/").stat().st_uid}


def _is_our_own_group(group: int) -> bool:
    """Whether a group has us for its one member, as many systems make one for each user."""
    import grp
    import pwd

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        found = grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}


def trouble(path: Path, links: int = 0) -> str:
    """Why somebody else could put another folder in the place of one; "" if nobody can.

    Args:
        links: that were followed to get here.

    Raises:
        OSError: it is not there, or may not be looked at.
    """
    sticky = False
    for folder in (*reversed(path.absolute().parents), path.absolute()):
        found = folder.lstat()
        if found.st_uid not in _trusted():
            return f"{folder} belongs to somebody else"
        if stat.S_ISLNK(found.st_mode):
            if links > _MOST_LINKS:
                return f"{folder} is a link that leads nowhere"
            if said := trouble(folder.parent / folder.readlink(), links + 1):
                return said
            continue
        # In a sticky folder (/tmp) others may write, but replace nothing that is not theirs.
        sticky = bool(found.st_mode & stat.S_ISVTX)
        if others_may_write(found) and not sticky:
            return f"{folder} may be written by others"
    return f"{path} may be written by others" if sticky and others_may_write(found) else ""


@contextlib.contextmanager
def reached(folder: Path, within: Path | None = None) -> Iterator[int]:
    """A folder, held open for calls that take a `dir_fd`.

    Args:
        within: a folder above it that others may write in: below that, no link is followed but
            one in a folder that others may not write in. None: all are.

    Raises:
        OSError: it is not there; ELOOP: a link is in the way.
    """
    held = os.open(folder if within is None else within, _FOLDER)
    try:
        for part in () if within is None else folder.relative_to(within).parts:
            below = _stepped(held, part)
            os.close(held)
            held = below
        yield held
    finally:
        os.close(held)


def _stepped(held: int, part: str) -> int:
    """The folder of a name in a folder that is held open."""
    try:
        return os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=held)
    except OSError as error:
        found = os.stat(part, dir_fd=held, follow_symlinks=False)
        if not stat.S_ISLNK(found.st_mode):
            raise
        if others_may_write(os.fstat(held)):
            raise OSError(errno.ELOOP, "a link is in its place", part) from error
        return os.open(part, _FOLDER, dir_fd=held)


def opened(path: Path, flags: int, within: Path | None = None) -> int:
    """Open a file to write it, made where there is none if `flags` hold O_CREAT.

    Args:
        flags: of `os.open`; without O_TRUNC, which would come before the looks at what it is.
        within: as of `reached`.

    Raises:
        OSError: it cannot be opened; ELOOP: it is a link, no plain file, or has another name too.
    """
    # O_NONBLOCK: a pipe without another end opens at once that way, or not at all.
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with reached(path.parent, within) as folder:
        file = os.open(path.name, flags, 0o666, dir_fd=folder)
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(file)
        raise OSError(errno.ELOOP, "No plain file of its own", str(path))
    os.set_blocking(file, True)
    return file


def appending(path: Path, within: Path | None = None) -> io.FileIO:
    """A plain file, opened to write at its end without a buffer; made where there is none.

    Raises:
        OSError: as of `opened`.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.fdopen(opened(path, flags, within), "ab", buffering=0)


def made(path: Path, within: Path | None = None) -> BinaryIO:
    """A new file in the place of whatever lies there, open to write and read.

    Raises:
        OSError: as of `opened`.
    """
    with reached(path.parent, within) as folder, contextlib.suppress(FileNotFoundError):
        os.unlink(path.name, dir_fd=folder)
    return os.fdopen(opened(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, within), "w+b")


def names(folder: int) -> list[str]:
    """The names in a folder that is held open."""
    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.listdir(readable)  # noqa: PTH208 (a descriptor has no path)
    finally:
        os.close(readable)
