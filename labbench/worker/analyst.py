"""Questions about a run's net, answered from what is kept or by a process that loads torch.

with Analyst(run) as analyst:
    maps = analyst.ask(MapsQuestion(clip=clip, layer="conv3"), report=progress)
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Self

from labbench.audio.progress import Progress, silent
from labbench.errors import LabbenchError, RunError, error_of
from labbench.interpret.question import A, Question, kept, restored
from labbench.runs import RunFolder, analyses, launch
from labbench.worker.messages import (
    Cancel,
    Cancelled,
    Failed,
    Far,
    FromAnalyst,
    Kept,
    Loose,
    Request,
    from_analyst,
    line,
)

LOOK_EVERY_S = 0.05
"""Seconds between two looks at whether an answer is still wanted."""

PATIENCE_S = 5.0
"""An analyst that has not stopped so long after it was asked to is killed."""


class NotWantedError(Exception):
    """The answer was cancelled."""


def analyst_command(run: RunFolder) -> list[str]:
    """The command line of a run's analyst."""
    return [sys.executable, "-P", "-m", "labbench.worker.analyst_child", str(run.path.absolute())]


class _Process:
    """An analyst's process, its pipes, and where its complaints go."""

    def __init__(self, run: RunFolder, command: Callable[[RunFolder], list[str]]) -> None:
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.child = subprocess.Popen(
                command(run), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self.complaints, start_new_session=True, cwd="/",
                env=launch.of_this_process().whole_environment(os.environ),
            )  # fmt: skip
        except OSError as error:
            self.complaints.close()
            raise RunError(f"no analyst could be started: {error}.", where=run.id) from error
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.stdin = self.child.stdin
        self.heard: queue.SimpleQueue[tuple[FromAnalyst, bytes] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(self.child.stdout,), daemon=True).start()

    def _listen(self, stdout: BinaryIO) -> None:
        with contextlib.suppress(ValueError, OSError):
            for said in stdout:
                message = from_analyst.decode(said)
                content = stdout.read(message.size) if isinstance(message, Loose) else b""
                self.heard.put((message, content))
        self.heard.put(None)

    def say(self, message: Request | Cancel) -> None:
        content = line(message)
        # ValueError: another thread has closed it.
        with contextlib.suppress(OSError, ValueError):
            self.stdin.write(content)
            self.stdin.flush()

    def end(self) -> None:
        """Kill it, and leave nothing of it."""
        self.child.kill()
        self.child.wait()
        with contextlib.suppress(OSError):
            self.stdin.close()
        self.complaints.close()

    def last_words(self) -> str:
        """How it died."""
        code = self.child.wait()
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").split("\n")
        said = next((text for text in reversed(lines) if text.strip()), "")
        if code == -9:
            return "it was killed (no memory left?)"
        return said or f"exit code {code}"


class Analyst:
    """Answers questions about one run's net; its process starts with the first one not kept."""

    def __init__(
        self, run: RunFolder, command: Callable[[RunFolder], list[str]] = analyst_command
    ) -> None:
        self.run = run
        self.unkept = ""
        """Why an answer could not be kept, where one could not."""
        self._command = command
        self._process: _Process | None = None
        self._one = threading.Lock()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """End the process; an answer under way fails."""
        if process := self._process:
            self._process = None
            process.end()

    def ask(
        self, question: Question[A], *, report: Progress = silent,
        wanted: Callable[[], bool] = lambda: True,
    ) -> A:  # fmt: skip
        """What is kept, or what the process finds out. Blocks; one question at a time.

        Args:
            report: told of progress; what it raises ends the process.
            wanted: asked now and then whether to go on.

        Raises:
            NotWantedError: `wanted` said no.
            LabbenchError: it cannot be answered, and why.
        """
        if (found := kept(self.run, question)) is not None:
            return found
        with self._one:
            if not wanted():
                raise NotWantedError
            process = self._started()
            self._number += 1
            process.say(Request(self._number, question))
            try:
                return self._read_answer(process, question, report, wanted)
            except (LabbenchError, NotWantedError):
                raise
            except BaseException:
                self.close()
                raise

    def _kept(self, digest: str, question: Question[A]) -> A:
        found = kept(self.run, question, digest)
        if found is None:
            raise RunError("the answer is gone again.", where=self.run.id, hint="Ask once more.")
        return found

    def _started(self) -> _Process:
        if self._process is None or self._process.child.poll() is not None:
            self.close()
            self._process = _Process(self.run, self._command)
        return self._process

    def _read_answer(
        self, process: _Process, question: Question[A], report: Progress,
        wanted: Callable[[], bool],
    ) -> A:  # fmt: skip
        """The answer to the latest question."""
        patience = PATIENCE_S
        cancelled = False
        while True:
            if not wanted() and not cancelled:
                cancelled = True
                process.say(Cancel(self._number))
            try:
                heard = process.heard.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                patience -= LOOK_EVERY_S if cancelled else 0
                if patience <= 0:
                    self.close()
                    raise NotWantedError from None
                continue
            if heard is None:
                if self._process is not process:
                    raise NotWantedError
                words = process.last_words()
                self.close()
                raise RunError(f"its analyst died: {words}.", where=self.run.id)
            message, content = heard
            if message.number != self._number:
                continue
            match message:
                case Far() if not cancelled:
                    report(message.done, message.total, message.what)
                case Kept():
                    return self._kept(message.digest, question)
                case Loose():
                    self.unkept = message.why
                    return restored(question, analyses.decoded(content))
                case Cancelled():
                    raise NotWantedError
                case Failed():
                    raise error_of(
                        message.exit_code, message.what, where=message.where, hint=message.hint
                    )
