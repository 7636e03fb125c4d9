"""`labbench show`: one view of a run, on the terminal or as a file."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labbench.runs import RunFolder
    from labbench.views.classes import Order as ClassOrder
    from labbench.views.export import View


class ViewName(StrEnum):
    """What can be shown."""

    summary = "summary"
    classes = "classes"
    confusion = "confusion"
    curves = "curves"


class Format(StrEnum):
    """How it is written."""

    ansi = "ansi"
    json = "json"
    csv = "csv"
    svg = "svg"


class Split(StrEnum):
    """Which clips were judged."""

    validation = "validation"
    test = "test"


class Order(StrEnum):
    """Orders of classes and confusion."""

    name = "name"
    precision = "precision"
    recall = "recall"
    f1 = "f1"
    support = "support"
    confusion = "confusion"


class By(StrEnum):
    """What the curves run along."""

    step = "step"
    epoch = "epoch"
    time = "time"


_CLASS_ORDERS: dict[Order, ClassOrder] = {
    Order.precision: "precision",
    Order.recall: "recall",
    Order.f1: "f1",
    Order.support: "support",
}


def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Number, id, path or last.")],
    view: Annotated[ViewName, typer.Argument(help="What to show.")] = ViewName.summary,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="ansi is for the terminal.")
    ] = Format.ansi,
    split: Annotated[
        Split | None, typer.Option(help="Default: test of a finished run, else validation.")
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Confusion in percent of each row.")
    ] = False,
    order: Annotated[
        Order, typer.Option(help="Of classes: a figure, worst first. Of confusion: confusion.")
    ] = Order.name,
    by: Annotated[By, typer.Option(help="What curves run along.")] = By.step,
    smooth: Annotated[
        float, typer.Option(min=0, max=0.9999, help="Weight of the past in training curves.")
    ] = 0.0,
    log: Annotated[bool, typer.Option("--log", help="Loss on a logarithmic scale.")] = False,
    width: Annotated[int | None, typer.Option(min=20, max=1000, help="In cells.")] = None,
    height: Annotated[int | None, typer.Option(min=5, max=1000, help="In cells.")] = None,
    color: Annotated[
        bool, typer.Option("--color", help="Colours even where stdout is no terminal.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not stdout.")
    ] = None,
) -> None:
    """Show a run: summary, per-class figures, confusion matrix or curves."""
    from labbench.cli.output import piped_width, print_view
    from labbench.runs import find

    _check_order(view, order)
    folder = find(run)
    chosen: View
    match view:
        case ViewName.curves:
            from labbench.views.curves import CurvesView

            chosen = CurvesView.of(folder, by=by.value, smooth=smooth, log=log)
        case _:
            chosen = _results(folder, view, split.value if split else None, order, percent)
    if form is Format.ansi and output is None and not color:
        print_view(chosen, width=width, height=height)
        return
    from labbench.views.export import export

    text = export(
        chosen, form.value, width=width or piped_width(), height=height,
        color="truecolor" if color else None, title=f"{folder.id} {view}",
    )  # fmt: skip
    if output is None:
        sys.stdout.write(text)
        return
    from labbench.runs.files import write_atomic

    write_atomic(output, text.encode(), durable=False)


def _check_order(view: ViewName, order: Order) -> None:
    """Refuse an order that the view does not have.

    Raises:
        typer.BadParameter: with those it has.
    """
    allowed = {
        ViewName.classes: [Order.name, *_CLASS_ORDERS],
        ViewName.confusion: [Order.name, Order.confusion],
    }.get(view, [Order.name])
    if order not in allowed:
        raise typer.BadParameter(
            f"{view} has no order {order.value!r}. Allowed: {', '.join(allowed)}.",
            param_hint="--order",
        )


def _results(
    folder: RunFolder, view: ViewName, split: str | None, order: Order, percent: bool
) -> View:
    """A view of what the net got right and wrong."""
    if view is ViewName.classes:
        from labbench.views.classes import ClassesView

        return ClassesView.of(folder, split, _CLASS_ORDERS.get(order, "name"))
    if view is ViewName.confusion:
        from labbench.views.confusion import ConfusionView

        beside = order is Order.confusion
        return ConfusionView.of(
            folder, split, percent=percent, order="confusion" if beside else "class"
        )
    from labbench.views.summary import SummaryView

    return SummaryView.of(folder, split)
