"""Progress of long work on stderr: a bar on a terminal, a few plain lines elsewhere.

What is told after a comma may change from step to step: `climbing to conv3:1, score 8.04`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.progress import TimeRemainingColumn as Remaining

from labbench.audio.progress import Progress as Report
from labbench.draw.plain import Console, Text
from labbench.text import shown

if TYPE_CHECKING:
    from labbench.runs import RunFolder
    from labbench.worker.analyst import Analyst

PLAIN_EVERY_S = 10.0


class Talk(Console):
    """The console of talk. A bar leaves the cursor where it is seen: one that is stopped or killed
    has nothing to give back."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False)

    def show_cursor(self, show: bool = True) -> bool:
        return False


@contextmanager
def metered() -> Iterator[Report]:
    """A progress callback that shows what it is told."""
    console = Talk()
    if console.is_interactive:
        with Progress(
            TextColumn("{task.description}", markup=False), BarColumn(bar_width=32),
            TaskProgressColumn(), Remaining(), console=console, transient=True,
        ) as bar:  # fmt: skip
            yield _on_bar(bar)
    else:
        yield _in_lines(console)


def _on_bar(bar: Progress) -> Report:
    tasks: dict[str, TaskID] = {}

    def report(done: int, total: int, what: str, /) -> None:
        work = what.partition(",")[0]
        if work not in tasks:
            tasks[work] = bar.add_task(shown(what), total=total or None)
        bar.update(tasks[work], description=shown(what), completed=done, total=total or None)

    return report


def _in_lines(console: Console) -> Report:
    last: dict[str, float] = {}

    def report(done: int, total: int, what: str, /) -> None:
        now = time.monotonic()
        work = what.partition(",")[0]
        if now - last.get(work, 0.0) > PLAIN_EVERY_S:
            last[work] = now
            share = f": {done / total:.0%}" if total else f": {done:,}" if done else " ..."
            console.print(Text(f"{what}{share}"))

    return report


@contextmanager
def asking(run: RunFolder) -> Iterator[tuple[Analyst, Report]]:
    """An analyst, and how its progress is told; in the end, why answers could not be kept."""
    from labbench.cli.output import say
    from labbench.worker.analyst import Analyst

    with Analyst(run) as analyst, metered() as progress:
        yield analyst, progress
    if analyst.unkept:
        say(f"labbench: {analyst.unkept}")
