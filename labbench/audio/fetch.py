"""The official Speech Commands archive, downloaded so that a broken line costs little.

The transfer goes on where it broke off (HTTP ranges), as long as the server still has the same
file. Nobody is trusted: what is written is no more than was announced, it is taken as it comes
(never unpacked), https stays https, and in the end the checksum must be right.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from labbench import paths
from labbench.audio.progress import Progress, silent
from labbench.errors import BusyError, DataError, no_room
from labbench.runs.files import write_atomic
from labbench.runs.trust import made, opened

if TYPE_CHECKING:
    import requests

URL = "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
SIZE = 2_428_923_189
SHA256 = "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"

BLOCK = 1 << 14
"""Bytes written at a time; a line that breaks loses less than one block."""
FLUSHED = 4 << 20
"""Bytes after which what came is safe from a power cut, too."""
LARGEST = 64 << 30
"""Bytes of a file that nobody announced the size of."""
TIMEOUT_S = 30.0
PASSING = (408, 429)
"""Answers of 4xx that another try may better: too slow, too many requests."""
TRIES = 6
"""Times in a row that the line may break without a byte between."""
TRIES_TO_REACH = 2
"""The same where the server was not even reached since we were called."""

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
_MARK = re.compile(r'"[\x21\x23-\x7e]{1,200}"|[A-Z][a-z]{2}, [\w :]{10,30} GMT')
"""A strong ETag, or a date: what a server can tell a file by."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to fetch. Size and checksum may be unknown (None)."""

    url: str = URL
    size: int | None = SIZE
    sha256: str | None = SHA256


class _AnotherFileError(Exception):
    """The server has another file than that which was begun, or gives another part of it."""


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
        DataError: it is not there, its server is not reached, the line keeps breaking, size or
            checksum is wrong, disk full, the server leads from https to http, or sends more than
            it announced.
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
        full = no_room(error)
        hint = "Free some space and run it again: it resumes where it stopped." if full else ""
        raise DataError(
            f"the download cannot be written: {full or error.strerror or error}.", where=str(path),
            hint=hint or "Set LABBENCH_CLIPS to a folder that can.",
        ) from None  # fmt: skip
    return path


def _transfer(
    remote: Remote, part: Path, progress: Progress, wait: Callable[[float], None]
) -> None:
    """Fetch until all is there; every byte that comes gives the line its tries back."""
    import requests
    from urllib3.exceptions import HTTPError

    tries = anew = 0
    reached = False
    with _https_stays()() as session:
        while True:
            before, last = _size(part), "ConnectionError"
            try:
                if _more(session, remote, part, progress):
                    return
                reached = True
            except _AnotherFileError:
                reached = True
                _forget(part)
                anew += 1
                if anew >= TRIES:
                    raise DataError(
                        "the server cannot resume the download.",
                        where=remote.url, hint=f"{before:,} bytes came each time.",
                    ) from None  # fmt: skip
            except (requests.RequestException, HTTPError, ConnectionError) as error:
                if _is_final(error):
                    raise DataError(f"cannot be fetched: {error}.", where=remote.url) from None
                last = type(error).__name__
                unreached = _unreached(error)
                reached |= not unreached
                if unreached and not reached and tries + 1 >= TRIES_TO_REACH:
                    raise DataError(
                        f"its server is not reached: {unreached}.", where=remote.url,
                        hint="Is the address right, and is there a network?" + _kept(part),
                    ) from None  # fmt: skip
            tries = 0 if _size(part) > before else tries + 1
            if tries >= TRIES:
                raise DataError(
                    f"the connection keeps dropping ({last}).", where=remote.url,
                    hint=_kept(part).strip(),
                ) from None  # fmt: skip
            wait(min(2.0**tries, 30.0))


def _unreached(error: Exception) -> str:
    """Why no connection was made, "" where one was: the name has no address, nobody listens."""
    from requests import ConnectTimeout
    from requests.exceptions import ProxyError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, ConnectTimeout):
        return "it does not answer"
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if not isinstance(reason, NewConnectionError) and not isinstance(error, ProxyError):
        return ""
    told: BaseException | None = reason
    while told is not None:
        if isinstance(told, OSError) and told.strerror:
            return told.strerror
        told = told.__cause__ or told.__context__
    return str(reason or error)


def _kept(part: Path) -> str:
    return f" {_size(part):,} bytes are kept: run it again to resume."


def _is_final(error: Exception) -> bool:
    """Whether another try cannot better it; a ValueError says that the address can be none."""
    import requests

    certificate = isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in str(error)
    return certificate or isinstance(error, (ValueError, requests.TooManyRedirects))


