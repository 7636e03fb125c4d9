"""The official Speech Commands archive, downloaded so that a broken line costs little.

The transfer goes on where it broke off (HTTP ranges), which pooch's downloaders cannot; pooch
verifies the checksum.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labbench.audio.progress import Progress, silent
from labbench.errors import BusyError, DataError
from labbench.runs.files import write_atomic
from labbench.runs.trust import made, opened

if TYPE_CHECKING:
    import requests

URL = "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
SIZE = 2_428_923_189
SHA256 = "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"

BLOCK = 1 << 16
"""Bytes written at a time; a line that breaks loses less than one block."""
TIMEOUT_S = 30.0
PASSING = (408, 429)
"""Answers of 4xx that another try may better: too slow, too many requests."""
TRIES = 6
"""Times in a row that the line may break without a byte between."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to fetch. Size and checksum may be unknown (None)."""

    url: str = URL
    size: int | None = SIZE
    sha256: str | None = SHA256


def fetch(
    remote: Remote,
    path: Path,
    *,
    progress: Progress = silent,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Download `remote` to `path`; what an earlier call left in `path`.part is gone on with.

    Args:
        wait: called with the seconds between two tries.

    Raises:
        DataError: it is not there, the line keeps breaking, size or checksum is wrong, disk full.
        BusyError: another process is fetching it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
            if not path.exists():
                part = path.with_name(f"{path.name}.part")
                _transfer(remote, part, progress, wait)
                _verify(remote, part, progress)
                part.replace(path)
    except Timeout:
        raise BusyError("another process is fetching it.", where=str(path)) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "Free some space and call it again: it goes on where it stopped." if full else ""
        raise DataError(
            f"the download cannot be written: {error.strerror or error}.", where=str(path),
            hint=hint or "Set LABBENCH_CLIPS to a folder that can.",
        ) from None  # fmt: skip
    return path


def _transfer(
    remote: Remote, part: Path, progress: Progress, wait: Callable[[float], None]
) -> None:
    """Fetch until all is there; every byte that comes gives the line its tries back."""
    import requests

    tries = 0
    while True:
        before = _size(part)
        try:
            if _more(remote, part, progress):
                return
        except (requests.RequestException, ConnectionError) as error:
            last = error
        else:
            last = requests.ConnectionError("the line broke off")
        tries = 0 if _size(part) > before else tries + 1
        if tries >= TRIES:
            raise DataError(
                f"the line keeps breaking ({type(last).__name__}).", where=remote.url,
                hint=f"{_size(part):,} bytes are kept: call it again to go on.",
            ) from None  # fmt: skip
        wait(min(2.0**tries, 30.0))


def _more(remote: Remote, part: Path, progress: Progress) -> bool:
    """One request for what is missing; whether all is there then."""
    import requests

    have, marker = _size(part), _marker(part)
    if remote.size is not None and have >= remote.size:
        return True
    headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {
        "Accept-Encoding": "identity"
    }  # fmt: skip
    if have and marker.exists():
        headers["If-Range"] = marker.read_text()
    with requests.get(remote.url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
        if answer.status_code == 416 and have:
            # Nothing beyond what is there: complete, or not the file we began with.
            marker.unlink(missing_ok=True)
            return remote.size is None or have == remote.size
        if 400 <= answer.status_code < 500 and answer.status_code not in PASSING:
            raise DataError(f"the server answers {answer.status_code} {answer.reason}.",
                            where=remote.url)  # fmt: skip
        answer.raise_for_status()
        if answer.status_code != 206:
            have = 0
        return _receive(remote, answer, part, have, progress)


def _receive(
    remote: Remote, answer: requests.Response, part: Path, have: int, progress: Progress
) -> bool:
    length = answer.headers.get("Content-Length")
    total = have + int(length) if length else remote.size or 0
    if remote.size is not None and length and total != remote.size:
        raise DataError(
            f"the server offers {total:,} bytes, {remote.size:,} were expected.", where=remote.url
        )
    _check_room(part, total - have)
    within = part.parent.parent
    if etag := answer.headers.get("ETag"):
        write_atomic(_marker(part), etag.encode(), within=within)
    kept = os.fdopen(opened(part, os.O_RDWR, within), "r+b") if have else made(part, within)
    with kept as file:
        file.seek(have)
        for block in answer.iter_content(BLOCK):
            file.write(block)
            have += len(block)
            progress(have, total, "fetching")
        file.truncate()
    return not total or have >= total


def _check_room(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DataError(
            f"{needed:,} bytes are needed, the disk has {free:,} free.", where=str(part.parent),
            hint="Free some space, or set LABBENCH_CLIPS to a folder on another disk.",
        )  # fmt: skip


def _verify(remote: Remote, part: Path, progress: Progress) -> None:
    """Size and checksum; a file that fails is removed, since going on would not mend it."""
    import pooch

    size = _size(part)
    progress(size, size, "checking")
    right = remote.size in (None, size)
    if right and remote.sha256 is not None:
        right = pooch.file_hash(str(part), alg="sha256") == remote.sha256
    _marker(part).unlink(missing_ok=True)
    if not right:
        part.unlink()
        raise DataError(
            f"what came ({size:,} bytes) has not the checksum it should; it was removed.",
            where=remote.url, hint="Call it again; if it stays so, the server's file has changed.",
        )  # fmt: skip


def _marker(part: Path) -> Path:
    """Where it is kept which file of the server's a part is of."""
    return part.with_name(f"{part.name}.etag")


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
