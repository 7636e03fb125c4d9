"""`labbench export`: runs as files that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from labbench.cli.options import Json, RunNames

To = Literal["csv", "tensorboard", "onnx"]
"""What is written."""


def export(
    runs: RunNames,
    to: Annotated[To, typer.Option("--to", help="tensorboard and onnx are optional extras.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder; default: labbench-csv and the like, here."),
    ] = None,
    json: Json = False,
) -> None:
    """Export runs as CSV, TensorBoard curves or ONNX.

    CSV: tables of everything. ONNX: the best net. Prints the files written. An export of the same
    run is replaced.
    """
    from labbench.cli.output import print_json, put, say
    from labbench.export import check_extra
    from labbench.export import export as write
    from labbench.runs import find

    check_extra(to)
    folders = list(dict.fromkeys(find(name) for name in runs))
    folder = output or Path(f"labbench-{to}")
    done = []
    for run in folders:
        if to == "onnx":
            say(f"{run.id}: exporting and checking against torch ...")
        done.append(write(run, to, folder))
        if not json:
            for path in done[-1].files:
                put(str(path))
    if json:
        print_json([one.as_json() for one in done])
    elif to == "tensorboard":
        say(f"See them: tensorboard --logdir {folder}")
