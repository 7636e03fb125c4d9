"""Outputs that a person named: what lies there already keeps its kind, its owner and its mode.

| named | what happens |
|---|---|
| `-` | written to stdout |
| a file, or none yet | replaced as a whole; mode, owner, ACL and other attributes stay |
| a link | its target is replaced so; it stays a link |
| a pipe, a device, an open descriptor (`/dev/stdout`, `>(...)`) | written into |
| a folder, or a place in none | refused |
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from labbench.errors import LabbenchError, no_room

STDOUT = Path("-")
"""What names stdout."""

READER_WAIT_S = 10.0
"""Seconds in which a pipe's reader may come."""

MOST_LINKS = 40
"""Links to follow one after the other, as Linux does."""


def write_output(path: Path, content: bytes | str) -> None:
    """Write to where a person said.

    Args:
        content: text is written as UTF-8; to stdout in what it can show.

    Raises:
        LabbenchError: it is a folder, or in none, or cannot be written; nothing is left half done.
    """
    if path == STDOUT:
        _to_stdout(content)
        return
    data = content.encode() if isinstance(content, str) else content
    with _explaining_errors(path):
        descriptor = _descriptor(path)
        if descriptor is not None:
            sys.stdout.flush()
            _pour(os.dup(descriptor), data)
        elif is_plain(path):
            _replace(Path(os.path.realpath(path)), lambda temporary: temporary.write_bytes(data))
        else:
            _pour(_opened(path), data)


def fill_output(path: Path, fill: Callable[[Path], object]) -> None:
    """Have `fill` write a file, for what is written by name only.

    Raises:
        LabbenchError: as of `write_output`, or no file can lie there.
    """
    with _explaining_errors(path):
        if not is_plain(path):
            raise LabbenchError("is no plain file.", where=str(path), hint="Name another folder.")
        _replace(Path(os.path.realpath(path)), fill)


def make_folder(folder: Path) -> None:
    """Make the folder that a person named, and those it lies in.

    Raises:
        LabbenchError: it cannot be made.
    """
    if folder == STDOUT:
        raise LabbenchError("-: files go into a folder, not to stdout.", hint="Name one with -o.")
    try:
        Path(os.path.realpath(folder)).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabbenchError(
            f"cannot be made: {error.strerror}.", where=str(folder), hint="Name another with -o."
        ) from error


def is_plain(path: Path) -> bool:
    """Whether a file lies there that is replaced as a whole, or nothing yet.

    Raises:
        LabbenchError: it is a folder, or in none.
    """
    if path == STDOUT:
        return False
    with _explaining_errors(path):
        if _descriptor(path) is not None:
            return False
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return True
    if stat.S_ISDIR(mode):
        raise LabbenchError("is a folder.", where=str(path), hint="Name a file, such as one in it.")
    return stat.S_ISREG(mode)


def _descriptor(path: Path) -> int | None:
    """The open descriptor of this process that a path names, by whatever links."""
    own = re.compile(rf"/(?:proc/(?:self|{os.getpid()})|dev)/fd/(\d+)")
    place = path.absolute()
    for _ in range(MOST_LINKS):
        # The last link is not followed: that of a descriptor leads to the file behind it.
        place = Path(os.path.realpath(place.parent)) / place.name
        if named := own.fullmatch(str(place)):
            return int(named[1])
        if not place.is_symlink():
            return None
        place = place.parent / place.readlink()
    return None


def _to_stdout(content: bytes | str) -> None:
    if isinstance(content, str):
        # Its names are escaped already; a stream that escapes would escape its colours, too.
        getattr(sys.stdout, "unescaped", sys.stdout).write(content)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    sys.stdout.flush()


def _opened(path: Path) -> int:
    """A pipe or device, opened for writing; a pipe that nobody reads is waited for a while."""
    deadline = time.monotonic() + READER_WAIT_S
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or not path.is_fifo():
                raise
            if time.monotonic() > deadline:
                raise OSError(errno.ENXIO, "nobody reads this pipe") from None
            time.sleep(0.02)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


def _pour(descriptor: int, data: bytes) -> None:
    """Write all into an open descriptor, and close it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _replace(path: Path, fill: Callable[[Path], object]) -> None:
    """Fill a file beside `path`, then put it in its place.

    What cannot keep its owner, or has a second name, is written over instead.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        old = path.stat() if path.exists() else None
        if old is not None and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "it may not be written")
        # Nobody else reads it before it has the old one's mode.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if old else 0o666))
        keeps = old is None or (old.st_nlink == 1 and _dress(temporary, path, old))
        fill(temporary)
        if keeps:
            temporary.replace(path)
        else:
            _write_over(path, temporary)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _dress(temporary: Path, path: Path, old: os.stat_result) -> bool:
    """Give a new file the owner, mode and attributes of the old one; False if it cannot be."""
    new = temporary.stat()
    try:
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.chown(temporary, old.st_uid, old.st_gid)
    except PermissionError:
        return False
    shutil.copystat(path, temporary)
    os.utime(temporary)
    return True


def _write_over(path: Path, source: Path) -> None:
    """Write a file's content into another, which is left as it was where there is no room."""
    size = source.stat().st_size
    with path.open("r+b") as file:
        before = file.seek(0, os.SEEK_END)
        try:
            file.write(bytes(max(size - before, 0)))
            file.flush()
        except OSError:
            file.truncate(before)
            raise
        file.seek(0)
        with source.open("rb") as content:
            shutil.copyfileobj(content, file)
        file.truncate(size)


@contextlib.contextmanager
def _explaining_errors(path: Path) -> Iterator[None]:
    """An OSError inside as something a person can act on."""
    try:
        yield
    except OSError as error:
        raise _error(path, error) from error


def _error(path: Path, error: OSError) -> LabbenchError:
    if full := no_room(error):
        return LabbenchError(
            f"cannot be written: {full}.", where=str(path),
            hint="Free some space, or name a place on another disk.",
        )  # fmt: skip
    folder = Path(os.path.realpath(path)).parent
    if error.errno == errno.ENOENT and not folder.exists():
        return LabbenchError(
            f"cannot be written: there is no folder {folder}.", where=str(path),
            hint="Make it first, or name another.",
        )  # fmt: skip
    return LabbenchError(
        f"cannot be written: {error.strerror or error}.", where=str(path),
        hint="Name another place.",
    )  # fmt: skip
