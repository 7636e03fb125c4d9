"""`labbench watch`, `stop` and `checkpoint`: coming back to runs that have a worker, or wait."""

from __future__ import annotations

from typing import Annotated

import typer

from labbench.cli.options import RunName, RunNames
from labbench.cli.run import AsJson, Quiet


def watch(
    run: RunName = "last",
    json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Watch a run to its end and report. Ctrl+C leaves it; it goes on."""
    from labbench.cli.watching import Interrupts, watched
    from labbench.runs import find

    with Interrupts() as interrupts:
        return watched(find(run), interrupts, as_json=json, quiet=quiet, stops=False)


def stop(
    runs: RunNames,
    now: Annotated[
        bool, typer.Option("--now", help="At once, losing steps since the last checkpoint.")
    ] = False,
) -> None:
    """Stop runs; they can be resumed. Those that wait leave the queue."""
    from labbench.cli.output import say
    from labbench.runs import find
    from labbench.scheduler import start

    for folder in [find(name) for name in runs]:
        how = start.stop(folder, now=now)
        say(f"{folder.id}: {'asked to stop' if how == 'asked' else 'taken out of the queue'}.")
    start.ensure_dispatcher()


def checkpoint(runs: RunNames) -> None:
    """Ask running runs to write a checkpoint now."""
    from labbench.cli.output import say
    from labbench.runs import find
    from labbench.scheduler import start

    for folder in [find(name) for name in runs]:
        start.checkpoint(folder)
        say(f"{folder.id}: asked for a checkpoint.")
