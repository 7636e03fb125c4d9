"""Which device a run may have, and who is before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labbench.runs import machine, queue
from labbench.runs.folder import RunFolder
from labbench.runs.queue import Rows
from labbench.runs.status import Status, Waiting
from labbench.scheduler.devices import Device, Slots, occupied, probe


@dataclass(frozen=True, slots=True)
class Place:
    """A device given to a run."""

    slot: str
    """The device as this machine counts: whose slot is taken."""
    device: str = ""
    """The device as the worker's torch counts; "" leaves the choice to the preset."""


def choices(wanted: Waiting, here: Sequence[Device]) -> list[tuple[Device, Place]]:
    """The devices a run could have, full ones included.

    One that asks for a device that is not here gets it all the same: its worker says in plain
    words that there is none, instead of waiting for ever.
    """
    gpus = _visible(here, wanted.visible)
    kind, _, index = wanted.device.partition(":")
    if kind == "auto" and (gpus or any(one.kind == "mps" for one in here)):
        kind = "cuda" if gpus else "mps"
    if kind == "cuda":
        numbers = range(len(gpus)) if not index else [int(index)] if int(index) < len(gpus) else []
        found = [(gpus[i], Place(gpus[i].name, f"cuda:{i}")) for i in numbers]
    else:
        plain = "cpu" if kind == "auto" else kind
        found = [(one, Place(one.name)) for one in here if one.name == plain]
    if found:
        return found
    allowed = Slots.parse(wanted.slots).of(wanted.device)
    missing = Device(wanted.device, "cuda", "", slots=allowed)
    return [(missing, Place(wanted.device))]


def _visible(here: Sequence[Device], visible: str | None) -> list[Device]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves, in its order; CUDA stops at the first unknown."""
    gpus = [one for one in here if one.kind == "cuda"]
    if visible is None:
        return gpus
    chosen: list[Device] = []
    for part in visible.split(","):
        name = part.strip()
        match = [
            one for number, one in enumerate(gpus)
            if name == str(number) or (name.startswith("GPU-") and one.uuid.startswith(name))
        ]  # fmt: skip
        if len(match) != 1 or match[0] in chosen:
            break
        chosen.append(match[0])
    return chosen


def free_place(wanted: Waiting, here: Sequence[Device]) -> Place | None:
    """The best place that is free now: the GPU with most free memory, or None.

    A GPU with runs that are still starting comes later: their memory does not show yet.
    """
    free = [(one, place) for one, place in choices(wanted, here) if one.free_slots]
    if not free:
        return None
    return min(free, key=lambda entry: (entry[0].starting, -(entry[0].free_bytes or 0)))[1]


def any_place(wanted: Waiting) -> Place:
    """A place for a run that does not wait for its turn: the roomiest, full or not."""
    return min(choices(wanted, probe()), key=lambda entry: -(entry[0].free_bytes or 0))[1]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Whom a run waits for."""

    devices: tuple[str, ...]
    """The devices it could have."""
    runs: tuple[str, ...]
    """Ids of the runs on them and of those that come before it for them, the next to end first."""


def ahead(run: RunFolder, status: Status, rows: Rows) -> Ahead:
    """Whom a queued run waits for, by the listing of all runs."""
    wanted, host = status.waiting, machine.host()
    if wanted is None:
        return Ahead((), ())
    live = queue.live(rows, host)
    bare = probe()
    names = _names(wanted, occupied(bare, live, wanted.slots))
    on_them = [other.id for other, one in live if (one.slot or "cpu") in names]
    before: list[str] = []
    for other, one in queue.waiting(rows, wanted.host):
        if other.id == run.id:
            break
        if one.waiting and names & _names(one.waiting, bare):
            before.append(other.id)
    return Ahead(tuple(sorted(names)), (*on_them, *before))


def _names(wanted: Waiting, here: Sequence[Device]) -> set[str]:
    return {place.slot for _, place in choices(wanted, here)}
