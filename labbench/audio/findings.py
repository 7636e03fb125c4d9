"""What was found in the clips of a data set that spoils figures: `check.json` in its folder.

Loads no numpy: front ends may call it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from labbench import paths
from labbench.audio.meta import Meta
from labbench.decoding import decoded
from labbench.errors import DataError
from labbench.runs.files import write_atomic

CHECK_FILE = "check.json"

FORMAT = 1
"""Version of what is looked for and how; what another version found is not believed."""

SHOWN = 3
"""So many of the first clips, words or speakers are named where a finding is told in a line."""

Kind = Literal[
    "splits", "leak", "speakers", "two_words", "repeated", "look_alike", "missing", "silent",
    "cancelled", "muted", "clipped", "level", "word_level", "split_level", "offset",
]  # fmt: skip
"""splits: lists or folders that could not be followed. leak: sounds of test or validation that are
in another split, too. speakers: in two splits. two_words: sounds under two words. repeated: sounds
that are there several times. look_alike: words that differ by case or Unicode form. missing: words
without clips in a split. silent: clips without sound. cancelled, muted: channels that cancel each
other or have no sound. clipped, level, offset: clips at full scale, far from the level of the
others, with a DC offset. word_level, split_level: words and splits far from the level of the
others."""

Level = Literal["warning", "note"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing that was found.

    Attributes:
        level: warning: figures made with these clips mislead; note: good to know.
        count: clips concerned (sounds for `two_words`, else what `what` says).
        what: a sentence with the counts, without its full stop.
        first: the first clips, words or speakers by name.
    """

    kind: Kind
    level: Level
    count: int
    what: str
    first: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """`1 sound under two words (the same to the sample): a/1.wav = b/1.wav`."""
        if not self.first:
            return self.what
        more = ", ..." if len(self.first) > SHOWN else ""
        return f"{self.what}: {', '.join(self.first[:SHOWN])}{more}"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a data set.

    Attributes:
        fingerprint: of the data set that was looked at.
        findings: warnings first.
        unknown: what could not be looked at, and why.
    """

    format: int = FORMAT
    fingerprint: str
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What makes figures mislead."""
        return tuple(one for one in self.findings if one.level == "warning")


def read_check(folder: Path, meta: Meta) -> Check | None:
    """What was found in the data set in `folder`; None where nobody looked at these clips yet."""
    try:
        check = decoded(paths.read(folder / CHECK_FILE), Check)
    except (OSError, msgspec.DecodeError):
        return None
    known = check.format == FORMAT and check.fingerprint == meta.fingerprint
    return check if known else None


def keep(folder: Path, check: Check) -> None:
    """Keep what was found in the data set in `folder`.

    Raises:
        DataError: it cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode(check), indent=1)
    write_atomic(folder / CHECK_FILE, content, durable=False, kind=DataError)
