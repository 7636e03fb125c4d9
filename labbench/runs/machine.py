"""This machine and its processes: what tells a living writer from one that is gone."""

from __future__ import annotations

import functools
import os
import socket
import time
from pathlib import Path


def host() -> str:
    """The machine's name, without the network it happens to be in."""
    return socket.gethostname().split(".")[0]


@functools.cache
def boot_id() -> str:
    """What tells this boot of the machine from others, and from other machines."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import psutil

        return f"boot-{round(psutil.boot_time() / 60)}"


def booted() -> float:
    """Unix time of this boot, in seconds."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    import psutil

    return float(psutil.boot_time())


@functools.cache
def pid_space() -> str:
    """What tells our process numbers from a container's, which count on their own; "" if nothing
    does."""
    try:
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 (no path: it only looks like one)
    except OSError:
        return ""


def process_started(pid: int) -> float | None:
    """When a process started, or None where it does not run (a zombie does not).

    On Linux in seconds since the boot, which no change of the clock moves; elsewhere Unix time.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _unix_start(pid)
    if fields[0] in (b"Z", b"X", b"x"):
        return None
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _unix_start(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.Error:
        return None
