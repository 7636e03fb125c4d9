"""What a file of a source is to a data set: a clip of a word, a list, or nothing, and why; told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from labbench.audio.lists import LISTS
from labbench.audio.meta import Skipped
from labbench.audio.reading import SUFFIXES
from labbench.errors import DataError

LARGEST_FILE = 64 << 20
"""Bytes of a file beyond which it is left out."""
LARGEST_LIST = 4 << 20
"""The same of an official list."""
LONGEST_PATH = 1000
"""Characters of a file's path beyond which it is left out."""
MOST_FILES = 2_000_000
"""Files that a source may hold."""

HIDDEN = "in folders that begin with _ or ., or hidden"
TOP = "beside the words' folders"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source: its content, or why it is no clip."""

    name: str
    """`word/file.wav`, or the list's name."""
    content: bytes = b""
    reason: str = ""
    """Why it is left out, though it lies where clips are."""
    path: str = ""
    """Where it is inside the source."""
    passed: str = ""
    """Why nobody would expect it among the clips: one of `HIDDEN`, `TOP`."""


def placed(path: PurePosixPath, size: int = 0) -> File:
    """A file by its path in the source and its size in bytes, without content."""
    parts = [part for part in path.parts if part not in (".", "/")] or [""]
    whole, last = "/".join(parts), parts[-1]
    if len(whole) > LONGEST_PATH:
        shown = f"{whole[:40]}...{whole[-40:]}"
        return File(shown, reason=f"has a path of more than {LONGEST_PATH:,} characters")
    name = last if last in LISTS else "/".join(parts[-2:])
    name = whole if name == whole else name
    if path.is_absolute() or ".." in parts:
        return File(name, reason="its path leaves the archive")
    if last.startswith(".") or (
        last not in LISTS and any(part.startswith(("_", ".")) for part in parts[:-1])
    ):
        return File(whole, passed=HIDDEN)
    if len(parts) == 1 and last not in LISTS and not last.lower().endswith(SUFFIXES):
        return File(whole, passed=TOP)
    return File(name, reason=_refused(parts, size), path=whole)


def _refused(parts: list[str], size: int) -> str:
    """Why a file is left out unread, or ''."""
    last = parts[-1]
    if last not in LISTS and not last.lower().endswith(SUFFIXES):
        suffix = PurePosixPath(last).suffix.lower()
        return f"is of a kind that is not read ({suffix[:10] or 'no suffix'})"
    if last not in LISTS and len(parts) == 1:
        return "is in no word's folder"
    most = LARGEST_LIST if last in LISTS else LARGEST_FILE
    if size > most:
        return f"is larger than {most >> 20} MiB"
    return ""


class Names:
    """The names that files have in a data set: no two the same."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._paths: set[str] = set()
        self._names: set[str] = set()

    def unique(self, file: File) -> str | None:
        """Its name, or all of its path where another bears that, or None where it came before.

        Raises:
            DataError: there are too many files.
        """
        if file.path in self._paths:
            return None
        self.count(len(self._paths))
        self._paths.add(file.path)
        if file.name in LISTS:
            return file.name
        tried = (file.name, file.path, f"./{file.path}")
        unique = next(name for name in tried if name not in self._names)
        self._names.add(unique)
        return unique

    def count(self, number: int) -> None:
        """Refuse a source with so many files before this one, where that is too many.

        Raises:
            DataError: it is.
        """
        if number >= MOST_FILES:
            raise DataError(f"holds more than {MOST_FILES:,} files.", where=str(self._source))


KEPT = 200
"""So many are kept by name."""
KEPT_OF_A_KIND = 10
"""So many of a kind are."""
KINDS = 100
"""Kinds that are told apart; what is left is one more."""
SHOWN = 3
"""Of a kind, in a line about it."""


def kind_of(reason: str) -> str:
    """The kind of a reason: what figures follow behind a colon do not make another."""
    return reason.partition(":")[0]


class LeftOut:
    """Files, and why each is no clip."""

    def __init__(self) -> None:
        self.named: list[Skipped] = []
        self.kinds: Counter[str] = Counter()

    def add(self, name: str, reason: str) -> None:
        """One more."""
        kind = kind_of(reason)
        if kind not in self.kinds and len(self.kinds) >= KINDS:
            kind = reason = "cannot be used for another reason"
        self.kinds[kind] += 1
        if len(self.named) < KEPT and self.kinds[kind] <= KEPT_OF_A_KIND:
            self.named.append(Skipped(name, reason))

    def lines(self) -> tuple[str, ...]:
        """A line a kind: how many, and the first by name."""
        found = []
        for kind, count in self.kinds.most_common():
            names = [one.name for one in self.named if kind_of(one.reason) == kind][:SHOWN]
            more = ", ..." if count > len(names) else ""
            found.append(f"{count:,} {kind} ({', '.join(names)}{more})")
        return tuple(found)
