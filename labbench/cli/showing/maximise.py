"""Sounds that a class or a channel answers to most strongly."""

# Annotations are read by typer when the command is made: they are not left as text here.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.showing.command import Target, view

if TYPE_CHECKING:
    from labbench.draw.export import View


@view
def maximise(
    run: Target,
    target: Annotated[
        str, typer.Argument(metavar="WORD|LAYER:CHANNEL", help="A class, or as conv3:17.")
    ],
    steps: Annotated[int, typer.Option(help="Of gradient ascent.")] = 192,
    seeds: Annotated[int, typer.Option(help="So many sounds, each from noise of its own.")] = 3,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Whose sound to show; default: the highest.")
    ] = None,
    l2: Annotated[float, typer.Option(help="Weight of the sound's power.")] = 0.05,
    smoothness: Annotated[
        float, typer.Option(help="Weight of changes from one frequency to the next.")
    ] = 0.05,
    jitter: Annotated[float, typer.Option(help="Milliseconds it is moved by at every step.")] = 10,
    wav: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save the sound that is shown, 16 bit; - is stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="--wav replaces a file.")] = False,
) -> "View":
    """A sound that a class or a channel answers to most.

    By gradient ascent from noise; beside it the best real clip.
    """
    from labbench.audio.reading import refuse_existing, save_wav
    from labbench.cli.asking import answered
    from labbench.cli.output import refuse_terminal, say
    from labbench.interpret.maximise.answer import MaximiseQuestion, checked, target_named
    from labbench.interpret.maximise.picture import MaximiseView
    from labbench.outputs import STDOUT

    if wav == STDOUT:
        refuse_terminal("wav", "--wav sound.wav")
    if wav is not None and not force:
        refuse_existing(wav, "Name another file, or replace it with --force.")
    preset = run.folder.preset()
    name = target_named(preset.plan, preset.data.words, target)
    question = MaximiseQuestion(
        target=name, steps=steps, seeds=seeds, l2=l2, smoothness=smoothness, jitter_ms=jitter
    )
    found = answered(run.folder, checked(question))
    made = MaximiseView(run.folder.id, name, found, seed)
    if wav is not None:
        save_wav(wav, made.samples, replace=force)
        say(f"saved {wav}")
    return made
