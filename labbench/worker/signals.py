"""What the outside asks of a worker: signals and requests in its run folder, as one answer."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

from labbench.runs import RunFolder, control
from labbench.runs.control import Request

POLL_S = 0.5
"""Seconds between two looks into the control folder."""


class StopNow(BaseException):
    """The user wants the worker gone at once; what the last checkpoint holds is kept."""


class StopSignals:
    """Listens to SIGINT, SIGTERM and the control folder.

    The first signal asks to stop after the step under way, the second to stop at once. SIGHUP is
    ignored: a worker outlives its terminal. A stop-now in the folder is heard at once too,
    whatever the worker is doing, and however often it is asked for, it is raised once: what
    comes after it, saying how the run ended, is left in peace.

    Args:
        patient: whether SIGTERM counts once. Slurm sends it several times over, and SIGKILL when
            its patience is over.
    """

    def __init__(self, run: RunFolder, *, patient: bool = False) -> None:
        self._folder = run.control_path
        self._patient = patient
        self._signals = 0
        self._looked = 0.0
        self._raised = False

    def listen(self) -> None:
        """Take the signals of this process."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._watch, daemon=True, name="ears").start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        at_once = control.pending(self._folder) == "stop-now"
        if self._patient and number == signal.SIGTERM and not at_once:
            return
        if self._signals > 1:
            self._stop_now()

    def _stop_now(self) -> None:
        if not self._raised:
            self._raised = True
            raise StopNow

    def _watch(self) -> None:
        """Wake the main thread by a signal when stop-now is asked for."""
        while control.pending(self._folder) != "stop-now":
            time.sleep(POLL_S)
        self._signals += 1
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGTERM)

    def asked(self) -> Request | None:
        """What is wanted now.

        Raises:
            StopNow: stop-now was asked for.
        """
        if self._signals:
            return "stop"
        now = time.monotonic()
        if now - self._looked < POLL_S:
            return None
        self._looked = now
        request = control.pending(self._folder)
        if request == "stop-now":
            self._stop_now()
        return request
