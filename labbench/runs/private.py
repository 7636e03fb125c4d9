"""A folder that nobody but its user can write: what is executed is read from there.

A run folder may lie where a group writes. It holds settings and results; with which interpreter a
run is started, and what a cluster's job unpickles, is kept here.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs

from labbench import paths
from labbench.errors import RunError
from labbench.runs import trust
from labbench.runs.files import replace_by

VARIABLE = "LABBENCH_STATE"


def root() -> Path:
    """Where it is: LABBENCH_STATE, or in LABBENCH_HOME where that is ours alone, or at home."""
    if own := os.environ.get(VARIABLE):
        return paths.expanded(own).absolute()
    if home := os.environ.get("LABBENCH_HOME"):
        folder = paths.expanded(home).absolute()
        if _is_ours_alone(folder):
            return folder / "state"
    return platformdirs.user_state_path("labbench")


def _is_ours_alone(folder: Path) -> bool:
    """Whether a folder, which need not be there yet, belongs to us and cannot be exchanged."""
    there = next(one for one in (folder, *folder.parents) if paths.is_dir(one))
    try:
        ours = there != folder or there.stat().st_uid == os.geteuid()
        return ours and not trust.trouble(there)
    except OSError:
        return False


def folder(*parts: str) -> Path:
    """A folder in it, made where there is none.

    Raises:
        RunError: it cannot be made, or others could change what is in it.
    """
    path = root().joinpath(*parts)
    try:
        for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        said = trust.trouble(path)
    except OSError as error:
        raise RunError(
            f"a folder for what is yours alone cannot be made: {error.strerror}.", where=str(path),
            hint=f"Set {VARIABLE} to one.",
        ) from error  # fmt: skip
    if said:
        raise RunError(
            f"{said}: whoever can write there could have you run what is theirs.",
            where=str(path),
            hint=f"Take that right away (chmod go-w), or set {VARIABLE} to a folder of your own.",
        )
    return path


def write(path: Path, content: bytes) -> None:
    """Replace a file in such a folder.

    Raises:
        RunError: it cannot be written.
    """

    def fill(temporary: Path) -> None:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(file, "wb") as stream:  # noqa: PTH123 (a descriptor has no path)
            stream.write(content)

    replace_by(path, fill)


def read(path: Path) -> bytes:
    """What a file in such a folder holds.

    Raises:
        OSError: there is none, or it is not ours alone.
    """
    if said := trust.trouble(path.parent):
        raise PermissionError(said)
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(file, "rb") as stream:  # noqa: PTH123 (a descriptor has no path)
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise PermissionError(f"{path} is no plain file of its own")
        if found.st_uid != os.geteuid() or trust.others_may_write(found):
            raise PermissionError(f"{path} may be written by others")
        return stream.read()
