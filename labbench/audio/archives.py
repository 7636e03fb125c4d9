"""The files of an archive, one after the other.

Nothing of an archive is ever written to disk, so no path, link or device in it can do harm. What
of it is in memory at a time is bounded, whatever it says of itself.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, cast

from labbench.audio.members import HIDDEN, File, Names, placed
from labbench.audio.progress import Progress
from labbench.errors import DataError

LARGEST_ARCHIVE = 200 << 30
"""Bytes that an archive may unpack to."""
LARGEST_HEADER = 1 << 20
"""Bytes of a tar's headers between two members; tarfile reads them into memory whole."""
LARGEST_DICTIONARY = 128 << 20
"""Bytes that unpacking an xz may take; `xz -9` needs 65 MiB."""

TWICE = "is in the archive twice"
LINK = "is a link or a special file"

_AT_ONCE = 1 << 16
"""Bytes that are read together."""


def of_tar(path: Path, progress: Progress) -> Iterator[File]:
    """The files of a tar, whether or not it is packed by gzip, bzip2 or xz.

    Raises:
        DataError: it is damaged, or too large.
    """
    total, unpacked, number = path.stat().st_size, 0, 0
    names = Names(path)
    try:
        with (
            path.open("rb") as raw,
            _Rationed(raw) as plain,
            tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|") as archive,
        ):
            while (member := archive.next()) is not None:
                # A stream's members are kept for nothing.
                archive.members.clear()  # type: ignore[attr-defined]
                progress(raw.tell(), total, "unpacking")
                plain.left = max(member.size, 0) + LARGEST_HEADER
                unpacked += max(member.size, 0)
                names.count(number)
                _bound(unpacked, path)
                number += 1
                if member.isdir():
                    continue
                special = not member.isfile()
                file = _met(member.name, member.size, special, names)
                content = None if file.reason or file.passed else archive.extractfile(member)
                yield file if content is None else _filled(file, content, member.size)
            # tarfile takes a damaged header for the end.
            if not plain.over(archive.offset):
                raise tarfile.ReadError(f"no file begins behind file {number}, nor is it the end")
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
        raise _damaged(path, error) from None
    progress(total, total, "unpacking")


def of_zip(path: Path, progress: Progress) -> Iterator[File]:
    """The files of a zip.

    Raises:
        DataError: it is damaged, or too large.
    """
    unpacked = 0
    names = Names(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for number, member in enumerate(members):
                progress(number, len(members), "reading")
                unpacked += member.file_size
                names.count(number)
                _bound(unpacked, path)
                # A damaged one may have no name at all, which its is_dir() does not expect.
                if member.filename.endswith("/"):
                    continue
                special = stat.S_ISLNK(member.external_attr >> 16)
                file = _met(member.filename, member.file_size, special, names)
                yield file if file.reason or file.passed else _unzipped(archive, member, file)
            progress(len(members), len(members), "reading")
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from None


def _met(path: str, size: int, special: bool, names: Names) -> File:
    """What a member is to the data set, without its content."""
    file = placed(PurePosixPath(path), size)
    if special and file.passed != HIDDEN:
        return replace(file, reason=LINK, passed="")
    if file.reason or file.passed:
        return file
    name = names.unique(file)
    return replace(file, reason=TWICE) if name is None else replace(file, name=name)


class _Rationed:
    """A tar's bytes, unpacked; reading more of them than `left` is an error."""

    def __init__(self, raw: IO[bytes]) -> None:
        begin = raw.read(6)
        raw.seek(0)
        self._file: IO[bytes] | gzip.GzipFile | bz2.BZ2File | _Xz = raw
        if begin.startswith(b"\x1f\x8b"):
            self._file = gzip.GzipFile(fileobj=raw)
        elif begin.startswith(b"BZh"):
            self._file = bz2.BZ2File(raw)
        elif begin == b"\xfd7zXZ\0":
            self._file = _Xz(raw)
        self.left = LARGEST_HEADER
        self._last, self._at = b"", 0

    def __enter__(self) -> _Rationed:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._last, self._at = data or self._last, self._at + len(data)
        self.left -= len(data)
        if self.left < 0:
            raise tarfile.ReadError(f"a header is larger than {LARGEST_HEADER >> 20} MiB")
        return data

    def over(self, offset: int) -> bool:
        """Whether the tar ends there, within what was read last: zeros follow, and only zeros."""
        rest = self._last[offset - self._at + len(self._last) :] + self._file.read(LARGEST_HEADER)
        return bool(rest) and not rest.strip(b"\0")


class _Xz:
    """The bytes of an xz, unpacked in so much memory at most; lzma's own file has no bound."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._begin()

    def _begin(self) -> None:
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LARGEST_DICTIONARY)

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0:
            packed = b""
            if self._unpacker.eof:
                # Another stream may follow, behind zeros.
                packed = self._unpacker.unused_data.lstrip(b"\0")
                packed = packed or self._raw.read(_AT_ONCE).lstrip(b"\0")
                if not packed:
                    break
                self._begin()
            elif self._unpacker.needs_input and not (packed := self._raw.read(_AT_ONCE)):
                raise EOFError("it ends before its end")
            parts.append(self._unpacker.decompress(packed, size))
            size -= len(parts[-1])
        return b"".join(parts)

    def close(self) -> None:
        """Nothing is held: who opened the file closes it."""


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: File) -> File:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return replace(file, reason="is packed in a way that cannot be read")
    try:
        with archive.open(member) as opened:
            return _filled(file, opened, member.file_size)
    except (zipfile.BadZipFile, EOFError, zlib.error):
        return replace(file, reason="is damaged in the archive")
    except (NotImplementedError, RuntimeError):
        return replace(file, reason="is encrypted")


def _filled(file: File, source: IO[bytes], size: int) -> File:
    """A file with its content; a header can lie, so no more is read than it says.

    By pieces: read at once, archives hold the content two or three times.
    """
    content = io.BytesIO()
    while piece := source.read(min(_AT_ONCE, size - content.tell())):
        content.write(piece)
    return replace(file, content=content.getvalue())


def _bound(unpacked: int, path: Path) -> None:
    if unpacked > LARGEST_ARCHIVE:
        raise DataError(
            f"unpacks to more than {LARGEST_ARCHIVE >> 30} GiB.", where=str(path),
            hint="Unpack it yourself and add the folder.",
        )  # fmt: skip


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"the archive is damaged or cut off: {error}.", where=str(path), hint="Fetch it again."
    )
