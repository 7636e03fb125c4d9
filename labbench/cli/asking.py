"""Questions about a run's net on the command line: progress on stderr, Ctrl+C ends the analyst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbench.results.inside.asks import AnyAsk
    from labbench.runs import RunFolder
    from labbench.runs.analyses import Analysis


def answered(run: RunFolder, ask: AnyAsk) -> Analysis:
    """The answer to a question: what is kept, or what an analyst finds out.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    [found] = answered_all(run, [ask])
    return found


def answered_all(run: RunFolder, asks: Sequence[AnyAsk]) -> list[Analysis]:
    """The answers to some questions, one after the other, by one analyst.

    Raises:
        LabbenchError: one cannot be answered, and why.
    """
    from labbench.cli.meter import metered
    from labbench.worker.analyst import Analyst

    with Analyst(run) as analyst, metered() as progress:
        return [analyst.answer(ask, report=progress) for ask in asks]
