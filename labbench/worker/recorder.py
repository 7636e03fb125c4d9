"""The worker's pen: events, status with heartbeat, checkpoints and predictions of its run."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Any

import msgspec

from labbench.errors import LabbenchError
from labbench.runs import EventLog, RunFolder, events, status
from labbench.runs.events import AnyEvent
from labbench.runs.files import write_error
from labbench.runs.trust import made, reached

STATUS_EVERY_S = 1.0
"""Live figures are written at most this often."""

RESERVE = ".reserve"
RESERVE_BYTES = 256 * 1024
"""Kept in the run folder, so that a full disk leaves room to say that it is full."""


class Recorder:
    """Writes one run. Use as a context: it beats while it is open."""

    def __init__(self, run: RunFolder, slot: str = "") -> None:
        self.run = run
        self.slot = slot
        self.status = run.status()
        self.full: LabbenchError | None = None
        """Why there is no room to say how the run ended: it is not to begin."""
        self.log = EventLog(run.events_path)
        self._lock = threading.Lock()
        self._written = 0.0
        self._quiet = threading.Event()
        self._beats = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Recorder:
        now = time.time()
        before = self.status
        try:
            self._reserve()
        except OSError as error:
            self._give_back()
            self.full = write_error(self.run.path, error)
        self.update(
            state="starting", writer=status.this_process(), started=before.started or now,
            ended=None, attempt=before.attempt + 1, message="loading torch", waiting=None,
            slot=self.slot, hint="", exit_code=0, left_s=None,
        )  # fmt: skip
        self._beats.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._quiet.set()
        self._beats.join()
        with contextlib.suppress(OSError):
            self.log.close()
            self._give_back()

    def update(self, **changes: Any) -> None:
        """Change the status and write it."""
        with self._lock:
            self.status = msgspec.structs.replace(self.status, **changes, heartbeat=time.time())
            self._written = time.monotonic()
            status.write(self.run.status_path, self.status)

    def event(self, event: AnyEvent) -> None:
        """Append an event and bring the status up to it."""
        self.log.append([event])
        with self._lock:
            self.status = folded(self.status, event)
            due = time.monotonic() - self._written > STATUS_EVERY_S
        if due or not isinstance(event, events.Step):
            self.update()

    def end(self, ended: events.Ended, exit_code: int) -> None:
        """Say how the run ended; on a full disk the reserve makes room for that."""
        self._give_back()
        with contextlib.suppress(LabbenchError):
            self.log.append([ended])
        self.update(
            state=ended.state, ended=ended.time, message=ended.message, hint=ended.hint,
            left_s=None, exit_code=exit_code,
        )  # fmt: skip

    def _reserve(self) -> None:
        with made(self.run.path / RESERVE, self.run.path.parent) as file:
            file.write(b"\0" * RESERVE_BYTES)

    def _give_back(self) -> None:
        with (
            contextlib.suppress(OSError),
            reached(self.run.path, self.run.path.parent) as folder,
        ):
            os.unlink(RESERVE, dir_fd=folder)

    def _beat(self) -> None:
        while not self._quiet.wait(status.HEARTBEAT_S):
            # A beat that a full disk swallows is no reason to end: the next write will say so.
            with contextlib.suppress(LabbenchError):
                self.update()


def folded(before: status.Status, event: AnyEvent) -> status.Status:
    """The status after an event."""
    match event:
        case events.Step():
            return msgspec.structs.replace(
                before, state="running", message="", step=event.step, elapsed_s=event.elapsed_s,
                left_s=_left_s(before, event),
            )  # fmt: skip
        case events.Epoch():
            better = {"best_val_accuracy": event.val_accuracy, "best_epoch": event.epoch}
            return msgspec.structs.replace(
                before, epoch=event.epoch, step=event.step, train_accuracy=event.train_accuracy,
                val_accuracy=event.val_accuracy, elapsed_s=event.elapsed_s,
                **(better if event.best else {}),
            )  # fmt: skip
        case events.Evaluated(split="test"):
            return msgspec.structs.replace(before, test_accuracy=event.accuracy)
    return before


def _left_s(before: status.Status, event: events.Step) -> float:
    """Seconds to the last epoch at the mean pace so far (early stopping may end sooner)."""
    steps = before.epochs * before.steps_per_epoch - event.step
    return max(0.0, steps * event.elapsed_s / max(event.step, 1))
