"""What killed commands leave: half-made and half-deleted runs and data sets, temporary files."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from labbench.runs.trust import names, reached

MAKING, REMOVING = ".making-", ".removing-"
"""How the names begin of runs that are being made, and of runs and data sets that are deleted."""

AHEAD_S = 3600.0
"""So far ahead may the clock of another host be."""

OLD_S = 60.0
"""A temporary file is written in far less."""

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp|\.tmp[0-9A-Za-z]{6}|\.reserve")
"""Ours, those of safetensors, and the room that a worker keeps for its last words."""


def half_made(root: Path) -> list[Path]:
    """The folders in one that are being made or deleted, or were by a killed command."""
    try:
        return [path for path in root.iterdir() if path.name.startswith((MAKING, REMOVING))]
    except OSError:
        return []


def check_deletable(folder: Path) -> None:
    """Refuse a folder that could be deleted in part only, or that somebody protected from it.

    Raises:
        PermissionError: a folder in it may not be written.
    """
    for path, _, _ in os.walk(folder):
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def delete(folder: Path) -> None:
    """Delete a folder; two may do it at the same time.

    Raises:
        OSError: some of it is still there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)


def sweep(root: Path, *, making: bool = False) -> None:
    """Delete what is left of removals.

    Args:
        making: what is left of half-made runs, too: the caller knows that nobody makes one.
    """
    for path in half_made(root):
        if making or path.name.startswith(REMOVING):
            shutil.rmtree(path, ignore_errors=True)


def sweep_run(run: Path) -> None:
    """Delete the temporary files that a killed worker left in its run.

    The caller holds the run's lock, so nobody writes them; but for notes and answers, which are
    written without it: of those the old ones go.
    """
    for part in ("", "checkpoints", "predictions", "analysis"):
        if (run / part).is_symlink():  # what lies elsewhere is not ours to sweep
            continue
        with contextlib.suppress(OSError), reached(run / part, run.parent) as folder:
            for name in names(folder):
                shared = part == "analysis" or name.startswith(".notes.")
                if _TEMPORARY.fullmatch(name) and (is_old(run / part / name) or not shared):
                    os.unlink(name, dir_fd=folder)


def temporary(files: Iterable[Path]) -> list[Path]:
    """Those of some files that are temporary ones and old."""
    return [path for path in files if _TEMPORARY.fullmatch(path.name) and is_old(path)]


def is_old(path: Path) -> bool:
    """Whether it was changed so long ago that whoever made it is done, or dead.

    What was changed in times to come was made by a wrong clock.
    """
    try:
        age_s = time.time() - path.lstat().st_mtime
    except OSError:
        return False
    return not -AHEAD_S < age_s < OLD_S
