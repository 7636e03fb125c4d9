"""The run folder: everything a run is, and all that passes between processes.

preset.toml     the whole resolved preset: it alone reproduces the run
run.json        versions, host, device, seed, fingerprint of the clips
events.jsonl    append-only history, one event a line
status.json     state, place in the queue and latest figures; replaced atomically
control/        requests to the worker
checkpoints/    last and best: safetensors + json
predictions/    validation (newest, in the end the best checkpoint's) and test
console.log     the worker's stdout and stderr
lock            held by the one writer

What a worker is started with is not in it: others may write it (`labbench.runs.tickets`).
"""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from labbench import paths
from labbench.errors import BusyError, PresetError, RunError
from labbench.presets import Preset, declare
from labbench.runs import (
    about,
    control,
    history,
    leftovers,
    log,
    predictions,
    status,
    tickets,
)
from labbench.runs.files import write_error
from labbench.runs.status import LIVE, Status
from labbench.runs.trust import reached
from labbench.text import shell_quoted


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk. Reading needs no torch."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name: number and preset."""
        return self.path.name

    @property
    def number(self) -> int:
        """The run's number, or 0 where the folder's name has none."""
        return number_of(self.id)

    @property
    def called(self) -> str:
        """What it is called on a command line: its number, or its id where it has none."""
        return str(self.number) if self.number else shell_quoted(self.id)

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def status_path(self) -> Path:
        return self.path / "status.json"

    @property
    def control_path(self) -> Path:
        return self.path / "control"

    @property
    def checkpoints_path(self) -> Path:
        return self.path / "checkpoints"

    @property
    def console_path(self) -> Path:
        return self.path / "console.log"

    def predictions_path(self, split: str) -> Path:
        return self.path / "predictions" / f"{split}.safetensors"

    def preset(self, mark: str = "") -> Preset:
        """The whole resolved preset of the run.

        Args:
            mark: what it must have (`tickets.mark`); "": any.

        Raises:
            PresetError: preset.toml is missing or damaged, or another one.
        """
        path = self.path / "preset.toml"
        content = declare.read_file(path)
        if mark and tickets.mark(content) != mark:
            raise PresetError(
                "was changed since the run was queued: it is not trained.", where=str(path),
                hint=f"To train what it says now: labbench run --resume {self.called}",
            )  # fmt: skip
        return declare.from_tree(declare.parse(content, str(path)), str(path))

    def status(self) -> Status:
        """The status as it really is (a live one whose worker is gone is lost).

        Raises:
            RunError: status.json is missing or damaged.
        """
        return status.observed(self.written())

    def written(self) -> Status:
        """The status as its writer left it.

        Raises:
            RunError: status.json is missing or damaged.
        """
        try:
            return status.read(self.status_path)
        except OSError as error:
            raise RunError(
                f"cannot be read: {error.strerror}.", where=str(self.status_path)
            ) from None
        except msgspec.MsgspecError as error:
            raise RunError(f"is damaged: {error}.", where=str(self.status_path)) from None

    def about(self) -> dict[str, Any]:
        """run.json: versions, host, device, seed, clips; {} before the start.

        Raises:
            RunError: it is damaged.
        """
        return about.read(self.path / "run.json")

    def history(self, most: int | None = None) -> history.History:
        """The run's course so far.

        Args:
            most: steps it may have (`history.MOST` to draw it); None: all.

        Raises:
            RunError: the log cannot be read.
        """
        return history.fold(log.each(self.events_path), most)

    def predictions(self, split: str = "test") -> predictions.Predictions:
        """What the net said of every clip of a split.

        Raises:
            RunError: there are none yet, or the file is damaged.
        """
        return predictions.read(self.predictions_path(split))

    def ask(self, request: control.Request) -> None:
        """Leave a request for the worker: stop, stop-now, checkpoint."""
        control.ask(self.control_path, request)

    @contextlib.contextmanager
    def writing(self, *, wait_s: float = 0.0) -> Iterator[None]:
        """Be the run's one writer.

        Args:
            wait_s: seconds to wait for another one to leave.

        Raises:
            BusyError: another process is.
            RunError: the folder is gone or cannot be written.
        """
        if not paths.is_dir(self.path):
            raise RunError("its folder is gone.", where=self.id)
        lock = FileLock(self.path / "lock")
        try:
            with reached(self.path, self.path.parent):
                lock.acquire(timeout=wait_s)
        except Timeout:
            raise BusyError(
                "another worker is writing this run.", where=self.id,
                hint="Watch it with `labbench runs`, or stop it with `labbench stop`.",
            ) from None  # fmt: skip
        except OSError as error:
            raise write_error(self.path / "lock", error) from None
        try:
            yield
        finally:
            lock.release()

    def remove(self, root: Path | None = None) -> None:
        """Delete the run.

        A kill at any moment leaves either the whole run, or a rest that no listing shows and that
        the next removal or new run sweeps away.

        Args:
            root: the runs folder it must be in; None: the user's.

        Raises:
            BusyError: it is being started or trained, here or on another host.
            RunError: it is no run of that folder, or cannot be deleted.
        """
        root = root or paths.runs_dir()
        self._refuse_foreign(root)
        doomed = self.path.with_name(f"{leftovers.REMOVING}{uuid.uuid4().hex[:8]}")
        try:
            with self.writing():
                self._refuse_live()
                leftovers.check_deletable(self.path)
                self.path.rename(doomed)
            leftovers.delete(doomed)
        except OSError as error:
            raise RunError(
                f"cannot be deleted: {error.strerror or error}.", where=str(self.path)
            ) from None
        leftovers.sweep(root)

    def _refuse_foreign(self, root: Path) -> None:
        """Refuse what is not a run folder that itself lies in the runs folder."""
        if self.path.is_symlink():
            raise RunError(
                "is a link: what it leads to is not deleted.", where=str(self.path),
                hint=f"To take away the link: rm {self.path}",
            )  # fmt: skip
        inside = self.path.parent.resolve() == root.resolve() and not self.id.startswith(".")
        if not inside or not is_run(self.path):
            raise RunError(
                f"is no run of {root}: it is not deleted.", where=str(self.path),
                hint="LABBENCH_RUNS says where the runs are.",
            )  # fmt: skip

    def _refuse_live(self) -> None:
        """Refuse a run that has a worker; the caller holds the lock."""
        try:
            now = self.status()
        except RunError:  # damaged: that nobody holds its lock is all there is to know
            return
        if now.state in LIVE:
            host = f" on {now.writer.host}" if now.writer else ""
            raise BusyError(
                f"it is {now.state}{host}.", where=self.id,
                hint=f"Stop it first: labbench stop {self.called}",
            )  # fmt: skip


def number_of(name: str) -> int:
    """What a folder's name begins with, or 0."""
    match = re.match(r"\d+", name)
    return int(match.group()) if match else 0


def is_run(path: Path) -> bool:
    """Whether a folder is a run: it has a status, of whatever kind, or hides whether it has."""
    try:
        (path / "status.json").lstat()
    except PermissionError:
        return RunFolder(path).number > 0
    except (OSError, ValueError):
        return False
    return True
