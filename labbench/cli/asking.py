"""Questions about a run's net on the command line: progress on stderr, Ctrl+C ends the analyst."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbench.audio.progress import Progress
    from labbench.runs import RunFolder
    from labbench.worker.analyst import Analyst


@contextmanager
def asking(run: RunFolder) -> Iterator[tuple[Analyst, Progress]]:
    """An analyst, and how its progress is told; in the end, why answers could not be kept."""
    from labbench.cli.meter import metered
    from labbench.cli.output import say
    from labbench.worker.analyst import Analyst

    with Analyst(run) as analyst, metered() as progress:
        yield analyst, progress
    if analyst.unkept:
        say(f"labbench: {analyst.unkept}")
