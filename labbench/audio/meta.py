"""What a data set says about itself: the `meta.json` in its folder."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Literal

import msgspec

from labbench import paths
from labbench.decoding import decoded
from labbench.errors import DataError

FORMAT = 1
"""Version of the folder's layout; another version is refused."""

META_FILE = "meta.json"

ARRAYS = (
    "clips", "names", "labels", "splits", "speakers", "speaker_names", "lengths", "flags",
)  # fmt: skip
"""The arrays of a data set: a `.npy` file each."""

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
"""Names of the splits; the place in this tuple is the code in `splits.npy`."""

Kind = Literal["speech_commands", "folder", "synthetic"]


class Flag(enum.IntFlag):
    """What was done to a clip to make it one second at 16 kHz: bits in `flags.npy`."""

    PADDED = 1
    CUT = 2
    RESAMPLED = 4
    MIXED = 8
    CLIPPED = 16
    MUTED = 32
    """A channel had no sound: averaged with it, the others are quieter."""
    CANCELLED = 64
    """Channels cancelled each other when they were averaged."""


class Skipped(msgspec.Struct, frozen=True):
    """A file that was left out, and why."""

    name: str
    reason: str


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """A data set in words and counts.

    Attributes:
        words: the classes; a label is a place in this tuple.
        clips: how many clips there are.
        clips_by_split: how many by split name.
        changed: how many clips were padded, cut, resampled, mixed, clipped, muted, cancelled, by
            the flag's name; sets of an older labbench lack the last two.
        split_rule: how clips were dealt to the splits.
        split_notes: lists and folders that could not be followed for it, in words.
        rules: what was done to clips that were not one second of 16 kHz mono.
        skipped: files left out, the first of each kind by name.
        skipped_reasons: how many were left out, by kind of reason.
        passed_over: files that nobody would expect among the clips, in words.
        source: the path, address or recipe the clips came from.
        fingerprint: sha256 over the arrays: the same clips have the same fingerprint.
        created: when it was made, UTC, ISO 8601.
        labbench: the version that made it.
        attribution: licence and authors where they are known.
    """

    format: int = FORMAT
    name: str
    kind: Kind
    words: tuple[str, ...]
    clips: int
    clips_by_split: dict[str, int]
    changed: dict[str, int]
    split_rule: str
    split_notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    skipped_reasons: dict[str, int] = {}
    passed_over: tuple[str, ...] = ()
    source: str
    fingerprint: str
    created: str
    labbench: str
    attribution: str = ""


def read_meta(folder: Path) -> Meta:
    """The meta of the data set in `folder`.

    Raises:
        DataError: there is none, it cannot be read, or another version wrote it.
    """
    path = folder / META_FILE
    try:
        meta = decoded(paths.read(path), Meta)
    except FileNotFoundError:
        raise DataError(
            "This is not a data set of labbench: it has no meta.json.",
            where=str(folder),
            hint="Make one of a folder of clips with: labbench data add NAME PATH",
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(
            f"The data set's meta.json cannot be read: {error}.",
            where=str(path),
            hint="Make the data set again with --replace.",
        ) from error
    if meta.format != FORMAT:
        raise DataError(
            f"The data set has format {meta.format}; this labbench reads format {FORMAT}.",
            where=str(path),
            hint="Make the data set again with --replace.",
        )
    return meta
