"""With which interpreter and settings a process is to be started.

The process that starts a worker may be another one than that which queued the run, started from
another terminal with other variables. What the person set there counts, so it travels along.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from labbench import paths

CARRIED = (
    "LABBENCH_", "CUDA_", "NVIDIA_", "OMP_", "KMP_", "MKL_", "OPENBLAS_", "MALLOC_", "TORCH",
    "PYTORCH_", "PYTHONPATH", "LD_LIBRARY_PATH", "XDG_", "TMPDIR",
)  # fmt: skip
"""Beginnings of the variables that travel. All others stay out: what is kept on a disk is no place
for keys and tokens."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """Interpreter, working folder and carried variables."""

    python: str
    folder: str
    """What relative paths in the variables are relative to."""
    environment: dict[str, str]
    umask: int | None = None
    """Which rights files do not get; None: as of the process that starts it."""
    preset: str = ""
    """Mark of the preset that was queued (`tickets.mark`); "": any."""

    def whole_environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment `base` with its carried variables replaced by these."""
        own = {key: value for key, value in base.items() if not key.startswith(CARRIED)}
        return {**own, **self.environment}


def of_this_process() -> Launch:
    """As this process was started, so that `python -P -m labbench...` finds this labbench."""
    carried = {
        key: value for key, value in os.environ.items()
        if key.startswith(CARRIED) and paths.is_text(value)
    }  # fmt: skip
    if paths.PACKAGE.parent.name not in ("site-packages", "dist-packages"):
        before = [carried["PYTHONPATH"]] if carried.get("PYTHONPATH") else []
        carried["PYTHONPATH"] = os.pathsep.join([str(paths.PACKAGE.parent), *before])
    return Launch(python=sys.executable, folder=_working_folder(), environment=carried,
                  umask=_umask())  # fmt: skip


def _umask() -> int | None:
    """Read, not set and set back: other threads may be making files."""
    try:
        said = Path("/proc/self/status").read_text(errors="replace")
    except OSError:
        return None
    match = re.search(r"^Umask:\s*([0-7]+)$", said, re.MULTILINE)
    return int(match.group(1), 8) if match else None


def _working_folder() -> str:
    try:
        folder = str(Path.cwd())
    except OSError:
        return "/"
    return folder if paths.is_text(folder) else "/"
