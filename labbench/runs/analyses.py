"""What analysts found out about a run's net, kept by what was asked and of which weights.

Arrays lie in `analysis/` of the run folder as safetensors; where that cannot be written (a
colleague's run on a shared disk, a full one), in the user's cache; where that cannot be written
either, an answer is only shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import platformdirs
from numpy.typing import NDArray

from labbench import paths
from labbench.errors import LabbenchError, RunError
from labbench.runs import trust
from labbench.runs.files import write_atomic, write_error

T = TypeVar("T")

MOST_BYTES = 256 << 20
"""What a run's analyses may take; those used longest ago go first."""

FORMAT = 1
"""Raised when arrays mean something else than before."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found out."""

    arrays: dict[str, NDArray[Any]]
    about: dict[str, Any]
    """What is no array: names, figures, notes."""


def key(question: msgspec.Struct, digest: str) -> str:
    """The name under which the answer is kept: of what was asked, of which weights.

    Args:
        question: tagged with its `kind`.
        digest: of the checkpoint (`labbench.runs.weights`).
    """
    tree = msgspec.to_builtins(question)
    text = json.dumps([FORMAT, tree, digest], sort_keys=True)
    return f"{tree['kind']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def folders_of(run: Path) -> tuple[Path, Path]:
    """Where a run's analyses are kept: with it, or in the user's cache."""
    mark = hashlib.sha256(str(run.absolute()).encode()).hexdigest()[:16]
    cache = platformdirs.user_cache_path("labbench") / "analysis" / f"{run.name}-{mark}"
    return run / "analysis", cache


def load(run: Path, name: str, read: Callable[[Analysis], T]) -> T | None:
    """The answer kept under a name; None where there is none, or it is damaged.

    Args:
        read: makes the answer of what is kept; raises ValueError, LookupError, TypeError or
            AttributeError where that is damaged.
    """
    for folder in folders_of(run):
        path = folder / f"{name}.safetensors"
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            found = read(decoded(paths.read(path)))
            with contextlib.suppress(OSError):
                os.utime(path, follow_symlinks=False)
            return found
    return None


def save(run: Path, name: str, found: Analysis) -> None:
    """Keep an answer.

    Raises:
        RunError: neither the run folder nor the user's cache can hold it, and why.
    """
    content = encoded(found)
    troubles: list[LabbenchError] = []
    for folder in folders_of(run):
        try:
            # A run that was deleted meanwhile does not come back.
            folder.mkdir(parents=folder.parent != run, exist_ok=True)
            within = run.parent if folder.parent == run else None
            write_atomic(folder / f"{name}.safetensors", content, durable=False, within=within)
            _make_room(folder, within, kept=name)
            return
        except RunError as error:
            troubles.append(error)
        except OSError as error:
            troubles.append(write_error(folder, error))
    raise RunError(f"the answer is kept nowhere: {troubles[0].where} {troubles[0].what}")


def encoded(found: Analysis) -> bytes:
    """An answer as a safetensors file."""
    from safetensors.numpy import save as serialized

    arrays = {tensor: np.ascontiguousarray(array) for tensor, array in found.arrays.items()}
    return serialized(arrays, metadata={"about": json.dumps(found.about)})


def decoded(content: bytes) -> Analysis:
    """The answer of a safetensors file.

    Raises:
        ValueError: it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as arrays_of

    try:
        (length,) = struct.unpack_from("<Q", content)
        about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["about"])
        arrays = arrays_of(content)
        if not isinstance(about, dict):
            raise ValueError("what it says of itself is no object")
    except (SafetensorError, struct.error, ValueError, LookupError, TypeError,
            RecursionError) as error:  # fmt: skip
        raise ValueError(f"a damaged answer: {error}") from None
    return Analysis(arrays, about)


def _make_room(folder: Path, within: Path | None, *, kept: str) -> None:
    """Drop answers used longest ago until the rest takes no more than `MOST_BYTES`."""
    with trust.reached(folder, within) as held:
        found = []
        for name in trust.names(held):
            stem, _, ending = name.rpartition(".")
            with contextlib.suppress(OSError):
                stat = os.stat(name, dir_fd=held, follow_symlinks=False)
                if ending == "safetensors":
                    found.append((stem == kept, stat.st_mtime_ns, stat.st_size, name))
        total = sum(size for _, _, size, _ in found)
        for is_kept, _, size, name in sorted(found):
            if total <= MOST_BYTES or is_kept:
                return
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=held)
            total -= size
