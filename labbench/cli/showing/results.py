"""What a net got right and wrong, how it came to that, and the sound that it likes best."""

# Annotations are read by typer when the command is made: they are not left as text here.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.options import (
    At,
    From,
    Log,
    RangeDb,
    ScaleOption,
    Smooth,
    SplitOption,
    Stride,
    To,
    Window,
)
from labbench.cli.showing.command import Target, found, view
from labbench.interpret.maximise.options import MaximiseOptions

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.interpret.maximise.picture import MaximiseView


ClassOrder = Literal["name", "precision", "recall", "f1", "support"]
"""Orders of classes."""


ConfusionOrder = Literal["name", "confusion"]
"""Orders of a confusion matrix."""


By = Literal["step", "epoch", "time"]
"""What the curves run along."""


@view
def summary(run: Target, split: SplitOption = None) -> "View":
    """What was run, on what, and how well it did.

    Beside the published figures.
    """
    from labbench.views.summary import SummaryView

    return SummaryView.of(run.folder, split)


@view
def classes(
    run: Target,
    split: SplitOption = None,
    order: Annotated[ClassOrder, typer.Option(help="A figure, worst first.")] = "name",
) -> "View":
    """Precision, recall, F1 and support of each class."""
    from labbench.views.classes import ClassesView

    return ClassesView.of(run.folder, split, order)


@view
def confusion(
    run: Target,
    split: SplitOption = None,
    percent: Annotated[bool, typer.Option("--percent", help="In percent of each row.")] = False,
    order: Annotated[
        ConfusionOrder, typer.Option(help="confusion: words that are confused side by side.")
    ] = "name",
) -> "View":
    """The confusion matrix, actual words in rows.

    Predicted ones in columns.
    """
    from labbench.views.confusion import ConfusionView

    return ConfusionView.of(run.folder, split, percent=percent, order=order)


@view
def cell(
    run: Target,
    actual: Annotated[str, typer.Argument(metavar="WORD", help="The actual word.")],
    predicted: Annotated[str, typer.Argument(metavar="WORD", help="The predicted word.")],
    split: SplitOption = None,
) -> "View":
    """The clips of one cell of the confusion matrix, the worst first."""
    from labbench.views.cell import CellView

    return CellView.named(run.folder, actual, predicted, split)


@view
def clip(
    run: Target,
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="Its name, as the cell lists it.")],
    split: SplitOption = None,
    scale: ScaleOption = "linear",
    range_db: RangeDb = 70.0,
    window: Window = 512,
    stride: Stride = 128,
) -> "View":
    """One clip: its prediction, waveform and spectrogram."""
    from labbench.draw.spectrogram import Look
    from labbench.views.cell import PredictedClipView

    return PredictedClipView.of(run.folder, clip, split, Look(scale, range_db, window, stride))


@view
def curves(
    run: Target,
    by: Annotated[By, typer.Option(help="The x axis.")] = "step",
    smooth: Smooth = 0.0,
    log: Log = False,
    start: From = 0.0,
    stop: To = None,
    at: At = None,
) -> "View":
    """Loss and accuracy of training and validation."""
    from labbench.views.curves import CurvesView
    from labbench.views.track import Part

    part = Part(start, stop, at)
    return CurvesView.of(run.folder, by=by, smooth=smooth, log=log, part=part)


@view
def events(run: Target) -> "View":
    """Events, the newest first: epochs, results, notes, how it ended."""
    from labbench.views.log import EventsView

    return EventsView.of(run.folder)


@view
def console(run: Target) -> "View":
    """What its worker wrote: the last lines of console.log."""
    from labbench.views.log import ConsoleView

    return ConsoleView.of(run.folder)


def maximise(
    run: Target,
    options: MaximiseOptions,
    wav: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save the sound that is shown, 16 bit; - is stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="--wav replaces a file.")] = False,
) -> "View":
    from labbench.audio.reading import refuse_existing, save_wav
    from labbench.cli.output import refuse_terminal, say
    from labbench.outputs import STDOUT

    if wav == STDOUT:
        refuse_terminal("wav", "--wav sound.wav")
    if wav is not None and not force:
        refuse_existing(wav, "Name another file, or replace it with --force.")
    made: MaximiseView = found(run, options)
    if wav is not None:
        save_wav(wav, made.samples, replace=force)
        say(f"saved {wav}")
    return made


maximise.__doc__ = MaximiseOptions.__doc__
MAXIMISE = view(maximise)
