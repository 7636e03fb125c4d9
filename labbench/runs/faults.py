"""Why runs that wait could not be started: kept by the dispatcher that tried, told by listings.

Beside the dispatcher's lock and log, not in the run folder: that may be what cannot be written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from labbench.decoding import decoded
from labbench.runs import machine, private

PART = "queue"


def dispatcher_file(root: Path, what: str) -> Path:
    """A file of our dispatcher of a runs folder on this host, where nobody else can change it."""
    mark = hashlib.sha256(os.path.realpath(root).encode(errors="surrogateescape")).hexdigest()
    return private.root() / PART / f"{machine.host()}-{mark[:16]}.{what}"


def read(root: Path) -> dict[str, str]:
    """By run id: why it could not be started when that was tried last."""
    try:
        return decoded(private.read(dispatcher_file(root, "faults")), dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}


def write(root: Path, faults: Mapping[str, str]) -> None:
    """Replace what is told.

    Raises:
        RunError: it cannot be written.
    """
    private.folder(PART)
    private.write(dispatcher_file(root, "faults"), msgspec.json.encode(faults))