@cache
def _https_stays() -> type[requests.Session]:
    import requests

    class Session(requests.Session):
        """One that is not led from https to anything else."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            leaves = target is not None and re.match(r"(?!https:)[a-z][a-z0-9+.-]*:", target, re.I)
            if leaves and resp.url.startswith("https:"):
                raise DataError(f"leads from https to {target}.", where=resp.url)
            return target

    return Session


def _more(session: requests.Session, remote: Remote, part: Path, progress: Progress) -> bool:
    """One request for what is missing; whether all is there then.

    Raises:
        _AnotherFileError: what is there is not the beginning of what the server has.
    """
    have, (mark, total) = _size(part), _marks(part)
    if remote.size is not None and have >= remote.size:
        return True
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if mark:
            headers["If-Range"] = mark
    with session.get(remote.url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
        if answer.status_code == 416 and have:
            # Nothing beyond what is there: all of it, or not the file that was begun.
            if remote.size is None and answer.headers.get("Content-Range") == f"bytes */{have}":
                return True
            raise _AnotherFileError
        if 400 <= answer.status_code < 500 and answer.status_code not in PASSING:
            raise DataError(f"the server answers {answer.status_code} {answer.reason}.",
                            where=remote.url)  # fmt: skip
        answer.raise_for_status()
        if answer.status_code == 206:
            announced = _announced(answer, have)
            if _mark(answer) not in ("", mark) or (total and announced != total):
                raise _AnotherFileError
        else:
            have, announced = 0, _length(answer)
        return _receive(remote, answer, part, have, announced, progress)


def _announced(answer: requests.Response, have: int) -> int | None:
    """Of a part of a file: how long all of it is; None where that is not told.

    Raises:
        _AnotherFileError: it is another part than was asked for.
    """
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    length = _length(answer)
    if found is None or int(found[1]) != have:
        raise _AnotherFileError
    end = int(found[2]) + 1
    if found[3] == "*":
        return None
    if end != int(found[3]) or length not in (None, end - have):
        raise _AnotherFileError
    return end


def _receive(
    remote: Remote, answer: requests.Response, part: Path, have: int, announced: int | None,
    progress: Progress,
) -> bool:  # fmt: skip
    """Write what comes behind the `have` bytes there are; whether all is there then."""
    if remote.size is not None and announced not in (None, remote.size):
        raise DataError(
            f"the server offers {announced:,} bytes, {remote.size:,} were expected.",
            where=remote.url,
        )
    total = remote.size if announced is None else announced
    _check_room(part, (total or 0) - have)
    within = part.parent.parent
    told = f"{_mark(answer)}\n{announced or ''}"
    write_atomic(_marker(part), told.encode(), within=within, kind=DataError)
    kept = os.fdopen(opened(part, os.O_RDWR, within), "r+b") if have else made(part, within)
    with kept as file:
        file.seek(have)
        have = _written(file, answer, have, LARGEST if total is None else total, progress)
    if total is None and have >= LARGEST:
        raise DataError(f"the server sends more than {LARGEST:,} bytes.", where=remote.url)
    return total is None or have >= total


def _written(
    file: BinaryIO, answer: requests.Response, have: int, most: int, progress: Progress
) -> int:
    """Bytes that are there when all came, or `most` of them, as the server sent them."""
    safe = have
    while have < most:
        block = answer.raw.read(min(BLOCK, most - have), decode_content=False)
        if not block:
            break
        file.write(block)
        have += len(block)
        if have - safe >= FLUSHED:
            file.flush()
            os.fsync(file.fileno())
            safe = have
        progress(have, 0 if most == LARGEST else most, "fetching")
    return have


def _length(answer: requests.Response) -> int | None:
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _mark(answer: requests.Response) -> str:
    """What the server tells this file by, "" where it does not."""
    tried = (answer.headers.get(name, "") for name in ("ETag", "Last-Modified"))
    return next((text for text in tried if _MARK.fullmatch(text)), "")


def _marks(part: Path) -> tuple[str, int | None]:
    """What the server told the file by that was begun, and how long it said that it is."""
    try:
        mark, _, size = paths.read(_marker(part)).decode().partition("\n")
    except (OSError, ValueError):
        return "", None
    fits = _MARK.fullmatch(mark)
    return mark if fits else "", int(size) if size.isdecimal() and len(size) < 16 else None


def _forget(part: Path) -> None:
    for path in (part, _marker(part)):
        path.unlink(missing_ok=True)


def _check_room(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DataError(
            f"{needed:,} bytes are needed, the disk has {free:,} free.", where=str(part.parent),
            hint="Free some space, or set LABBENCH_CLIPS to a folder on another disk.",
        )  # fmt: skip


def _verify(remote: Remote, part: Path, progress: Progress) -> None:
    """Size and checksum; a file that fails is removed, since going on would not mend it."""
    size = _size(part)
    progress(size, size, "checking")
    right = remote.size in (None, size)
    if right and remote.sha256 is not None:
        with paths.opened(part) as file:
            right = hashlib.file_digest(file, "sha256").hexdigest() == remote.sha256
    _marker(part).unlink(missing_ok=True)
    if not right:
        part.unlink()
        raise DataError(
            f"what came ({size:,} bytes) does not have the expected checksum; it was removed.",
            where=remote.url,
            hint="Run it again; if that does not help, the server's file has changed.",
        )  # fmt: skip


def _marker(part: Path) -> Path:
    """Where it is kept which file of the server's a part is of."""
    return part.with_name(f"{part.name}.etag")


def _size(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
