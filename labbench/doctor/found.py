"""What an area of the doctor's yields: a finding and its repair; a look at a folder's room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labbench import units
from labbench.views.health import Finding, Level


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and how to repair it."""

    finding: Finding
    mend: Callable[[], None] | None = None
    """Does what `finding.repair` says."""


def finding(
    area: str,
    level: Level,
    what: str,
    hint: str = "",
    repair: str = "",
    mend: Callable[[], None] | None = None,
) -> Found:
    """Something that was found in an area."""
    return Found(Finding(area, level, what, hint, repair), mend)


LITTLE_BYTES = 2_000_000_000
"""A run's checkpoints and events take up to some hundred MB, a data set more."""

NONE_BYTES = 100_000_000


def disk(folder: Path, what: str) -> Iterator[tuple[Level, str, str]]:
    """Level, finding and hint on the place where `what` is kept."""
    there = _nearest(folder)
    if not os.access(there, os.W_OK | os.X_OK):
        yield ("broken", f"{what}: {folder} cannot be written.",
               f"Set LABBENCH_{what.upper()} (or LABBENCH_HOME) to a folder that can.")  # fmt: skip
        return
    free = shutil.disk_usage(there).free
    said = f"{what}: {folder}, {units.size(free)} free"
    if free < NONE_BYTES:
        yield "broken", said, "Free some space: labbench runs rm, labbench data rm."
    elif free < LITTLE_BYTES:
        yield "warning", said, "Little: labbench runs rm, labbench data rm free some."
    else:
        yield "ok", said, ""


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
