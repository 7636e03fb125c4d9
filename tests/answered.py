"""Answers kept with a run as its analyst would keep them, but found out in this process."""

from __future__ import annotations

from labbench.interpret import context
from labbench.interpret.questions import AnyQuestion
from labbench.runs import RunFolder


def keep(run: RunFolder, *asks: AnyQuestion) -> None:
    """Answer questions about a run's net: no analyst is needed for them any more."""
    found = context.load(run)
    for ask in asks:
        found.ask(ask)
