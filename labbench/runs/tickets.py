"""Tickets: who queued a run keeps one, and only who has it starts the run.

What a run is started with (interpreter, folder, variables, options of sbatch, the mark of its
preset) stands in a file of
the private folder, named by the run's real path and the queue that it waits in: two hosts that
share a home may each have a run of one path. A run folder, which others may write, is not asked;
but for the launch.json of an older labbench, where it and all folders above it are ours alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from labbench import paths
from labbench.decoding import decoded
from labbench.runs import launch, private, trust
from labbench.runs.launch import Launch

PART = "tickets"
JOBS = "jobs"

OLD = "launch.json"
"""In run folders that an older labbench queued."""

YOUNG_S = 60.0
"""A ticket is written before its run is seen: one that is younger may have none yet."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is to be started."""

    run: str
    """Real path of its folder."""
    queue: str
    """The host whose queue it waits in, or `slurm`."""
    launch: Launch
    job: str = ""
    """The cluster's job that starts it."""
    arguments: str = ""
    """Options of sbatch, as they were typed."""


def key(run: Path, queue: str) -> str:
    """The name of a run's ticket."""
    text = f"{os.path.realpath(run)}\0{queue}"
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]


def mark(content: bytes) -> str:
    """What tells a preset.toml from any other."""
    return hashlib.sha256(content).hexdigest()


def mark_of(run: Path) -> str:
    """The mark of a run's preset; that of an empty one, which trains nothing, if it is not read."""
    try:
        return mark(paths.read(run / "preset.toml"))
    except OSError:
        return mark(b"")


def issue(
    run: Path, queue: str, *, job: str = "", arguments: str = "", preset: str | None = None
) -> None:
    """Write the ticket of a run that is to be started as this process was.

    Args:
        preset: mark of what it is to train; None: what it holds now.

    Raises:
        RunError: there is no folder that is ours alone, or it cannot be written.
    """
    marked = mark_of(run) if preset is None else preset
    ticket = Ticket(
        run=os.path.realpath(run), queue=queue, job=job, arguments=arguments,
        launch=msgspec.structs.replace(launch.of_this_process(), preset=marked),
    )  # fmt: skip
    private.folder(PART)
    private.write(
        _path(key(run, queue)), msgspec.json.format(msgspec.json.encode(ticket), indent=2)
    )


def read(run: Path, queue: str) -> Ticket | None:
    """The ticket of a run; None where we have none."""
    real = os.path.realpath(run)
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        found = decoded(private.read(_path(key(run, queue))), Ticket)
        return found if (found.run, found.queue) == (real, queue) else None
    old = of_older(run)
    return Ticket(run=real, queue=queue, launch=old) if old else None


def of_older(run: Path) -> Launch | None:
    """With what an older labbench queued a run, in a folder that is ours alone."""
    try:
        return decoded(private.read(run / OLD), Launch)
    except (OSError, msgspec.MsgspecError):
        return None


def _path(name: str) -> Path:
    return private.root() / PART / f"{name}.json"


def drop(run: Path, queue: str) -> None:
    """Throw a run's ticket away: it was used, or is not wanted any more."""
    _delete(key(run, queue))


def _delete(name: str) -> None:
    with contextlib.suppress(OSError):
        _path(name).unlink()
    shutil.rmtree(private.root() / JOBS / name, ignore_errors=True)


def held() -> frozenset[str]:
    """The names of all tickets that we have; none where others could have written them."""
    folder = private.root() / PART
    with contextlib.suppress(OSError):
        if not trust.trouble(folder):
            return frozenset(path.stem for path in folder.glob("*.json"))
    return frozenset()


def job_folder(run: Path, queue: str) -> Path:
    """Where the job of a run keeps what it is started with, and what it says."""
    return private.root() / JOBS / key(run, queue)


def sweep(root: Path, needed: Collection[str], is_over: Callable[[Ticket], bool]) -> None:
    """Throw away the tickets of a folder's runs that are not needed any more.

    Args:
        needed: names of tickets that are.
        is_over: whether another one is done with.
    """
    real = os.path.realpath(root)
    for name in held() - frozenset(needed):
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            if time.time() - _path(name).stat().st_mtime < YOUNG_S:
                continue
            found = decoded(private.read(_path(name)), Ticket)
            if os.path.dirname(found.run) == real and is_over(found):  # noqa: PTH120
                _delete(name)
