"""What an area of the doctor's yields: a finding, and what repairs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
