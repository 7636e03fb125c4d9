"""What a clip is and what a net takes it for, in a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.clip import ClipRef
from labbench.runs.predictions import softmax


def told(
    clip: ClipRef, words: Sequence[str], logits_K: NDArray[np.floating], theme: Theme
) -> Text:  # fmt: skip
    """`tree/a.wav  ✖ it is tree, taken for three 0.8123`."""
    best = int(logits_K.argmax())
    said = f"{words[best]} {softmax(logits_K)[best]:.4f}"
    text = Text.assemble((clip.name, "bold"), "  ", no_wrap=True, overflow="ellipsis")
    if clip.word == words[best]:
        return text.append(f"✔ {said}", style=theme.good)
    if clip.word in words:
        return text.append(f"✖ it is {clip.word}, taken for {said}", style=theme.bad)
    if clip.word:
        text.append(f"it is {clip.word}, which the net never learned; ", style=theme.warn)
    return text.append(f"taken for {said}", style=theme.accent)
