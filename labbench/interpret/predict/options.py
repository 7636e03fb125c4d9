"""What can be chosen of predictions."""

from __future__ import annotations

from typing import Annotated

from labbench.interpret.options import Option, Options

TOP = 5
"""Classes and moments shown where nobody says how many."""

STRIDE_MS = 250
"""From one window to the next, where nobody says otherwise."""


class PredictOptions(Options, frozen=True, kw_only=True):
    """Predict the words in sounds, with probabilities.

    Long ones are predicted second by second. A file that cannot be read is named, the others are
    predicted; the exit code is then 4.
    """

    command = "predict"
    of_show = False
    title, letter, said = "predict", "P", "listening"
    about = (
        "Which word the net takes a sound for. / names a sound file of any rate and length, or a "
        "folder of them; [ and ] go through it. A short sound is followed by zeros as in training, "
        "a long one is heard second by second: bars tell over time how likely each word is. The "
        "net knows only its words and names one of them for any sound, a door as well."
    )

    files: Annotated[
        tuple[str, ...],
        Option("Sound files of any rate and length; folders of them; clips of the run.",
               metavar="FILE", argument=True, needed=True, drawn=True),
    ] = ()  # fmt: skip
    top: Annotated[
        int, Option("Classes and moments shown.", least=1, most=1000, drawn=True)
    ] = TOP  # fmt: skip
    stride_ms: Annotated[
        int,
        Option("From one window of a long sound to the next.", name="stride", metavar="MS",
               least=1, most=60_000),
    ] = STRIDE_MS  # fmt: skip
