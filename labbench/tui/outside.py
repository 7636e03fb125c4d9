"""What the app asks of the world outside: the clock, the machine, and workers.

One object, so that a test gives the app a world of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbench.presets import Preset
    from labbench.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Machine:
    """The device that new runs get, and how busy it is."""

    device: str
    """cpu, mps or cuda:N."""
    model: str = ""
    load: float | None = None
    """Share of the time it is at work, 0 to 1."""
    used_bytes: int | None = None
    memory_bytes: int | None = None


def read_machine() -> Machine:
    """The first GPU, or the CPU where there is none."""
    return _gpu() or _cpu()


def _cpu() -> Machine:
    import os

    import psutil

    memory = psutil.virtual_memory()
    return Machine(
        "cpu", f"{os.cpu_count() or 1} threads", psutil.cpu_percent(None) / 100,
        int(memory.total - memory.available), int(memory.total),
    )  # fmt: skip


def _gpu() -> Machine | None:
    try:
        import pynvml

        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        name = pynvml.nvmlDeviceGetName(handle)
        load = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    except (ImportError, OSError):
        return None
    except pynvml.NVMLError:
        return None
    model = name.decode() if isinstance(name, bytes) else str(name)
    return Machine("cuda:0", model, load, int(memory.used), int(memory.total))


def submit(preset: Preset) -> RunFolder:
    """A new run of a preset, started.

    Raises:
        LabbenchError: it cannot be made or started.
    """
    from labbench.worker import start

    run = start.new_run(preset)
    start.start(run)
    return run


def resume(run: RunFolder) -> None:
    """Go on with a stopped, failed or lost run.

    Raises:
        LabbenchError: it cannot be started.
    """
    from labbench.worker import start

    start.start(run)


def stop(run: RunFolder, now: bool) -> None:
    """Ask a run to stop, or to stop at once.

    Raises:
        LabbenchError: it is not running.
    """
    run.ask("stop-now" if now else "stop")


@dataclass(frozen=True, slots=True)
class Outside:
    """The world the app lives in."""

    now: Callable[[], float] = time.time
    machine: Callable[[], Machine] = read_machine
    submit: Callable[[Preset], RunFolder] = submit
    resume: Callable[[RunFolder], None] = resume
    stop: Callable[[RunFolder, bool], None] = stop
    beating: bool = True
    """Whether the app looks at runs by itself; a test calls `app.look()`."""
