"""Requests to a running worker: one empty file each in the run's `control/` folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Literal

from labbench.runs.files import write_error
from labbench.runs.trust import opened, reached

Request = Literal["stop", "stop-now", "checkpoint"]
REQUESTS: tuple[Request, ...] = ("stop-now", "stop", "checkpoint")
"""All requests, the most urgent first."""


def ask(folder: Path, request: Request) -> None:
    """Leave a request for the worker.

    Raises:
        RunError: it cannot be left.
    """
    within = folder.parent.parent
    try:
        with reached(folder.parent, within) as run, contextlib.suppress(FileExistsError):
            os.mkdir(folder.name, dir_fd=run)
        os.close(opened(folder / request, os.O_WRONLY | os.O_CREAT, within))
    except OSError as error:
        raise write_error(folder / request, error) from error


def pending(folder: Path) -> Request | None:
    """The most urgent request there is."""
    try:
        there = {path.name for path in folder.iterdir()}
    except OSError:
        return None
    return next((request for request in REQUESTS if request in there), None)


def done(folder: Path, request: Request) -> None:
    """Take a request back: it was met.

    Raises:
        RunError: it cannot be taken back.
    """
    try:
        with reached(folder, folder.parent.parent) as held:
            os.unlink(request, dir_fd=held)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise write_error(folder / request, error) from error


def clear(folder: Path) -> None:
    """Take all requests back: they were meant for an earlier attempt.

    Raises:
        RunError: as of `done`.
    """
    for request in REQUESTS:
        done(folder, request)
