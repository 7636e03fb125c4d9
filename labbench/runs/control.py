"""Requests to a running worker: one empty file each in the run's `control/` folder."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

Request = Literal["stop", "stop-now", "checkpoint"]
REQUESTS: tuple[Request, ...] = ("stop-now", "stop", "checkpoint")
"""All requests, the most urgent first."""


def ask(folder: Path, request: Request) -> None:
    """Leave a request for the worker."""
    folder.mkdir(exist_ok=True)
    (folder / request).touch()


def pending(folder: Path) -> Request | None:
    """The most urgent request there is."""
    try:
        there = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return None
    return next((request for request in REQUESTS if request in there), None)


def done(folder: Path, request: Request) -> None:
    """Take a request back: it was met."""
    with contextlib.suppress(FileNotFoundError):
        (folder / request).unlink()


def clear(folder: Path) -> None:
    """Take all requests back: they were meant for an earlier attempt."""
    for request in REQUESTS:
        done(folder, request)
