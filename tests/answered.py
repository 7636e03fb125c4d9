"""Answers kept with a run as its analyst would keep them, but found out in this process."""

from __future__ import annotations

from labbench.interpret import catalogue, context
from labbench.interpret.questions import AnyAsk
from labbench.runs import RunFolder, analyses


def keep(run: RunFolder, *asks: AnyAsk) -> None:
    """Answer questions about a run's net: no analyst is needed for them any more."""
    found = context.load(run)
    for ask in asks:
        analyses.save(run.path, analyses.key(ask, found.digest), catalogue.compute(found, ask))
