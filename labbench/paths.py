"""Where labbench keeps things. `LABBENCH_HOME` moves all of it; each part has its own variable too.

| part | default | moved by |
|---|---|---|
| runs | `<user data>/labbench/runs` | `LABBENCH_RUNS` |
| clips | `<user data>/labbench/clips` | `LABBENCH_CLIPS` |
| own presets | `<user config>/labbench/presets` | `LABBENCH_PRESETS` |
| tickets (`runs.private`) | `<user state>/labbench` | `LABBENCH_STATE` |
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from pathlib import Path

import platformdirs

from labbench.text import shortened

HINT = "LABBENCH_HOME names another folder for runs, clips, presets and settings."

PACKAGE = Path(__file__).resolve().parent


def expanded(text: str) -> Path:
    """A path that a person typed; `~` is their home, `~name` that of a user there is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_text(path: Path | str) -> bool:
    """Whether a name is UTF-8: files of ours that name it are, and could not hold another."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def is_file(path: Path) -> bool:
    """Whether there is a file. What may not be looked at, or can name nothing, is not there."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_dir(path: Path) -> bool:
    """Whether there is a folder. What may not be looked at, or can name nothing, is not there."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def plain(path: Path) -> Path:
    """The path, where a plain file lies there.

    Raises:
        OSError: there is none, or something else: a pipe would keep its reader waiting for ever.
    """
    _check_plain(path.stat().st_mode, path)
    return path


def opened(path: Path) -> io.BufferedReader:
    """A plain file, opened for reading.

    Raises:
        OSError: it cannot be opened, or is no plain file (see `plain`).
    """
    return os.fdopen(_descriptor(path, os.O_RDONLY), "rb")


def _descriptor(path: Path, flags: int) -> int:
    # A pipe without another end opens at once that way, or not at all.
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY, 0o666)
    try:
        _check_plain(os.fstat(descriptor).st_mode, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read(path: Path, most: int = sys.maxsize) -> bytes:
    """What a plain file holds.

    Args:
        most: bytes of it to read, about: there may be more in it.

    Raises:
        OSError: as of `opened`.
    """
    # Without a file object: a listing reads ten thousand.
    descriptor = _descriptor(path, os.O_RDONLY)
    try:
        pieces: list[bytes] = []
        while most > 0 and (piece := os.read(descriptor, 1 << 20)):
            pieces.append(piece)
            most -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _check_plain(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "No plain file", str(path))


def _folder(variable: str, part: str, default_root: Path) -> Path:
    if own := os.environ.get(variable):
        return expanded(own).absolute()
    if home := os.environ.get("LABBENCH_HOME"):
        return expanded(home).absolute() / part
    return default_root / part


def runs_dir() -> Path:
    """The folder that holds one folder a run."""
    return _folder("LABBENCH_RUNS", "runs", platformdirs.user_data_path("labbench"))


def clips_dir() -> Path:
    """The folder that holds one folder a data set."""
    return _folder("LABBENCH_CLIPS", "clips", platformdirs.user_data_path("labbench"))


def user_presets_dir() -> Path:
    """The folder where users put presets and tables of their own."""
    return _folder("LABBENCH_PRESETS", "presets", platformdirs.user_config_path("labbench"))


def config_dir() -> Path:
    """The folder that holds the user's settings."""
    return _folder("LABBENCH_CONFIG", "config", platformdirs.user_config_path("labbench"))


def unusable() -> str:
    """Why a folder of ours can be none, whatever is done: too long a name, links in a circle.

    "" where all can be. One that is not there yet, or is a file, is told where it is needed.
    """
    for folder in (runs_dir(), clips_dir(), user_presets_dir(), config_dir()):
        try:
            folder.stat()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        except (OSError, ValueError) as error:
            return f"{shortened(str(folder), 100)}: {getattr(error, 'strerror', None) or error}."
    return ""


def shipped_dir(part: str) -> Path:
    """A folder that comes with labbench: `presets` or `data`.

    In an installed wheel it lies inside the package; in a checkout beside it.
    """
    inside = PACKAGE / "_shipped" / part
    return inside if inside.is_dir() else PACKAGE.parent / part
