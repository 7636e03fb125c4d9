"""What a net got right and wrong, and how it came to that."""

# Annotations are read by typer when the command is made: they are not left as text here.

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labbench.cli.options import Log, Smooth, SplitOption
from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.views.export import View


class ClassOrder(StrEnum):
    """Orders of classes."""

    name = "name"
    precision = "precision"
    recall = "recall"
    f1 = "f1"
    support = "support"


class ConfusionOrder(StrEnum):
    """Orders of a confusion matrix."""

    name = "name"
    confusion = "confusion"


class By(StrEnum):
    """What the curves run along."""

    step = "step"
    epoch = "epoch"
    time = "time"


@view
def summary(run: Target, split: SplitOption = None) -> "View":
    """What was run, on what, and how well it did.

    Beside the published figures.
    """
    from labbench.views.summary import SummaryView

    return SummaryView.of(run.folder, split.value if split else None)


@view
def classes(
    run: Target,
    split: SplitOption = None,
    order: Annotated[ClassOrder, typer.Option(help="A figure, worst first.")] = ClassOrder.name,
) -> "View":
    """Precision, recall, F1 and support of each class."""
    from labbench.views.classes import ClassesView

    by: Any = order.value
    return ClassesView.of(run.folder, split.value if split else None, by)


@view
def confusion(
    run: Target,
    split: SplitOption = None,
    percent: Annotated[bool, typer.Option("--percent", help="In percent of each row.")] = False,
    order: Annotated[
        ConfusionOrder, typer.Option(help="confusion: words that are confused side by side.")
    ] = ConfusionOrder.name,
) -> "View":
    """The confusion matrix, actual words in rows.

    Predicted ones in columns.
    """
    from labbench.views.confusion import ConfusionView

    beside = order is ConfusionOrder.confusion
    return ConfusionView.of(
        run.folder, split.value if split else None, percent=percent,
        order="confusion" if beside else "class",
    )  # fmt: skip


@view
def curves(
    run: Target,
    by: Annotated[By, typer.Option(help="What they run along.")] = By.step,
    smooth: Smooth = 0.0,
    log: Log = False,
) -> "View":
    """Loss and accuracy of training and validation."""
    from labbench.views.curves import CurvesView

    return CurvesView.of(run.folder, by=by.value, smooth=smooth, log=log)
