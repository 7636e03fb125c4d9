"""Looks at runs, the machine and data sets again and again, in a thread, and tells the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labbench.errors import LabbenchError
from labbench.runs.poller import RunsPoller, RunsSnapshot
from labbench.tui.loader import Loader, in_thread

if TYPE_CHECKING:
    from labbench.audio.jobs import Job
    from labbench.runs import RunFolder, Status
    from labbench.tui.host import Host
    from labbench.tui.services import Machine, Services

MACHINE_EVERY = 4
"""So many looks pass between two at the machine."""


@dataclass(frozen=True, slots=True)
class BenchState:
    """All that was seen at one look."""

    runs: RunsSnapshot
    machine: Machine | None = None
    clips: str = ""
    """The data set that new runs get, and how many clips it has."""
    making: tuple[Job, ...] = ()
    """Data sets that are being made."""


class Watch:
    """Looks and tells, one look at a time.

    Args:
        seen: is given what was seen, in the app's thread.
    """

    def __init__(
        self, app: Host, root: Path, services: Services, seen: Callable[[BenchState], object]
    ) -> None:
        self._app, self._services = app, services
        self._poller = RunsPoller(root, services.now)
        self._last = BenchState(RunsSnapshot())
        self._looks = 0
        self._passing = True
        self._silence = ""
        self._loader = Loader(app, lambda: self, lambda _: self._poll(), seen)

    def poll(self) -> None:
        """Look at all runs."""
        self._passing = False
        self._loader.ask(again=True)

    def poll_in_passing(self) -> None:
        """Look at the runs that may change; of many that have ended, at some each time."""
        self._loader.ask()

    def _poll(self) -> BenchState:
        passing, self._passing = self._passing, True
        runs = self._poller.poll(passing=passing)
        last, self._looks = self._last, self._looks + 1
        if self._looks % MACHINE_EVERY == 1:
            making = _making(self._services.now())
            self._last = BenchState(runs, self._services.machine(), _default_clips(), making)
        else:
            self._last = BenchState(runs, last.machine, last.clips, last.making)
        return self._last

    def settle(self, on_cluster: Sequence[tuple[RunFolder, Status]]) -> None:
        """Ask a cluster for its jobs; where it begins not to answer, say so once."""
        in_thread(self._app, partial(self._services.settle, on_cluster), self._say_once)

    def _say_once(self, said: str) -> None:
        if said and said != self._silence:
            self._app.notify(said, severity="warning")
        self._silence = said


def _making(now: float) -> tuple[Job, ...]:
    from labbench.audio.jobs import all_jobs

    return tuple(job for job in all_jobs(now=now) if job.live)


def _default_clips() -> str:
    """The data set that runs with `data.name = "auto"` get, and its size."""
    from labbench.audio.library import all_meta, auto_name
    from labbench.presets import WORDS

    try:
        name = auto_name(WORDS)
    except LabbenchError:
        return "several data sets"
    found = next((meta for meta in all_meta() if meta.name == name), None)
    return f"{name} {found.clips:,}" if found else f"{name} (made when needed)"
