"""What keeps runs from being started: tried again ever later, told of once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from labbench.errors import LabbenchError
from labbench.runs import faults

FIRST_REST_S = 1.0
LONGEST_REST_S = 300.0

QUEUE = ""
"""In place of a run's id: the queue as a whole cannot be looked at."""


@dataclass(frozen=True, slots=True)
class _Fault:
    what: str
    rest_s: float
    until: float
    """By the monotonic clock."""


class Faults:
    """The faults of the runs that wait in a folder.

    Args:
        say: told of each fault once, until it changes.
    """

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self._root = root
        self._say = say
        self._met: dict[str, _Fault] = {}
        self._told = faults.read(root)

    def rest_s(self, run_id: str) -> float:
        """Seconds until it is to be tried again; 0 where it met no fault."""
        fault = self._met.get(run_id)
        return max(0.0, fault.until - time.monotonic()) if fault else 0.0

    def met(self, run_id: str, error: Exception) -> None:
        """It could not be started: it rests twice as long as the last time."""
        known = isinstance(error, LabbenchError)
        what = str(error) if known else f"{type(error).__name__}: {error}"
        before = self._met.get(run_id)
        rest_s = min(2 * before.rest_s, LONGEST_REST_S) if before else FIRST_REST_S
        self._met[run_id] = _Fault(what, rest_s, time.monotonic() + rest_s)
        if before is None or before.what != what:
            self._say(f"{run_id or 'the queue'}: {what}")
        self._tell()

    def keep(self, run_ids: Collection[str]) -> None:
        """Forget all faults but those of some runs, which still wait."""
        self._met = {run_id: fault for run_id, fault in self._met.items() if run_id in run_ids}
        self._tell()

    def _tell(self) -> None:
        told = {run_id: fault.what for run_id, fault in self._met.items()}
        if told != self._told:
            # Where nothing can be kept, the log has it.
            with contextlib.suppress(LabbenchError):
                faults.write(self._root, told)
                self._told = told
