"""The runs folder: runs are made in it, listed and found."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from labbench import paths
from labbench.errors import RunError, nearest
from labbench.presets import Preset, declare, published, resolved, settings_key
from labbench.runs import leftovers, status, tickets
from labbench.runs.files import read_error, write_atomic, write_error
from labbench.runs.folder import RunFolder, is_run, number_of
from labbench.runs.status import Status, Waiting


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
            leftovers.sweep(root, making=True)
            making = RunFolder(root / f"{leftovers.MAKING}{run.id}")
            making.path.mkdir()
            try:
                _fill(making, preset, waiting, fingerprint)
                if waiting is not None and not waiting.job:
                    marked = tickets.mark_of(making.path)
                    tickets.issue(run.path, waiting.host, preset=marked)
                making.path.rename(run.path)
            except BaseException:
                leftovers.sweep(root, making=True)
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
    used = [number_of(name) for name in itertools.islice(newest, 1)]
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
    return sorted(names, key=lambda name: (number_of(name), name))


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
    return name == folder or (name.isdecimal() and name.lstrip("0") == str(number_of(folder)))
