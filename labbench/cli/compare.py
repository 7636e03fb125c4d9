"""`labbench compare`: several runs beside the first one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from labbench.cli.options import (
    Color,
    Form,
    Format,
    Height,
    JsonForm,
    Log,
    Output,
    RunNames,
    Smooth,
    Split,
    Width,
)
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
    runs: RunNames,
    part: Annotated[Part, typer.Option("--show", help="All, or one part of it.")] = Part.all,
    form: Form = Format.ansi,
    json: JsonForm = False,
    split: Annotated[
        Split | None, typer.Option(help="Default: what most of the runs have results on.")
    ] = None,
    by: Annotated[By, typer.Option(help="What curves run along.")] = By.epoch,
    lines: Annotated[Lines, typer.Option(help="Which curves.")] = Lines.validation,
    smooth: Smooth = 0.0,
    log: Log = False,
    figure: Annotated[Figure, typer.Option(help="Of classes.")] = Figure.f1,
    order: Annotated[
        Order, typer.Option(help="Of classes: name, or the largest loss first.")
    ] = Order.name,
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """Compare two or more runs with the first of them.

    Accuracy clip by clip (McNemar), curves, settings that differ, classes.
    """
    from labbench.cli.output import write_view
    from labbench.runs import find
    from labbench.views.compare import CompareView
    from labbench.views.compare.overlay import Look

    form = Format.json if json else form
    folders = list(dict.fromkeys(find(name) for name in runs))
    if len(folders) < 2:
        raise typer.BadParameter("name at least two runs.", param_hint="RUN")
    view = CompareView.of(
        folders, split.value if split else None, show=part.value,
        look=Look(by=by.value, lines=lines.value, smooth=smooth, log=log),
        figure=figure.value, order=order.value,
    )  # fmt: skip
    numbers = " ".join(folder.called for folder in folders)
    title = f"compare {numbers}"
    write_view(
        view, form.value, title=title, width=width, height=height, color=color, output=output
    )
