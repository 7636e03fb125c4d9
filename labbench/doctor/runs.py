"""Run folders: what is damaged, lost, stuck or left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from labbench import paths, units
from labbench.decoding import decoded
from labbench.doctor.found import Found, disk, finding
from labbench.errors import BusyError, LabbenchError, PresetError, RunError
from labbench.runs import RunFolder, Status, leftovers, machine, queue
from labbench.runs.events import decode
from labbench.runs.flaws import flaw
from labbench.runs.reader import listing
from labbench.runs.status import LIVE
from labbench.runs.trust import appending
from labbench.scheduler.dispatch import ensure_dispatcher, lock_of

AREA = "runs"
_found = partial(finding, AREA)

TAIL_BYTES = 1 << 16
"""An event's line is far shorter."""


def findings() -> Iterator[Found]:
    """The runs folder, and every run in it."""
    root = paths.runs_dir()
    yield from (_found(level, what, hint) for level, what, hint in disk(root, "runs"))
    good, bad = listing(root)
    for run, why in bad:
        readable = os.access(run.path, os.R_OK | os.X_OK)
        hint = f"Delete it: labbench runs rm {run.called}" if readable else "Ask its owner."
        yield _found("broken" if readable else "warning", f"{run.id}: {why}", hint)
    troubled = 0
    for run, status in good:
        found = _looked_at(run, status)
        troubled += bool(found)
        yield from found
    if sound := len(good) - troubled:
        others = units.plural(troubled + len(bad), "other")
        said = (
            f"without trouble, {others} told above" if troubled or bad else "none damaged or lost"
        )
        yield _found("ok", f"{units.plural(sound, 'run')}, {said}")
    yield from _queue(root, good)
    yield from _left_behind(root)


def _looked_at(run: RunFolder, status: Status) -> list[Found]:
    """What is wrong with one run, whatever that is."""
    found: list[Found] = []
    try:
        found.extend(_run(run, status))
    except (LabbenchError, OSError) as error:
        found.append(_found("broken", f"{run.id} cannot be looked at: {error}"))
    return found


def _run(run: RunFolder, status: Status) -> Iterator[Found]:
    """What is wrong with one run."""
    try:
        run.preset()
    except PresetError as error:
        yield _found("broken", str(error), "It cannot be resumed or compared.")
    if status.state == "lost":
        at = f"at epoch {status.epoch}" if status.epoch else "in its first epoch"
        yield _found("warning", f"{run.id} is lost: its worker died {at}.",
                     f"Go on with it: labbench run --resume {run.number}")  # fmt: skip
    if wrong := flaw(run, status):
        yield _found("warning", f"{run.id} was {wrong.what}", wrong.hint)
    if status.state in LIVE:
        return
    if _is_locked(run):
        yield _found("warning", f"{run.id} is {status.state}, but a process still holds its lock.",
                     f"Find it: fuser {run.path / 'lock'}")  # fmt: skip
        return
    if torn := torn_bytes(run.events_path):
        yield _found("warning", f"{run.id}: the last line of its log is torn ({torn:,} bytes).",
                     repair="cut the torn line off", mend=partial(_cut, run))  # fmt: skip
    if missing := _missing_checkpoint(run):
        yield _found("broken", f"{run.id}: the checkpoint {missing} is gone.",
                     "It cannot be resumed: start a new run.")  # fmt: skip
    if rest := _rests(run.path):
        size = units.size(sum(path.stat().st_size for path in rest))
        yield _found("warning", f"{run.id}: {units.plural(len(rest), 'temporary file')} ({size}).",
                     repair="delete them", mend=partial(_delete, run, rest))  # fmt: skip


def _is_locked(run: RunFolder) -> bool:
    try:
        with run.writing():
            return False
    except BusyError:
        return True
    except (RunError, OSError):
        return False


def torn_bytes(path: Path) -> int:
    """Bytes behind the last whole event of a log; 0 for a sound one."""
    try:
        with paths.opened(path) as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
    except OSError:
        return 0
    end = tail.rfind(b"\n") + 1
    begin = tail.rfind(b"\n", 0, max(end - 1, 0)) + 1
    try:
        if end:
            decode(tail[begin:end])
    except msgspec.MsgspecError:
        # A power cut can leave a line's end on the disk without what stood before it.
        return len(tail) - begin
    return len(tail) - end


def _cut(run: RunFolder) -> None:
    with run.writing(), appending(run.events_path, run.path.parent) as file:
        file.truncate(file.seek(0, 2) - torn_bytes(run.events_path))


def _missing_checkpoint(run: RunFolder) -> str:
    """Name of a file that the root of the checkpoints names and that is not there."""
    try:
        about = decoded(paths.read(run.checkpoints_path / "last.json"), dict[str, Any])
    except FileNotFoundError:
        return ""
    except (OSError, msgspec.MsgspecError):
        return "last.json"
    names = [about.get("file"), about.get("best_file")]
    return next((n for n in names if n and not (run.checkpoints_path / n).is_file()), "")


def _rests(folder: Path) -> list[Path]:
    """Temporary files that a killed process left; the caller knows that none is at work."""
    return leftovers.temporary(folder.rglob(".*"))


def _delete(run: RunFolder, rest: list[Path]) -> None:
    with run.writing():
        for path in rest:
            path.unlink(missing_ok=True)


def _queue(root: Path, rows: queue.Rows) -> Iterator[Found]:
    """Runs that wait, and whether somebody will start them."""
    ours = queue.ours(rows)
    if ours and not _dispatched(root):
        count = units.plural(len(ours), "run")
        yield _found("broken", f"{count} waiting, and no dispatcher to start them.",
                     repair="start one", mend=partial(_dispatch, root))  # fmt: skip
    elif ours:
        yield _found("ok", f"{units.plural(len(ours), 'run')} waiting for a free device")
    for run, one in queue.explained(rows):
        if one.state == "queued" and one.hint:
            yield _found("warning", f"{run.id} waits: {one.message}", one.hint)
    elsewhere = {
        one.waiting.host
        for _, one in rows
        if one.waiting and not one.waiting.job and one.waiting.host != machine.host()
    }
    for host in sorted(elsewhere):
        runs = [run.id for run, _ in queue.waiting(rows, host)]
        yield _found("note", f"{units.plural(len(runs), 'run')} waiting in the queue of {host}.",
                     f"To start one here: labbench run --resume {runs[0]}")  # fmt: skip


def _dispatched(root: Path) -> bool:
    lock = lock_of(root)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _dispatch(root: Path) -> None:
    ensure_dispatcher(root)


def _left_behind(root: Path) -> Iterator[Found]:
    """Half-made run folders and temporary files of killed commands, beside the runs."""
    if not root.is_dir():
        return
    folders, files = leftovers.half_made(root), leftovers.temporary(root.glob(".*.tmp"))
    folders = [path for path in folders if leftovers.is_old(path)]
    if folders or files:
        what = f"{units.plural(len(folders) + len(files), 'thing')} that killed commands left in"
        yield _found("warning", f"{what} {root}.", repair="delete them",
                     mend=partial(_clear, root, folders, files))  # fmt: skip


def _clear(root: Path, folders: list[Path], files: list[Path]) -> None:
    # Whoever makes a run folder holds this lock.
    with FileLock(root / ".lock", timeout=60):
        for folder in folders:
            leftovers.delete(folder)
        for path in files:
            path.unlink(missing_ok=True)
