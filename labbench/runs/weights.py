"""The weights of a run's checkpoint as NumPy arrays, read without torch."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from labbench import paths
from labbench.errors import RunError

Which = Literal["best", "last"]


@dataclass(frozen=True, slots=True)
class Weights:
    """A net's tensors by name: `conv1.weight` (C_out, C_in, K), `bn1.running_var` (C,), ..."""

    tensors: dict[str, NDArray[np.float32]]
    epoch: int
    """Complete epochs at the checkpoint."""
    digest: str
    """Of the file: changes with any weight."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which file holds the weights."""

    path: Path
    epoch: int

    @property
    def digest(self) -> str:
        """16 hexadecimal digits of the file's SHA-256.

        Raises:
            RunError: it cannot be read.
        """
        try:
            found = self.path.stat()
            return _digest(self.path, found.st_mtime_ns, found.st_size)
        except OSError as error:
            raise _unreadable(self.path, error) from None


@functools.lru_cache(maxsize=64)
def _digest(path: Path, changed_ns: int, size: int) -> str:
    """Kept for as long as the file has this time and size."""
    with paths.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def checkpoint(folder: Path, which: Which = "best") -> Checkpoint:
    """The file of a run folder's best or last weights.

    Raises:
        RunError: there is none yet, or what names it is damaged.
    """
    path = folder / "checkpoints" / f"{which}.json"
    try:
        about = json.loads(paths.read(path))
        epoch = about["best"]["epoch"] if which == "best" else about["progress"]["epoch"]
        if not (name := Path(about["file"]).name).isprintable():
            raise ValueError("its file's name is none")
        return Checkpoint(folder / "checkpoints" / name, int(epoch))
    except FileNotFoundError:
        raise RunError(
            "there is no checkpoint yet.", where=str(path),
            hint="The first one comes with the first complete epoch.",
        ) from None  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise RunError(f"is damaged: {error}.", where=str(path)) from None


def read(folder: Path, which: Which = "best") -> Weights:
    """The best or last weights of a run folder.

    Raises:
        RunError: there are none yet, or a file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    found = checkpoint(folder, which)
    try:
        tensors: dict[str, NDArray[Any]] = load_file(paths.plain(found.path))
    except (OSError, SafetensorError) as error:
        raise _unreadable(found.path, error) from None
    if which == "last":
        tensors = {
            name.removeprefix("net."): tensor
            for name, tensor in tensors.items()
            if name.startswith("net.")
        }
    return Weights(tensors, found.epoch, found.digest)


def _unreadable(path: Path, error: Exception) -> RunError:
    return RunError(f"cannot be read: {error}.", where=str(path))
