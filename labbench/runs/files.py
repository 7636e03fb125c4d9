"""Files that are either whole or not there: written beside, flushed, then moved into place."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from labbench.errors import DiskFullError, RunError


def write_atomic(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace `path` by `content`; a kill at any moment leaves the old file or the new one.

    Args:
        durable: wait until the content is on the disk, so that a power cut leaves it whole too.

    Raises:
        RunError: the disk is full or does not let it be written.
    """

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())

    replace_by(path, fill)


def replace_by(path: Path, fill: Callable[[Path], None]) -> None:
    """Have `fill` write a temporary file beside `path`, then move it into place.

    Raises:
        RunError: the disk is full or does not let it be written; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        fill(temporary)
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(path, error) from error
        raise


def read_error(path: Path, error: OSError) -> RunError:
    """An OSError of a read as something a person can act on."""
    return RunError(f"cannot be read: {error.strerror or error}.", where=str(path))


def write_error(path: Path, error: OSError) -> RunError:
    """An OSError of a write as something a person can act on."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            "the disk is full: this could not be written.", where=str(path),
            hint="Free some space (`labbench runs rm`), or choose another place.",
        )  # fmt: skip
    return RunError(f"cannot be written: {error.strerror or error}.", where=str(path))
