"""The analyst's process: `python -m labbench.worker.analyst_child RUN_FOLDER`.

It reads questions from stdin, keeps the answers (`labbench.runs.analyses`) and says so on stdout.
It leaves when stdin ends: with the screen that started it, however that ended.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import BinaryIO

from labbench.errors import LabbenchError, RunError
from labbench.interpret import context
from labbench.interpret.context import Context
from labbench.interpret.question import kept, stored
from labbench.runs import RunFolder, analyses, weights
from labbench.worker.messages import (
    Cancel,
    Cancelled,
    Failed,
    Far,
    FromAnalyst,
    Kept,
    Loose,
    Request,
    line,
    to_analyst,
)

REPORT_EVERY_S = 0.1


class _Stop(BaseException):
    """The answer under way is not wanted any more."""


class Child:
    """Answers questions one after the other."""

    def __init__(self, run: RunFolder, questions: BinaryIO, answers: BinaryIO) -> None:
        self.run = run
        self._questions, self._answers = questions, answers
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._context: Context | None = None

    def work(self) -> None:
        """Answer until stdin ends, which ends the process."""
        threading.Thread(target=self._listen, daemon=True, name="ears").start()
        while True:
            self._answer(self._waiting.get())

    def _listen(self) -> None:
        for heard in self._questions:
            message = to_analyst.decode(heard)
            if isinstance(message, Cancel):
                self._cancelled.add(message.number)
            else:
                self._waiting.put(message)
        # Nobody is there any more: there is nothing to tidy up.
        os._exit(0)

    def _say(self, message: FromAnalyst, content: bytes = b"") -> None:
        self._answers.write(line(message))
        self._answers.write(content)
        self._answers.flush()

    def _answer(self, request: Request) -> None:
        number = request.number
        try:
            self._tell(request)
        except _Stop:
            self._say(Cancelled(number))
        except LabbenchError as error:
            self._say(Failed(number, error.exit_code, error.what, error.where, error.hint))
        except (MemoryError, RuntimeError) as error:
            # torch says RuntimeError when memory runs out.
            traceback.print_exc()
            text = (str(error).splitlines() or ["no memory left"])[0]
            self._say(Failed(number, 1, f"this could not be computed: {text}", self.run.id, ""))

    def _tell(self, request: Request) -> None:
        """Find the answer, keep it, and say where it is; or, where it cannot be kept, what."""
        last = 0.0

        def report(done: int, total: int, what: str, /) -> None:
            nonlocal last
            if request.number in self._cancelled:
                raise _Stop
            now = time.monotonic()
            if now - last >= REPORT_EVERY_S:
                last = now
                self._say(Far(request.number, done, total, what))

        report(0, 0, "loading the net")
        found = self._loaded()
        question = request.question
        if kept(self.run, question, found.digest) is None:
            answer = context.compute(found, question, report)
            try:
                found.keep(question, answer)
            except RunError as error:
                content = analyses.encoded(stored(question, answer))
                self._say(Loose(request.number, len(content), str(error)), content)
                return
        self._say(Kept(request.number, found.digest))

    def _loaded(self) -> Context:
        """The net; loaded anew when the run has better weights."""
        if self._context is None or (
            self._context.digest != weights.checkpoint(self.run.path).digest
        ):
            self._context = context.load(self.run)
        return self._context


def main() -> None:
    """Answer questions about the run folder named on the command line."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Child(RunFolder(Path(sys.argv[1])), sys.stdin.buffer, answers).work()


if __name__ == "__main__":
    main()
