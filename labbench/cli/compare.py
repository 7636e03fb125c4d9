"""`labbench compare`: several runs beside the first one."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from labbench.cli.options import (
    At,
    Color,
    Form,
    From,
    Height,
    JsonForm,
    Log,
    Output,
    RunNames,
    Smooth,
    Split,
    To,
    Width,
)
from labbench.cli.showing.results import By

Part = Literal["all", "curves", "settings", "classes"]
"""What is compared."""


Lines = Literal["validation", "train", "both"]
"""Which curves are drawn."""


Figure = Literal["f1", "recall", "precision"]
"""Of classes."""


Order = Literal["name", "difference"]
"""Of classes: their own, or the largest loss first."""


def compare(
    runs: RunNames,
    part: Annotated[Part, typer.Option("--show", help="All, or one part of it.")] = "all",
    form: Form = "ansi",
    json: JsonForm = False,
    split: Annotated[
        Split | None, typer.Option(help="Default: what most of the runs have results on.")
    ] = None,
    by: Annotated[By, typer.Option(help="The x axis of curves.")] = "epoch",
    lines: Annotated[Lines, typer.Option(help="Which curves.")] = "validation",
    smooth: Smooth = 0.0,
    log: Log = False,
    start: From = 0.0,
    stop: To = None,
    at: At = None,
    figure: Annotated[Figure, typer.Option(help="Of classes.")] = "f1",
    order: Annotated[
        Order, typer.Option(help="Of classes: name, or the largest loss first.")
    ] = "name",
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """Compare runs with the first one.

    Accuracy clip by clip (McNemar), curves, settings that differ, classes.
    """
    from labbench.cli.output import write_view
    from labbench.runs import find
    from labbench.views.compare import CompareView
    from labbench.views.compare.overlay import Look
    from labbench.views.track import Part

    form = "json" if json else form
    folders = list(dict.fromkeys(find(name) for name in runs))
    if len(folders) < 2:
        raise typer.BadParameter("name at least two runs.", param_hint="RUN")
    view = CompareView.of(
        folders, split, show=part,
        look=Look(by=by, lines=lines, smooth=smooth, log=log), part=Part(start, stop, at),
        figure=figure, order=order,
    )  # fmt: skip
    numbers = " ".join(folder.called for folder in folders)
    title = f"compare {numbers}"
    write_view(view, form, title=title, width=width, height=height, color=color, output=output)
