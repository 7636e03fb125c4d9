"""`labbench export`: runs as files that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class To(StrEnum):
    """What is written."""

    csv = "csv"
    tensorboard = "tensorboard"
    onnx = "onnx"


def export(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Number, id, path or last.")],
    to: Annotated[To, typer.Option("--to", help="tensorboard and onnx are optional extras.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder; default: labbench-csv, and so on, here."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Export runs: CSV tables of everything, TensorBoard curves, or the best net as ONNX.

    Prints the files written. An export of the same run is replaced.
    """
    from labbench.cli.output import print_json, say
    from labbench.export import check_extra
    from labbench.export import export as write
    from labbench.runs import find

    check_extra(to.value)
    folders = list(dict.fromkeys(find(name) for name in runs))
    folder = output or Path(f"labbench-{to.value}")
    done = []
    for run in folders:
        if to is To.onnx:
            say(f"{run.id}: exporting and checking against torch ...")
        done.append(write(run, to.value, folder))
        if not json:
            print(*done[-1].files, sep="\n", flush=True)
    if json:
        print_json([one.as_json() for one in done])
    elif to is To.tensorboard:
        say(f"See them: tensorboard --logdir {folder}")
