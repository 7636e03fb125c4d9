"""`labbench predict`: what a run's net takes sounds for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.options import Color, Form, Height, JsonForm, Output, RunName, Width
from labbench.errors import DataError, LabbenchError

if TYPE_CHECKING:
    from labbench.interpret.predict.answer import Predicted
    from labbench.runs import RunFolder


def predict(
    run: RunName,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Sound files of any rate and length; folders of them; clips of the run.",
        ),
    ],
    top: Annotated[int, typer.Option(min=1, max=1000, help="Classes and moments shown.")] = 5,
    stride: Annotated[
        int,
        typer.Option(
            metavar="MS", min=1, max=60_000,
            help="From one second heard of a long sound to the next.",
        ),
    ] = 250,
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
) -> int:  # fmt: skip
    """Tell which word sounds are taken for, with probabilities.

    Long ones are heard second by second. A file that cannot be read is told of, the others are
    heard; the exit code is then 4.
    """
    from labbench.cli.output import say, write_view
    from labbench.interpret.predict.picture import PredictionsView
    from labbench.runs import find

    folder = find(run)
    found, failed = _predict_all(folder, files, stride)
    for error in failed:
        say(f"labbench: {error}")
    if found or json or form == "json":
        view = PredictionsView.of(folder, found, unreadable=failed, top=top)
        write_view(
            view, "json" if json else form, title=f"{folder.id} predict", width=width,
            height=height, color=color, output=output,
        )  # fmt: skip
    return DataError.exit_code if failed else 0


def _predict_all(
    run: RunFolder, files: list[str], stride_ms: int
) -> tuple[list[Predicted], list[LabbenchError]]:
    """What each sound is taken for, and what could not be read."""
    from labbench.cli.asking import asking
    from labbench.interpret.predict.answer import PredictQuestion, meant
    from labbench.runs import weights

    # A run without a net is told before any file is read.
    weights.checkpoint(run.path)
    found: list[Predicted] = []
    failed: list[LabbenchError] = []
    sounds = [sound for text in files for sound in meant(run, text)]
    with asking(run) as (analyst, progress):
        for number, sound in enumerate(sounds):
            progress(number, len(sounds), "sounds")
            if isinstance(sound, LabbenchError):
                failed.append(sound)
                continue
            ask = PredictQuestion(clip=sound, stride_ms=stride_ms)
            try:
                found.append(analyst.ask(ask, report=progress))
            except DataError as error:
                failed.append(error)
    return found, failed
