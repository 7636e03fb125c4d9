"""The devices of this machine, who is on them, and how many runs may share one; without torch."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from labbench import paths
from labbench.decoding import toml_tree
from labbench.errors import LabbenchError
from labbench.runs import machine, queue
from labbench.runs.folder import RunFolder
from labbench.runs.reader import RunsReader
from labbench.runs.status import Status

VARIABLE = "LABBENCH_SLOTS"
SETTINGS_FILE = "settings.toml"
HINT = 'A number for every device, or by device: "2", "cpu=1,cuda=2,cuda:1=0".'


@dataclass(frozen=True, slots=True)
class Slots:
    """Runs at once, by device (cuda:1), by kind (cuda), and for all others."""

    by_name: dict[str, int]
    others: int = 1

    @classmethod
    def parse(cls, text: str, where: str = VARIABLE) -> Slots:
        """The slots of a text as in LABBENCH_SLOTS; "" gives every device one.

        Raises:
            LabbenchError: it is no such text.
        """
        by_name: dict[str, int] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, count = part.rpartition("=")
            if not count.strip().isdecimal():
                raise LabbenchError(f"{part!r} is no number of slots.", where=where, hint=HINT)
            by_name[name.strip()] = int(count)
        return cls(by_name, by_name.get("", 1))

    def of(self, device: str) -> int:
        """The slots of a device: the nearest that was said about it."""
        kind = device.partition(":")[0]
        return self.by_name.get(device, self.by_name.get(kind, self.others))


def slots_text() -> str:
    """What this process' user set, in the words of LABBENCH_SLOTS.

    Raises:
        LabbenchError: the variable or the settings file says nothing that could be meant.
    """
    if VARIABLE in os.environ:
        text, where = os.environ[VARIABLE], VARIABLE
    else:
        path = paths.config_dir() / SETTINGS_FILE
        text, where = _from_file(path), f"{path}: slots"
    Slots.parse(text, where)
    return text


def _from_file(path: Path) -> str:
    try:
        said = toml_tree(paths.read(path).decode()).get("slots", "")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise LabbenchError(f"cannot be read: {error}.", where=str(path)) from None
    if isinstance(said, dict):
        return ",".join(f"{name}={count}" for name, count in said.items())
    return str(said)


DEVICE_FILES = Path("/dev")

Kind = Literal["cpu", "cuda", "mps"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device, its figures at this moment, and the runs on it."""

    name: str
    """cpu, mps or cuda:N, with N counting all GPUs of the machine."""
    kind: Kind
    model: str
    """In words: `NVIDIA H100 80GB HBM3`, `16 threads`."""
    uuid: str = ""
    slots: int = 1
    """Runs that may be on it at once."""
    busy: tuple[str, ...] = ()
    """Ids of the runs on it."""
    starting: int = 0
    """Of these, how many have not begun to train: their memory does not show yet."""
    memory_bytes: int | None = None
    free_bytes: int | None = None
    load: float | None = None
    """Share of the time it is at work, 0 to 1."""

    @property
    def free_slots(self) -> int:
        """Runs that may be started on it now."""
        return max(0, self.slots - len(self.busy))


def devices(root: Path | None = None) -> list[Device]:
    """The devices of this machine, GPUs first, with the runs of a runs folder on them.

    Raises:
        LabbenchError: LABBENCH_SLOTS is no number of slots.
    """
    rows = RunsReader(root or paths.runs_dir()).read()
    return occupied(probe(), queue.live(rows, machine.host()), slots_text())


def occupied(
    bare: Sequence[Device], live: Sequence[tuple[RunFolder, Status]], slots: str
) -> list[Device]:
    """The devices with the live runs on them; a run on a device we do not see is not counted."""
    allowed = Slots.parse(slots)
    taken: list[Device] = []
    for device in bare:
        own = [(run, one) for run, one in live if (one.slot or "cpu") == device.name]
        taken.append(
            replace(
                device, slots=allowed.of(device.name), busy=tuple(run.id for run, _ in own),
                starting=sum(one.state == "starting" for _, one in own),
            )
        )  # fmt: skip
    return taken


def probe() -> list[Device]:
    """The devices of this machine at this moment, GPUs first, nobody on them."""
    found = _by_nvml()
    if found is None:
        found = _by_files()
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        found.append(Device("mps", "mps", "Apple GPU"))
    return [*found, _cpu()]


def _cpu() -> Device:
    import psutil

    memory = psutil.virtual_memory()
    return Device(
        "cpu", "cpu", f"{os.cpu_count() or 1} threads", memory_bytes=int(memory.total),
        free_bytes=int(memory.available), load=psutil.cpu_percent(None) / 100,
    )  # fmt: skip


def _by_nvml() -> list[Device] | None:
    """The GPUs that NVML tells of; None where it cannot be asked."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        return [_gpu(pynvml, index) for index in range(count)]
    except (pynvml.NVMLError, OSError):
        return None


def _gpu(nvml: Any, index: int) -> Device:
    """One GPU; what its driver does not tell (some do not tell load) is None."""
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    total = free = load = None
    with contextlib.suppress(nvml.NVMLError):
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        total, free = int(memory.total), int(memory.free)
    with contextlib.suppress(nvml.NVMLError):
        load = nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    return Device(
        f"cuda:{index}", "cuda", _text(nvml.nvmlDeviceGetName(handle)),
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)), memory_bytes=total, free_bytes=free, load=load,
    )  # fmt: skip


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _by_files() -> list[Device]:
    """The GPUs the driver has device files for: better than none where NVML is missing."""
    names = [path.name for path in DEVICE_FILES.glob("nvidia[0-9]*")]
    count = sum(bool(re.fullmatch(r"nvidia\d+", name)) for name in names)
    return [Device(f"cuda:{index}", "cuda", "NVIDIA GPU") for index in range(count)]
