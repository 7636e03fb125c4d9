"""What analysts found out about a run's net, kept by what was asked and of which weights.

Arrays lie in `analysis/` of the run folder as safetensors; where that cannot be written (a
colleague's run on a shared disk), in the user's cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import platformdirs
from numpy.typing import NDArray

from labbench.runs.files import write_atomic

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


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What an analyst can be asked; one subclass a kind. Its fields are all it depends on."""


def key(ask: Ask, digest: str) -> str:
    """The name under which the answer is kept: of what was asked, of which weights.

    Args:
        digest: of the checkpoint (`labbench.runs.weights`).
    """
    tree = msgspec.to_builtins(ask)
    text = json.dumps([FORMAT, tree, digest], sort_keys=True)
    return f"{tree['kind']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def folder_of(run: Path) -> Path:
    """Where a run's analyses are kept."""
    if os.access(run, os.W_OK):
        return run / "analysis"
    mark = hashlib.sha256(str(run.absolute()).encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("labbench") / "analysis" / f"{run.name}-{mark}"


def load(run: Path, name: str) -> Analysis | None:
    """The answer kept under a name; None where there is none, or it is damaged."""
    from safetensors import SafetensorError, safe_open

    path = folder_of(run) / f"{name}.safetensors"
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads(file.metadata()["about"])
            arrays = {tensor: file.get_tensor(tensor) for tensor in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return Analysis(arrays, about)


def save(run: Path, name: str, found: Analysis) -> None:
    """Keep an answer.

    Raises:
        RunError: the disk is full.
    """
    from safetensors.numpy import save as serialized

    folder = folder_of(run)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {tensor: np.ascontiguousarray(array) for tensor, array in found.arrays.items()}
    content = serialized(arrays, metadata={"about": json.dumps(found.about)})
    write_atomic(folder / f"{name}.safetensors", content, durable=False)
    _make_room(folder, kept=name)


def _make_room(folder: Path, *, kept: str) -> None:
    """Drop answers used longest ago until the rest takes no more than `MOST_BYTES`."""
    found = []
    for path in folder.glob("*.safetensors"):
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((path.stem == kept, stat.st_mtime_ns, stat.st_size, path))
    total = sum(size for _, _, size, _ in found)
    for is_kept, _, size, path in sorted(found):
        if total <= MOST_BYTES or is_kept:
            return
        with contextlib.suppress(OSError):
            path.unlink()
        total -= size
