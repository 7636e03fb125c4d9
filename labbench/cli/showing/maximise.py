"""A sound that a class or a channel answers to most strongly, and its file."""

# Annotations are read by typer when the command is made: they are not left as text here.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.showing.command import Target, found, view
from labbench.interpret.maximise.options import MaximiseOptions

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.interpret.maximise.picture import MaximiseView


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
command = view(maximise)
