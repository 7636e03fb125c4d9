"""Files that are either whole or not there: written beside, flushed, then moved into place."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from labbench.errors import DiskFullError, LabbenchError, RunError, no_room
from labbench.runs.trust import reached


def write_atomic(
    path: Path, content: bytes, *, durable: bool = True, within: Path | None = None,
    kind: type[LabbenchError] = RunError,
) -> None:  # fmt: skip
    """Replace `path` by `content`; a kill at any moment leaves the old file or the new one.

    Args:
        durable: wait until the content is on the disk, so that a power cut leaves it whole too.
        within: a folder above it that others may write in (`labbench.runs.trust.reached`).
        kind: of the error.

    Raises:
        LabbenchError: of this kind; the disk is full or does not let it be written.
    """

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())

    replace_by(path, fill, within=within, kind=kind)


def replace_by(
    path: Path, fill: Callable[[Path], None], *, within: Path | None = None,
    kind: type[LabbenchError] = RunError,
) -> None:  # fmt: skip
    """Have `fill` write a temporary file beside `path`, then move it into place.

    Args:
        within: as of `write_atomic`.
        kind: of the error.

    Raises:
        LabbenchError: of this kind; the disk is full or does not let it be written. Nothing is
            left behind.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with reached(path.parent, within) as folder:
            fill(temporary)
            os.replace(temporary.name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(path, error, kind) from error
        raise


def read_error(path: Path, error: OSError) -> RunError:
    """An OSError of a read as something a person can act on."""
    return RunError(f"cannot be read: {error.strerror or error}.", where=str(path))


def write_error(path: Path, error: OSError, kind: type[LabbenchError] = RunError) -> LabbenchError:
    """An OSError of a write as something a person can act on."""
    if full := no_room(error):
        full_kind = DiskFullError if kind is RunError else kind
        return full_kind(
            f"{full}: this could not be written.", where=str(path),
            hint="Free some space (`labbench runs rm`), or choose another place.",
        )  # fmt: skip
    if error.errno == errno.ELOOP:
        return kind(
            "is a link or no plain file: where others may write, nothing is written through it.",
            where=str(path), hint="See with `ls -l` who put it there, and delete it.",
        )  # fmt: skip
    return kind(f"cannot be written: {error.strerror or error}.", where=str(path))
