"""What the pictures of all analyses have in common: a heading, and a body below it.

`head` stands above on the command line; a tab has `heading`, one line, in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.interpret.clip import ClipRef
from labbench.interpret.options import Options
from labbench.runs.predictions import softmax

Opts = TypeVar("Opts", bound=Options)


@dataclass(frozen=True, slots=True)
class AnalysisView(Generic[Opts]):
    """What was found out about a run's net, as its options want it."""

    run_id: str
    synthetic: bool
    """Whether the net learned from synthetic speech."""
    options: Opts

    def having(self, options: Opts) -> Self:
        """The same with other options, of those that change only what is drawn."""
        return replace(self, options=options)

    def with_cursor(self) -> Self:
        """The view as a tab begins with it: with a cursor, where it has one beside its options."""
        return self

    def moved(self, by: int) -> Self:
        """The view with the cursor so many things on; clipped."""
        return self

    def clicked(self, x: int, y: int, width: int, height: int) -> Self | None:
        """The view after a click on a cell of its body; None: there is nothing."""
        return None

    def heading(self, theme: Theme, place: str = "") -> Text:
        """What stands above the body, in one line.

        Args:
            place: that of the clip among those gone through; empty: it has none.
        """
        return Text()

    def head(self, theme: Theme) -> list[Text]:
        """The same with the run's name, in a line or several."""
        return [Text.assemble((self.run_id, "bold"), "  ", self.heading(theme))]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        """The picture without heading, no higher than `height` where one is given."""
        raise NotImplementedError

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = self.head(theme)
        for line in head:
            line.truncate(width, overflow="ellipsis")
        room = None if height is None else max(height - len(head), 2)
        return Group(*head, self.body(width, room, theme))

    def as_json(self) -> Any:
        raise NotImplementedError

    def as_csv(self) -> str:
        raise NotImplementedError

    def warning(self, theme: Theme) -> Text:
        """That the net learned from synthetic speech; empty where it did not."""
        said = "  SYNTHETIC speech" if self.synthetic else ""
        return Text(said, style=f"bold {theme.warn}")

    def of_run(self, said: str, theme: Theme) -> Text:
        """The run's name, what is said of it, and the warning."""
        name, about = (self.run_id, "bold"), (f"  {said}", theme.muted)
        return Text.assemble(name, about, self.warning(theme))


def clip_line(
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
