"""What can be chosen of a pair of confused words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from labbench.interpret.options import Option, Options


def check_pair(words: Sequence[str] | None) -> None:
    """Raises ValueError: they are no pair."""
    if words and len(words) != 2:
        raise ValueError("name two words, or none.")


class PairOptions(Options, frozen=True, kw_only=True):
    """Two confused words: clips of both directions.

    Mean spectrograms and mean Grad-CAM beside.
    """

    command = "pair"
    title, letter, thing, said = "pairs", "X", "clip", "comparing clips"
    about = (
        "Two words that are taken for each other, from left to right: the first taken for itself, "
        "the first for the second, the second for the first, the second for itself. Each is the "
        "mean spectrogram of its clips, every clip as loud as any other, and below it the mean "
        "Grad-CAM: which moments speak for what they are taken for. [ and ] go through the pairs, "
        "those confused most first; below are the clips, the surest mistake first."
    )

    pair: Annotated[
        tuple[str, ...],
        Option("Default: those confused most.", metavar="[WORD WORD]", argument=True,
               check=check_pair),
    ] = ()  # fmt: skip
    split: Annotated[
        Literal["validation", "test"] | None,
        Option("Default: test of a finished run, else validation."),
    ] = None
    layer: Annotated[str, Option("Of Grad-CAM; default: the last.")] = ""
    limit: Annotated[
        int, Option("At most so many clips averaged for each cell.", least=1, most=1000)
    ] = 24
