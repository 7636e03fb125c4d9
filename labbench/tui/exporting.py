"""Write what a screen shows to a file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbench.errors import LabbenchError
from labbench.tui.dialogs import Choose
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.draw.export import Format
    from labbench.tui.page import Page

FORMS = (
    ("ansi", "text   as it looks, without colours"),
    ("csv", "csv    figures for a spreadsheet"),
    ("json", "json   figures for a program"),
    ("npz", "npz    arrays for NumPy"),
    ("svg", "svg    a picture in colours, as lines"),
    ("png", "png    a picture in colours, as pixels"),
)
ENDINGS = {"ansi": "txt"}


def ask_and_export(screen: Page[Any]) -> None:
    """Ask for a format; write the screen's view into the folder labbench was opened in."""

    app = screen.bench

    def chosen(form: str | None) -> None:
        if form is not None:
            in_thread(app, lambda: _written(screen, form), written)  # type: ignore[arg-type]

    def written(path: Path | None) -> None:
        if path is not None:
            app.notify(str(path), title="Exported", timeout=6)

    app.push_screen(Choose("Export what is seen as", FORMS), chosen)


def _written(screen: Page[Any], form: Format) -> Path | None:
    """The file that holds the screen's view; None where there is nothing to be seen."""
    from labbench.draw.export import export
    from labbench.outputs import write_output

    view = screen.view()
    if view is None:
        return None
    width = screen.size.width
    content = export(view, form, width=width, title=f"labbench {screen.export_name()}".strip())
    path = free_path(Path.cwd(), screen.export_name() or "labbench", ENDINGS.get(form, form))
    write_output(path, content)
    return path


def free_path(folder: Path, name: str, ending: str) -> Path:
    """A file in the folder that is not there yet, named after what it shows."""
    stem = re.sub(r"[^A-Za-z0-9.+_-]+", "-", name).strip("-")
    for number in range(1, 10_000):
        path = folder / (f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}")
        if not os.path.lexists(path):
            return path
    raise LabbenchError("has too many exports of this name.", where=str(folder))
