"""Tags and a note that a person keeps with a run: notes.json in its folder, written by screens."""

from __future__ import annotations

from pathlib import Path

import msgspec

from labbench import paths
from labbench.decoding import decoded
from labbench.errors import RunError, check_seen
from labbench.runs.files import write_atomic

FILE = "notes.json"


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a run."""

    tags: tuple[str, ...] = ()
    note: str = ""


def read(folder: Path) -> Notes:
    """The notes of a run folder; empty where there are none or they are damaged."""
    try:
        return decoded(paths.read(folder / FILE), Notes)
    except (OSError, msgspec.DecodeError):
        return Notes()


def write(folder: Path, notes: Notes) -> None:
    """Replace the notes of a run folder.

    Raises:
        RunError: the folder cannot be written, or a tag or the note holds what cannot be seen.
    """
    for tag in notes.tags:
        check_seen(tag, "the tag", RunError, where=folder.name)
    check_seen(notes.note, "the note", RunError, where=folder.name)
    content = msgspec.json.encode(notes)
    write_atomic(folder / FILE, content, durable=False, within=folder.parent)
