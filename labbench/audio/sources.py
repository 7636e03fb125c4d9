"""Files of a folder or an archive, one after the other, as (name, content).

Archives are streamed: nothing of them is ever written to disk, so no path, link or device in
them can do harm. Their size is bounded.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from labbench.audio.lists import LISTS
from labbench.audio.progress import Progress
from labbench.audio.reading import SUFFIXES
from labbench.errors import DataError
from labbench.paths import is_dir, is_file

LARGEST_FILE = 64 << 20
"""Bytes of a file beyond which it is left out."""
LARGEST_ARCHIVE = 200 << 30
"""Bytes that an archive may unpack to."""
LARGEST_HEADER = 1 << 20
"""Bytes of a tar's headers between two members; tarfile reads them into memory whole."""
MOST_FILES = 2_000_000
"""Files that a source may hold."""
TWICE = "is in the archive twice"
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source: its content, or why it is left out."""

    name: str
    """`word/file.wav`, or the list's name."""
    content: bytes = b""
    reason: str = ""
    path: str = ""
    """Where it is inside the source."""


def files(path: Path, progress: Progress) -> Iterator[File]:
    """The sound files and lists of a folder or archive, folders by name.

    Folders beginning with `_` or `.` (`_background_noise_`) and files that are neither sound nor
    list are passed over.

    Raises:
        DataError: there is nothing there, it is no folder or archive, it is damaged or too large.
    """
    if is_dir(path):
        yield from _of_folder(path, progress)
    elif not is_file(path):
        raise DataError("there is no such file or folder.", where=str(path))
    elif path.name.endswith(".zip"):
        yield from _of_zip(path, progress)
    elif path.name.endswith(ARCHIVES):
        yield from _of_tar(path, progress)
    else:
        raise DataError(
            "is neither a folder nor an archive.", where=str(path),
            hint=f"Archives end in {', '.join(ARCHIVES)}.",
        )  # fmt: skip


def _name(path: PurePosixPath) -> str | None:
    """The name a file has in the data set, or None where it is passed over."""
    parts = [part for part in path.parts if part not in (".", "/")]
    if parts and parts[-1] in LISTS:
        return parts[-1]
    if not parts or not parts[-1].lower().endswith(SUFFIXES) or parts[-1].startswith("."):
        return None
    if any(part.startswith(("_", ".")) and part != ".." for part in parts[:-1]):
        return None
    return "/".join(parts[-2:])


def _refused(path: PurePosixPath, name: str, size: int) -> str:
    """Why a file is left out unread, or ''."""
    if path.is_absolute() or ".." in path.parts:
        return "its path leaves the archive"
    if name not in LISTS and "/" not in name:
        return "is in no word's folder"
    if size > LARGEST_FILE:
        return f"is larger than {LARGEST_FILE >> 20} MiB"
    return ""


def _unique(name: str, path: PurePosixPath, taken: set[str]) -> str | None:
    """`name`, or all of the path where another file bears it, or None where it came before."""
    whole = f"./{path}"
    if whole in taken:
        return None
    unique = name if name not in taken or name in LISTS else str(path)
    taken |= {whole, unique}
    return unique


def _of_folder(folder: Path, progress: Progress) -> Iterator[File]:
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        name = _name(PurePosixPath(path.relative_to(folder).as_posix()))
        if name and path.is_file():
            _count(len(found), folder)
            found[name if name not in found else path.relative_to(folder).as_posix()] = path
    for done, (name, path) in enumerate(found.items()):
        progress(done, len(found), "reading")
        try:
            size = path.stat().st_size
            reason = _refused(PurePosixPath(name), name, size)
            where = path.relative_to(folder).as_posix()
            yield File(name, reason=reason) if reason else File(name, path.read_bytes(), path=where)
        except OSError as error:
            yield File(name, reason=f"cannot be read ({error.strerror})")
    progress(len(found), len(found), "reading")


def _of_tar(path: Path, progress: Progress) -> Iterator[File]:
    total, unpacked = path.stat().st_size, 0
    taken: set[str] = set()
    try:
        with (
            path.open("rb") as raw,
            _Rationed(raw) as plain,
            tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|") as archive,
        ):
            for number, member in enumerate(archive):
                progress(raw.tell(), total, "unpacking")
                plain.left = max(member.size, 0) + LARGEST_HEADER
                unpacked += max(member.size, 0)
                _bound(number, unpacked, path)
                inside = PurePosixPath(member.name)
                name = _name(inside)
                if name is None or member.isdir():
                    continue
                reason = _refused(inside, name, member.size)
                if not member.isfile():
                    reason = "is a link or a special file"
                unique = None if reason else _unique(name, inside, taken)
                if unique is None:
                    yield File(name, reason=reason or TWICE)
                elif (file := archive.extractfile(member)) is not None:
                    yield File(unique, file.read(), path=str(inside))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _damaged(path, error) from None
    progress(total, total, "unpacking")


class _Rationed:
    """A tar's bytes, unpacked; reading more of them than `left` is an error."""

    def __init__(self, raw: IO[bytes]) -> None:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        self._file = gzip.GzipFile(fileobj=raw) if zipped else raw
        self.left = LARGEST_HEADER

    def __enter__(self) -> _Rationed:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise tarfile.ReadError(f"a header is larger than {LARGEST_HEADER >> 20} MiB")
        return data


def _of_zip(path: Path, progress: Progress) -> Iterator[File]:
    unpacked = 0
    taken: set[str] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for number, member in enumerate(members):
                progress(number, len(members), "reading")
                unpacked += member.file_size
                _bound(number, unpacked, path)
                inside = PurePosixPath(member.filename)
                name = _name(inside)
                if name is None or member.is_dir():
                    continue
                reason = _refused(inside, name, member.file_size)
                if stat.S_ISLNK(member.external_attr >> 16):
                    reason = "is a link or a special file"
                unique = None if reason else _unique(name, inside, taken)
                if unique is None:
                    yield File(name, reason=reason or TWICE)
                else:
                    yield _zipped(archive, member, unique)
            progress(len(members), len(members), "reading")
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise _damaged(path, error) from None


def _zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> File:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return File(name, reason="is packed in a way that cannot be read")
    try:
        with archive.open(member) as file:
            # A header can lie: no more is read than it says.
            return File(name, file.read(member.file_size), path=member.filename)
    except (zipfile.BadZipFile, EOFError, zlib.error):
        return File(name, reason="is damaged in the archive")
    except (NotImplementedError, RuntimeError):
        return File(name, reason="is encrypted")


def _count(number: int, path: Path) -> None:
    if number >= MOST_FILES:
        raise DataError(f"holds more than {MOST_FILES:,} files.", where=str(path))


def _bound(number: int, unpacked: int, path: Path) -> None:
    _count(number, path)
    if unpacked > LARGEST_ARCHIVE:
        raise DataError(
            f"unpacks to more than {LARGEST_ARCHIVE >> 30} GiB.", where=str(path),
            hint="Unpack it yourself and add the folder.",
        )  # fmt: skip


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"the archive is damaged or cut off: {error}.", where=str(path), hint="Fetch it again."
    )
