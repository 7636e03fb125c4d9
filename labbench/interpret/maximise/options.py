"""What can be chosen of activation maximisation."""

from __future__ import annotations

from typing import Annotated

from labbench.interpret.options import Option, Options


class MaximiseOptions(Options, frozen=True, kw_only=True):
    """A sound that a class or a channel answers to most.

    By gradient ascent from noise; beside it the best real clip.
    """

    command = "maximise"
    title, letter, said = "maximise", "A", "looking for what is kept"
    about = (
        "Activation maximisation: from noise, gradient ascent climbs to a second of sound that a "
        "word's logit, or a channel's mean output, answers to most. It is moved a little at every "
        "step, and its power and an uneven spectrum count against it. The score it reaches stands "
        "beside that of the best real clip. v goes through the words, arrows through the channels "
        "of the layer, [ and ] through the layers."
    )

    target: Annotated[
        str,
        Option("A class, or as conv3:17.", metavar="WORD|LAYER:CHANNEL", argument=True,
               needed=True),
    ] = ""  # fmt: skip
    steps: Annotated[int, Option("Of gradient ascent.")] = 192
    seeds: Annotated[int, Option("So many sounds, each from noise of its own.")] = 3
    seed: Annotated[
        int | None, Option("Whose sound to show; default: the highest.", least=0, drawn=True)
    ] = None
    l2: Annotated[float, Option("Weight of the sound's power.")] = 0.05
    smoothness: Annotated[
        float, Option("Weight of changes from one frequency to the next.")
    ] = 0.05  # fmt: skip
    jitter_ms: Annotated[
        float, Option("Milliseconds it is moved by at every step.", name="jitter")
    ] = 10.0
