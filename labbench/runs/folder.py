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
import itertools
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from labbench import paths
from labbench.errors import BusyError, PresetError, RunError, nearest
from labbench.presets import Preset, declare, published, resolved, settings_key
from labbench.runs import (
    about,
    control,
    history,
    log,
    predictions,
    rests,
    status,
    tickets,
)
from labbench.runs.files import read_error, write_atomic, write_error
from labbench.runs.status import LIVE, Status, Waiting
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
        return _number(self.id)

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
        doomed = self.path.with_name(f"{rests.REMOVING}{uuid.uuid4().hex[:8]}")
        try:
            with self.writing():
                self._refuse_live()
                rests.check_deletable(self.path)
                self.path.rename(doomed)
            rests.delete(doomed)
        except OSError as error:
            raise RunError(
                f"cannot be deleted: {error.strerror or error}.", where=str(self.path)
            ) from None
        rests.sweep(root)

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


def create(
    preset: Preset,
    root: Path | None = None,
    *,
    waiting: Waiting | None = None,
    fingerprint: str = "",
) -> RunFolder:
    """A new run folder for a preset, in state queued.

    Args:
        waiting: its place in the queue, for which we get a ticket; None: the caller starts it
            himself.
        fingerprint: of the clips it is to be trained on, where they are there.

    Raises:
        RunError: the folder cannot be made.
    """
    root = root or paths.runs_dir()
    preset = resolved(preset)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock", timeout=60):
            number = _next_number(root)
            slug = re.sub(r"[^A-Za-z0-9.+_-]+", "-", preset.name).strip("-.")[:80] or "run"
            run = RunFolder(root / f"{number:04d}-{slug}")
            # The folder appears whole: a listing never sees one without preset and status.
            rests.sweep(root, making=True)
            making = RunFolder(root / f"{rests.MAKING}{run.id}")
            making.path.mkdir()
            try:
                _fill(making, preset, waiting, fingerprint)
                if waiting is not None and not waiting.job:
                    marked = tickets.mark_of(making.path)
                    tickets.issue(run.path, waiting.host, preset=marked)
                making.path.rename(run.path)
            except BaseException:
                rests.sweep(root, making=True)
                raise
    except OSError as error:
        raise write_error(root, error) from error
    return run


def _fill(run: RunFolder, preset: Preset, waiting: Waiting | None, fingerprint: str) -> None:
    for part in ("control", "checkpoints", "predictions"):
        (run.path / part).mkdir()
    text = declare.to_toml(preset)
    write_atomic(run.path / "preset.toml", text.encode(), within=run.path.parent)
    figure = published(preset.published)
    status.write(
        run.status_path,
        Status(
            state="queued", preset=preset.name, created=time.time(), waiting=waiting,
            epochs=preset.training.epochs, published=figure.accuracy if figure else None,
            settings=settings_key(preset), seed=preset.training.seed, clips=preset.data.name,
            fingerprint=fingerprint,
        ),
    )  # fmt: skip


MOST_DIGITS = 9
"""Of a run's number, which is a part of a file's name."""


def _next_number(root: Path) -> int:
    """One more than any run ever had here, so that a deleted run's number is not used again."""
    counter = root / ".counter"
    newest = (name for name in reversed(in_order(names_in(root))) if is_run(root / name))
    used = [_number(name) for name in itertools.islice(newest, 1)]
    with contextlib.suppress(OSError, ValueError):
        used.append(int(paths.read(counter)[:MOST_DIGITS]))
    number = max(used, default=0) + 1
    write_atomic(counter, f"{number}\n".encode(), durable=False)
    return number


def list_runs(root: Path | None = None) -> list[RunFolder]:
    """All runs of a folder, oldest first, those too that may not or cannot be read.

    Raises:
        RunError: the folder cannot be read.
    """
    root = root or paths.runs_dir()
    return [RunFolder(path) for name in in_order(names_in(root)) if is_run(path := root / name)]


def _number(name: str) -> int:
    """What a folder's name begins with, or 0."""
    match = re.match(r"\d+", name)
    return int(match.group()) if match else 0


def names_in(root: Path) -> list[str]:
    """The folders that may be runs, in any order.

    Raises:
        RunError: the folder cannot be read.
    """
    try:
        with os.scandir(root) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise read_error(root, error) from None


def in_order(names: Iterable[str]) -> list[str]:
    """Names of runs, the oldest first."""
    return sorted(names, key=lambda name: (_number(name), name))


def is_run(path: Path) -> bool:
    """Whether a folder is a run: it has a status, of whatever kind, or hides whether it has."""
    try:
        (path / "status.json").lstat()
    except PermissionError:
        return RunFolder(path).number > 0
    except (OSError, ValueError):
        return False
    return True


def find(name: str, root: Path | None = None) -> RunFolder:
    """The run of a name: its number, its id, `last`, or its path, which has a `/`.

    Raises:
        RunError: there is none.
    """
    path = paths.expanded(name)
    if "/" in name and is_run(path):
        return RunFolder(path.resolve())
    root = root or paths.runs_dir()
    names = in_order(names_in(root))
    wanted = names[::-1] if name == "last" else [one for one in names if _called(one, name)]
    for one in wanted:
        if is_run(root / one):
            return RunFolder(root / one)
    runs = [one for one in names if is_run(root / one)]
    if not runs:
        raise RunError(
            f"there is no run {name!r}: there are none yet in {root}.",
            hint="Start one: `labbench run demo`.",
        )
    hint = nearest(name, runs)
    hint = hint if hint.startswith("Did") else "See `labbench runs`."
    if "/" not in name and paths.is_file(path / "status.json"):
        hint = f"A path has a '/': ./{name}"
    raise RunError(f"there is no run {name!r} in {root}.", hint=hint)


def _called(folder: str, name: str) -> bool:
    """Whether a name is a run's id or its number."""
    return name == folder or (name.isdecimal() and name.lstrip("0") == str(_number(folder)))
