"""stdout is data, stderr is talk."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labbench.views.export import View

PIPED_WIDTH = 120
"""Cells a view may use where no terminal tells its width (COLUMNS changes it)."""


def say(text: str) -> None:
    """A line of talk, on stderr."""
    print(text, file=sys.stderr)


def print_json(document: Any) -> None:
    """One JSON document on stdout; NaN and infinity become null."""
    from labbench.views.export import json_text

    sys.stdout.write(json_text(document))


def print_view(view: View, *, width: int | None = None, height: int | None = None) -> None:
    """A view on stdout: in the terminal's colours and width, or plain where it is piped."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(view.render(width or console.width, height), width=width)
        return
    from labbench.views.export import ansi

    sys.stdout.write(ansi(view, width or piped_width(), height, None))


def piped_width() -> int:
    """Cells where nobody named a width: COLUMNS, or the terminal's, or the width of a pipe."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
