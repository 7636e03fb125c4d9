"""`labbench report`: the work of some days as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from labbench.cli.options import Json

Form = Literal["html", "md"]
"""How the page is written."""


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN", help="Number, id, last, or a path with a /; none: by --since."
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Runs active since: 7d, 36h, 2026-11-01.")
    ] = "7d",
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Ends in .html, or .md (no figures); - is stdout."),
    ] = Path("report.html"),
    form: Annotated[
        Form | None, typer.Option("--format", "-f", help="Default: as the file's name ends.")
    ] = None,
    title: Annotated[str, typer.Option(help="Its title.")] = "",
    json: Json = False,
) -> None:
    """Write a report on recent runs as one page.

    Tables, curves, a look into the best model, and the commands to repeat it. The page is one
    self-contained file, small enough to send.
    """
    from datetime import datetime

    from labbench.cli.output import print_json, put, say
    from labbench.outputs import STDOUT
    from labbench.report import since as moment
    from labbench.report import worked_on, write
    from labbench.runs import find
    from labbench.runs.reader import listing
    from labbench.units import plural, size

    if json and output == STDOUT:
        raise typer.BadParameter("the page and --json cannot both go to stdout.", param_hint="-o")
    if runs:
        folders = list(dict.fromkeys(find(name) for name in runs))
        chosen = [(folder, folder.status()) for folder in folders]
    else:
        begin = moment(since, datetime.now().astimezone())
        good, damaged = listing()
        for run, why in damaged:
            say(f"labbench: {run.id} cannot be read: {why}")
        chosen = worked_on(good, begin.timestamp())
        title = title or f"Work since {begin:%Y-%m-%d}"
    count = write(chosen, output, title=title or "Report", form=form)
    if json:
        named = [run.id for run, _ in chosen]
        print_json({"file": str(output), "bytes": count, "runs": named})
    else:
        if output != STDOUT:
            put(str(output))
        say(f"{plural(len(chosen), 'run')}, {size(count)}.")
