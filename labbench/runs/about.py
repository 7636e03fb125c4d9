"""run.json: what a run was made with, written by its worker at the start of each attempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from labbench import paths
from labbench.decoding import decoded
from labbench.errors import RunError
from labbench.runs.files import read_error


class _Clips(msgspec.Struct):
    name: str = ""
    kind: str = ""
    fingerprint: str = ""
    folder: str = ""
    counts: dict[str, int] = {}
    """Clips of each split."""


class _About(msgspec.Struct):
    """The keys that are read again; others may be anything."""

    labbench: str = ""
    torch: str = ""
    numpy: str = ""
    python: str = ""
    host: str = ""
    device: str = ""
    precision: str = ""
    threads: int = 0
    parameters: int = 0
    clips: _Clips = msgspec.field(default_factory=_Clips)


def read(path: Path) -> dict[str, Any]:
    """All keys of the file; {} where there is none.

    Raises:
        RunError: it cannot be read, or holds a value of another kind than a worker writes.
    """
    try:
        content = paths.read(path)
        decoded(content, _About)
        return decoded(content, dict[str, Any])
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise read_error(path, error) from None
    except msgspec.MsgspecError as error:
        raise RunError(f"is damaged: {error}.", where=str(path)) from None
