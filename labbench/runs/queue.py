"""The queue: the run folders whose status says that they wait, in the order they were queued.

There is no list of it anywhere: what waits, what runs and on which device are read from the
folders, so whoever takes over after a crash knows as much as the one before.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from labbench.runs import faults, machine, tickets
from labbench.runs.folder import RunFolder
from labbench.runs.status import LIVE, Status
from labbench.runs.tickets import Ticket

CLUSTER = "slurm"
"""The host that a run waits on whose job the cluster will start."""

LEAST_FREE = 64 * 1024
"""Bytes without which no run is started."""

LEAST_FILES = 10
"""Files that a run makes at least."""

Rows = Sequence[tuple[RunFolder, Status]]


def waiting(rows: Rows, host: str) -> list[tuple[RunFolder, Status]]:
    """The runs that wait in the queue of a host, whose turn is next first."""
    queued = [
        (one.waiting.since, run.number, run.id, one, run)
        for run, one in rows
        if one.state == "queued" and one.waiting is not None and one.waiting.host == host
    ]
    return [(run, one) for *_, one, run in sorted(queued, key=lambda entry: entry[:3])]


def ours(rows: Rows) -> list[tuple[RunFolder, Status]]:
    """The runs that wait for us to start them: in this host's queue, by a ticket of ours.

    A folder that others may write says that a run waits: it is started by who queued it only.
    """
    return [(run, one) for run, one, is_ours in _claims(rows) if is_ours]


def unclaimed(rows: Rows) -> list[tuple[RunFolder, Status]]:
    """The runs in our folders that wait in this host's queue, and that we have no ticket of.

    Somebody else put them back there, or the ticket is gone: nobody will start them.
    """
    user = os.geteuid()
    return [(run, one) for run, one, is_ours in _claims(rows) if not is_ours and owner(run) == user]


def _claims(rows: Rows) -> list[tuple[RunFolder, Status, bool]]:
    """Who waits in this host's queue, the next first, and whether we have a ticket for it."""
    here = machine.host()
    found = [(run, one) for run, one in waiting(rows, here) if one.waiting and not one.waiting.job]
    held = tickets.held() if found else frozenset()
    return [
        (run, one, tickets.key(run.path, here) in held or tickets.of_older(run.path) is not None)
        for run, one in found
    ]


def explained(rows: Rows) -> list[tuple[RunFolder, Status]]:
    """The rows; those that nobody will start, or that could not be started, say so.

    And what to do: only these have a hint of those that wait.
    """
    lost = {run.path for run, _ in unclaimed(rows)}
    own = {run.path for run, _ in ours(rows)}
    roots = {path.parent for path in own}
    met = {root: faults.read(root) for root in roots}
    full = {root for root in roots if _is_full(root)}
    found = []
    for run, one in rows:
        if run.path in lost:
            one = _unclaimed(run, one)
        elif one.state == "queued" and (why := met.get(run.path.parent, {}).get(run.id)):
            one = _faulty(run, one, why)
        elif run.path in own and run.path.parent in full:
            # The dispatcher may not even have found room to say so.
            one = _faulty(run, one, "the disk is full.")
        found.append((run, one))
    return found


def _is_full(root: Path) -> bool:
    try:
        found = os.statvfs(root)
    except OSError:
        return False
    # Some file systems count no files.
    no_more = found.f_files > 0 and found.f_favail < LEAST_FILES
    return no_more or found.f_bavail * found.f_frsize < LEAST_FREE


def _faulty(run: RunFolder, one: Status, why: str) -> Status:
    return msgspec.structs.replace(
        one, message=f"could not be started: {why}",
        hint=f"That is tried again; to give it up: labbench stop {run.called}",
    )  # fmt: skip


def _unclaimed(run: RunFolder, one: Status) -> Status:
    return msgspec.structs.replace(
        one, message="nobody starts it: queued by another user or LABBENCH_HOME.",
        hint=f"To queue it: labbench run --resume {run.called}",
    )  # fmt: skip


def owner(run: RunFolder) -> int | None:
    """The user whose folder it is; None where it is gone."""
    try:
        return run.path.lstat().st_uid
    except OSError:
        return None


def live(rows: Rows, host: str) -> list[tuple[RunFolder, Status]]:
    """The runs that have a worker on a host."""
    return [
        (run, one)
        for run, one in rows
        if one.state in LIVE and (one.writer is None or one.writer.host == host)
    ]


def places(rows: Rows) -> dict[str, int]:
    """By run id: its place in the queue of its host, from 1."""
    hosts = collections.Counter(one.waiting.host for _, one in rows if one.waiting)
    return {
        run.id: place
        for host in hosts
        for place, (run, _) in enumerate(waiting(rows, host), start=1)
    }


def sweep(root: Path, rows: Rows, unread: Sequence[RunFolder] = ()) -> None:
    """Throw away our tickets of runs that are gone, over, or started already.

    Args:
        unread: runs of which nobody can tell at this moment.
    """
    if not rows:
        # An empty folder may be a disk that is away.
        return
    here = machine.host()
    states = {run.id: one.state for run, one in rows}
    unknown = {run.id for run in unread}
    needed = {tickets.key(run.path, here) for run, one in rows if one.state == "queued"}

    def is_over(ticket: Ticket) -> bool:
        run = Path(ticket.run).name
        if ticket.queue not in (here, CLUSTER) or run in unknown:
            return False
        return ticket.queue == here or states.get(run, "finished") == "finished"

    tickets.sweep(root, needed, is_over)


def using(clips: str, rows: Rows) -> list[RunFolder]:
    """The runs that are trained on a data set, or wait to be."""
    return [run for run, one in rows if one.clips == clips and one.state in ("queued", *LIVE)]
