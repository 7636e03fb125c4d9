"""The week's work as one page: which runs, how they did, how the best net looks, how to redo it.

`gather` reads run folders into a frozen `Work`; `page` makes HTML of it, `text` Markdown;
`figures` draws with matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from labbench.errors import LabbenchError, RunError
from labbench.outputs import is_plain, write_output
from labbench.runs import RunFolder, Status

UNITS = {"h": "hours", "d": "days", "w": "weeks"}

Form = Literal["html", "md"]
SUFFIXES: dict[str, Form] = {".html": "html", ".md": "md"}


def since(text: str, now: datetime) -> datetime:
    """The moment that `7d`, `36h`, `2w`, `2026-11-01` or `2026-11-01T12:00` names.

    Raises:
        LabbenchError: it names none.
    """
    number, unit = text[:-1], text[-1:]
    try:
        if number.isdecimal() and unit in UNITS:
            return now - timedelta(**{UNITS[unit]: int(number)})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise LabbenchError(
            f"{text!r} is no time.", where="--since", hint="For example 7d, 36h, 2w or 2026-11-01."
        ) from None


def worked_on(
    rows: Sequence[tuple[RunFolder, Status]], after: float
) -> list[tuple[RunFolder, Status]]:
    """The runs that were made, trained or ended after a Unix time."""
    return [
        (run, one)
        for run, one in rows
        if max(one.created, one.ended or 0, one.heartbeat or 0, one.started or 0) >= after
    ]


def write(
    runs: Sequence[tuple[RunFolder, Status]], path: Path, *, title: str, form: Form | None = None
) -> int:
    """Write the report on some runs as HTML or Markdown; returns its size in bytes.

    Args:
        form: None: as the file's name ends; HTML for stdout, pipes and devices.

    Raises:
        LabbenchError: the file's name ends in neither, or it cannot be written.
        RunError: there are no runs.
    """
    from labbench.report.gather import gather

    form = form or _form_of(path)
    if not runs:
        raise RunError("no run to report on.", hint="See `labbench runs`; or --since 30d.")
    work = gather(runs, title)
    if form == "md":
        from labbench.report.page import markdown

        content = markdown(work)
    else:
        from labbench.report.page import html

        content = html(work)
    write_output(path, content)
    return len(content.encode())


def _form_of(path: Path) -> Form:
    """What a file's name ends in.

    Raises:
        LabbenchError: neither of the two.
    """
    if found := SUFFIXES.get(path.suffix):
        return found
    if not is_plain(path):
        return "html"
    raise LabbenchError(
        f"{path.name!r} ends in neither .html nor .md.", where="--output",
        hint="For example: -o report.html, or say --format md.",
    )  # fmt: skip
