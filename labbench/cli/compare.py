"""`labbench compare`: several runs beside the first one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from labbench.cli.showing.command import Format, Split
from labbench.cli.showing.results import By


class Part(StrEnum):
    """What is compared."""

    all = "all"
    curves = "curves"
    settings = "settings"
    classes = "classes"


class Lines(StrEnum):
    """Which curves are drawn."""

    validation = "validation"
    train = "train"
    both = "both"


class Figure(StrEnum):
    """Of classes."""

    f1 = "f1"
    recall = "recall"
    precision = "precision"


class Order(StrEnum):
    """Of classes: their own, or the largest loss first."""

    name = "name"
    difference = "difference"


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Numbers, ids, paths.")],
    part: Annotated[Part, typer.Option("--show", help="All, or one part of it.")] = Part.all,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="ansi is for the terminal.")
    ] = Format.ansi,
    split: Annotated[
        Split | None, typer.Option(help="Default: what most of the runs have results on.")
    ] = None,
    by: Annotated[By, typer.Option(help="What curves run along.")] = By.epoch,
    lines: Annotated[Lines, typer.Option(help="Which curves.")] = Lines.validation,
    smooth: Annotated[
        float, typer.Option(min=0, max=0.9999, help="Weight of the past in training curves.")
    ] = 0.0,
    log: Annotated[bool, typer.Option("--log", help="Loss on a logarithmic scale.")] = False,
    figure: Annotated[Figure, typer.Option(help="Of classes.")] = Figure.f1,
    order: Annotated[
        Order, typer.Option(help="Of classes: name, or the largest loss first.")
    ] = Order.name,
    width: Annotated[int | None, typer.Option(min=20, max=1000, help="In cells.")] = None,
    height: Annotated[int | None, typer.Option(min=5, max=1000, help="In cells.")] = None,
    color: Annotated[
        bool, typer.Option("--color", help="Colours even where stdout is no terminal.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not stdout.")
    ] = None,
) -> None:
    """Compare runs with the first of them: accuracy clip by clip (McNemar), settings, classes."""
    from labbench.cli.output import write_view
    from labbench.runs import find
    from labbench.views.compare import CompareView
    from labbench.views.compare.overlay import Look

    folders = list(dict.fromkeys(find(name) for name in runs))
    if len(folders) < 2:
        raise typer.BadParameter("name at least two runs.", param_hint="RUN RUN...")
    view = CompareView.of(
        folders, split.value if split else None, show=part.value,
        look=Look(by=by.value, lines=lines.value, smooth=smooth, log=log),
        figure=figure.value, order=order.value,
    )  # fmt: skip
    numbers = " ".join(str(folder.number or folder.id) for folder in folders)
    title = f"compare {numbers}"
    write_view(
        view, form.value, title=title, width=width, height=height, color=color, output=output
    )
