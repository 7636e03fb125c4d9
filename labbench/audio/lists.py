"""Official lists: files that name the clips of a split, a line each, as their writer wrote them."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labbench.audio.meta import SPLITS, SplitName
from labbench.audio.reading import SUFFIXES
from labbench.units import plural

LISTS: dict[str, SplitName] = {"validation_list.txt": "validation", "testing_list.txt": "test"}
"""The lists of Speech Commands, and the split whose clips each names."""

LONGEST_SHOWN = 120
"""Signs of a line that are shown."""


def lines_of(content: bytes) -> list[str]:
    """The lines of a list that say something; a byte order mark says only how it is written."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if wide else "utf-8-sig", "replace")
    return [line for line in map(str.strip, re.split(r"[\r\n]+", text)) if line]


@dataclass(frozen=True, slots=True)
class Listed:
    """What lists say of the clips of a data set."""

    codes: dict[int, int]
    """Row of a clip that is listed -> place of its split in `SPLITS`."""
    lines: int
    """Lines that name a word of the data set, or no word at all."""
    strange: tuple[str, ...]
    """Those of them that name no clip."""
    others: tuple[str, ...]
    """Lines that name other words."""
    both: int
    """Clips that are in both lists: they are test clips."""

    @property
    def none(self) -> str:
        """What is said where no line names a clip."""
        lines, first = self.lines + len(self.others), self.strange or self.others
        return f"none of {plural(lines, 'line')} names a clip" + (
            f": first {_cut(first[0])}" if first else ""
        )

    @property
    def in_words(self) -> str:
        """What is odd about the lines; empty: nothing."""
        parts = []
        if self.strange:
            verb = "names" if len(self.strange) == 1 else "name"
            parts.append(f"{len(self.strange):,} of {plural(self.lines, 'line')} {verb} no clip:"
                         f" first {_cut(self.strange[0])}")  # fmt: skip
        if self.both:
            parts.append(f"{plural(self.both, 'clip')} in both lists: taken for test")
        return "; ".join(parts)


def listed(names: Sequence[str], lists: Mapping[SplitName, Sequence[str]]) -> Listed:
    """Find the clips that lists name.

    A line names the clip of exactly its path; else those with its word and file name, whatever
    folders lead there, whichever slash, suffix of sound or Unicode form of letters is written.
    """
    exact = {name: [row] for row, name in enumerate(names)}
    alike: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        alike[_key(name)].append(row)
    words = {key.rpartition("/")[0] for key in alike}
    codes: dict[int, int] = {}
    strange: list[str] = []
    others: list[str] = []
    both = 0
    for code, split in enumerate(SPLITS):
        for line in lists.get(split, ()):
            rows = exact.get(line) or alike.get(_key(line), [])
            both += sum(codes.get(row, code) != code for row in rows)
            codes |= dict.fromkeys(rows, code)
            word = _key(line).rpartition("/")[0]
            if not rows and word and word not in words:
                others.append(line)
            elif not rows:
                strange.append(line)
    lines = sum(map(len, lists.values())) - len(others)
    return Listed(codes, lines, tuple(strange), tuple(others), both)


def _cut(line: str) -> str:
    """A line as it is shown: a list may be a file of any kind."""
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


def _key(path: str) -> str:
    """Word and file name of a path, the same for all ways to write them."""
    text = unicodedata.normalize("NFC", path.replace("\\", "/"))
    parts = [part for part in text.split("/") if part not in ("", ".")] or [""]
    stem = re.sub(rf"({'|'.join(map(re.escape, SUFFIXES))})$", "", parts[-1], flags=re.IGNORECASE)
    return "/".join([*parts[:-1][-1:], stem])
