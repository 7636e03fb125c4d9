"""Watching a run from outside: its status and new events, until it ends."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from labbench.runs import RunFolder, Status, Tail
from labbench.runs.events import AnyEvent
from labbench.runs.status import LIVE

LOOK_EVERY_S = 0.2

AT_ONCE = 20_000
"""Events of one look; a long log takes several, without a pause."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a run saw."""

    status: Status
    new: tuple[AnyEvent, ...]


def follow(run: RunFolder, process: subprocess.Popen[bytes] | None = None) -> Iterator[Look]:
    """Look at a run again and again until it has ended and all its events were seen.

    Args:
        process: its worker, if this process started it: a worker that died is noticed at once.
    """
    tail = Tail(run.events_path)
    while True:
        gone = process is not None and process.poll() is not None
        status = run.status()
        over = status.state not in (*LIVE, "queued") or gone
        # The events are read after the status: what came before the end is not missed.
        while new := tail.read(limit=AT_ONCE):
            yield Look(status, tuple(new))
            if len(new) < AT_ONCE:
                break
        else:
            yield Look(status, ())
        if over:
            return
        time.sleep(LOOK_EVERY_S)
