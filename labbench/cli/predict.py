"""`labbench predict`: what a run's net takes sounds for."""

# Annotations are read by typer when the command is made: they are not left as text here.

from typing import TYPE_CHECKING

from labbench.cli.options import Color, Form, Height, JsonForm, Output, RunName, Width
from labbench.errors import DataError, LabbenchError
from labbench.interpret.predict.options import PredictOptions

if TYPE_CHECKING:
    from labbench.interpret.predict.answer import Predicted
    from labbench.runs import RunFolder


def predict(
    run: RunName,
    options: PredictOptions,
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
) -> int:
    from labbench.cli.output import say, write_view
    from labbench.interpret.predict.picture import view
    from labbench.runs import find

    folder = find(run)
    found, failed = _predict_all(folder, options)
    for error in failed:
        say(f"labbench: {error}")
    if found or json or form == "json":
        write_view(
            view(folder, options, *found, unreadable=failed), "json" if json else form,
            title=f"{folder.id} predict", width=width, height=height, color=color, output=output,
        )  # fmt: skip
    return DataError.exit_code if failed else 0


predict.__doc__ = PredictOptions.__doc__


def _predict_all(
    run: "RunFolder", options: PredictOptions
) -> "tuple[list[Predicted], list[LabbenchError]]":
    """What each sound is taken for, and what could not be read."""
    from labbench.cli.meter import asking
    from labbench.interpret.predict.answer import PredictQuestion, meant
    from labbench.runs import weights

    # A run without a net is told before any file is read.
    weights.checkpoint(run.path)
    found: list[Predicted] = []
    failed: list[LabbenchError] = []
    sounds = [sound for text in options.files for sound in meant(run, text)]
    with asking(run) as (analyst, progress):
        for number, sound in enumerate(sounds):
            progress(number, len(sounds), "sounds")
            if isinstance(sound, LabbenchError):
                failed.append(sound)
                continue
            ask = PredictQuestion(clip=sound, stride_ms=options.stride_ms)
            try:
                found.append(analyst.ask(ask, report=progress))
            except DataError as error:
                failed.append(error)
    return found, failed
