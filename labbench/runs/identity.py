"""Which cell a run is: its settings, its seed and the clips it was trained on.

All of it stands in status.json, so that thousands of runs are told apart by the one file that a
listing reads anyway.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from labbench.errors import LabbenchError
from labbench.presets import settings_key
from labbench.runs.folder import RunFolder
from labbench.runs.status import Status


@dataclass(frozen=True, slots=True)
class Clips:
    """A data set by name and content."""

    name: str
    fingerprint: str = ""
    """"" where the clips are not there (yet)."""

    def same(self, other: Clips) -> bool:
        """Whether both are the same clips; by name where the content of one is not known."""
        if self.fingerprint and other.fingerprint:
            return self.fingerprint == other.fingerprint
        return self.name == other.name


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two runs the same."""

    settings: str
    """`settings_key` of its preset."""
    seed: int
    clips: Clips


def identity(run: RunFolder, status: Status) -> Identity | None:
    """Which cell a run is; None for a run whose preset cannot be read.

    A run that was made before its status told so is asked for its preset and run.json.
    """
    clips = Clips(status.clips, status.fingerprint)
    if status.settings:
        return Identity(status.settings, status.seed, clips)
    return _from_files(run.path, status.attempt, clips)


@functools.lru_cache(maxsize=4096)
def _from_files(path: Path, attempt: int, clips: Clips) -> Identity | None:
    """The cell of a run by its files; what it was is remembered until its next attempt."""
    run = RunFolder(path)
    try:
        preset, about = run.preset(), run.about()
    except LabbenchError:
        return None
    told = about.get("clips", {})
    clips = Clips(
        told.get("name") or clips.name or preset.data.name,
        told.get("fingerprint") or clips.fingerprint,
    )
    return Identity(settings_key(preset), preset.training.seed, clips)
