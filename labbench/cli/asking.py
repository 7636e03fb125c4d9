"""Questions about a run's net on the command line: progress on stderr, Ctrl+C ends the analyst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbench.audio.progress import Progress
    from labbench.interpret.question import A, Question
    from labbench.runs import RunFolder
    from labbench.worker.analyst import Analyst


def answered(run: RunFolder, question: Question[A]) -> A:
    """The answer to a question: what is kept, or what an analyst finds out.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    [found] = answered_all(run, [question])
    return found


def answered_all(run: RunFolder, questions: Sequence[Question[A]]) -> list[A]:
    """The answers to some questions, one after the other, by one analyst.

    Raises:
        LabbenchError: one cannot be answered, and why.
    """
    with asking(run) as (analyst, progress):
        return [analyst.ask(question, report=progress) for question in questions]


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
