"""How many bytes of samples a file's header promises, and how many are there.

Headers that lie are common: recorders that were killed and programs that write into a pipe leave
lengths of 0 or of the largest number there is, others count a few bytes too many. A file is torn
only where samples are missing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

_NEAR = 4096
"""Bytes of headers that a writer may take off the largest length there is."""

_LONGEST_PAGE = 27 + 255 + 255 * 255
"""Bytes of a page of Ogg."""

_MOST_CHUNKS = 10_000
"""Chunks that are looked at; that of the samples is among the first few."""

Order = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of file is built of chunks: each has a name, a size and content."""

    order: Order
    head: int = 12
    """Bytes before the first chunk."""
    name: int = 4
    """Bytes of a chunk's name."""
    width: int = 4
    """Bytes of a chunk's size; one of 8 has a sign."""
    samples: bytes = b"data"
    """How the name of the chunk of samples begins."""
    counted: int = 0
    """Bytes of a chunk's name and size that its size counts."""
    padded: int = 2
    """Chunks begin at multiples of so many bytes."""
    whole: bool = True
    """Whether bytes 4 to 8 tell how many follow them."""

    def chunk(self, head: bytes) -> tuple[bytes, int]:
        """A chunk's name, and the size of its content."""
        size = int.from_bytes(head[self.name :], self.order, signed=self.width == 8)
        return head[: self.name], size - self.counted


_FORMS = {
    b"RIFF": Form("little"),
    b"RF64": Form("little", whole=False),
    b"RIFX": Form("big"),
    b"FORM": Form("big", samples=b"SSND"),
    b"caff": Form("big", head=8, width=8, padded=1, whole=False),
    b"riff": Form("little", head=40, name=16, width=8, counted=24, padded=8, whole=False),
}
"""Of WAV, its kinds for long and for big-endian sound, AIFF, CAF and W64, by their first bytes."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a file's samples end."""

    said: int | None
    """Bytes of them that the header promises; None: it does not know."""
    there: int
    """Bytes from their beginning to the file's end."""
    at: int = 0
    """Where the header says how many."""
    width: int = 0
    """Bytes of that number."""
    order: Order = "big"
    ended: bool = False
    """Whether the header says that the file ends where it does, or before."""

    @property
    def torn(self) -> bool:
        """Whether samples are missing."""
        return self.said is not None and not self.ended and self.said > self.there


def extent(file: BinaryIO) -> Extent | None:
    """Where a file's samples end, None where its kind does not say so."""
    file.seek(0)
    begin = file.read(24)
    length = file.seek(0, os.SEEK_END)
    kind = begin[:4]
    if kind == b"OggS":
        return _last_page(file, length)
    if kind in (b".snd", b"dns.") and len(begin) == 24:
        order: Order = "big" if kind == b".snd" else "little"
        start, said = (int.from_bytes(begin[at : at + 4], order) for at in (4, 8))
        return Extent(_known(said), max(length - start, 0), 8, 4, order)
    form = _FORMS.get(kind)
    return _in_chunks(file, begin, length, form) if form else None


def tells_length(file: BinaryIO) -> bool:
    """Whether an mp3 tells how many samples it holds, so that its length is no guess."""
    file.seek(0)
    tag = file.read(10)
    start = 0
    if tag[:3] == b"ID3" and len(tag) == 10:
        # Seven bits of each byte count.
        start = 10 + sum((byte & 127) << 7 * (3 - place) for place, byte in enumerate(tag[6:]))
    file.seek(start)
    first_frame = file.read(2048)
    return any(name in first_frame for name in (b"Xing", b"Info", b"VBRI"))


class View:
    """A file as libsndfile is to see it: where its header does not know a length, with that.

    It raises nothing, since nobody could catch it below C.
    """

    def __init__(self, file: BinaryIO, found: Extent | None) -> None:
        self._file = file
        self._at, self._new = 0, b""
        if found is not None and found.said is None:
            most = (1 << 8 * found.width) - 1
            self._at = found.at
            self._new = min(found.there, most).to_bytes(found.width, found.order)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        begin = self._file.tell()
        try:
            found = self._file.read(size)
        except OSError:
            return b""
        low = max(self._at - begin, 0)
        high = min(self._at + len(self._new) - begin, len(found))
        if low < high:
            new = self._new[begin + low - self._at : begin + high - self._at]
            return found[:low] + new + found[high:]
        return found


def _in_chunks(file: BinaryIO, begin: bytes, length: int, form: Form) -> Extent | None:
    long_size = None
    for name, start, size in _chunks(file, form, length):
        if name == b"ds64":
            file.seek(start + 8)
            long_size = int.from_bytes(file.read(8), "little")
        if not name.startswith(form.samples):
            continue
        there = length - start
        said = _known(size) if long_size is None else long_size
        if size == 0 and form.whole and there and not _is_chunk(file, start, there, form):
            said = None
        ended = form.whole and 0 < int.from_bytes(begin[4:8], form.order) <= length - 8
        return Extent(said, there, start - form.width, form.width, form.order, ended)
    return None


def _chunks(file: BinaryIO, form: Form, length: int) -> Iterator[tuple[bytes, int, int]]:
    """Name of each chunk, and where its content begins and how long it is."""
    at, head = form.head, form.name + form.width
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        found = file.read(head)
        if len(found) < head:
            return
        name, size = form.chunk(found)
        yield name, at + head, size
        at += head + max(size, 0)
        at += -at % form.padded
        if at >= length:
            return


def _is_chunk(file: BinaryIO, at: int, there: int, form: Form) -> bool:
    """Whether a chunk begins here that fits in, and no samples."""
    file.seek(at)
    head = file.read(form.name + form.width)
    name, size = form.chunk(head)
    return all(32 <= sign < 127 for sign in name) and 0 < size <= there - len(head)


def _known(size: int) -> int | None:
    """A length, None where it stands for none: -1, or 2 or 4 GiB or a little less."""
    if size < 0 or any(0 <= top - size <= _NEAR for top in (1 << 31, 1 << 32)):
        return None
    return size


def _last_page(file: BinaryIO, length: int) -> Extent | None:
    """Of an Ogg: the head of its last page says how long that is."""
    begin = file.seek(max(length - _LONGEST_PAGE, 0))
    tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0:
        return None
    page = tail[at:]
    head = 27 + (page[26] if len(page) > 26 else 255)
    return Extent(begin + at + head + sum(page[27:head]), length)
