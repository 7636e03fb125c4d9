"""stdout is data, stderr is talk."""

from __future__ import annotations

import sys
from typing import Any


def say(text: str) -> None:
    """A line of talk, on stderr."""
    print(text, file=sys.stderr)


def print_json(document: Any) -> None:
    """One JSON document on stdout; NaN and infinity become null."""
    import msgspec

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
