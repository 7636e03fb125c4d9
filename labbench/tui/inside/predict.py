"""What the net takes a sound for: a clip, a file, or the files of a folder one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.clip import ClipRef
from labbench.interpret.predict.answer import STRIDE_MS, Predicted, PredictQuestion
from labbench.interpret.predict.picture import TOP, PredictionsView
from labbench.interpret.question import Ask
from labbench.tui.commands import command
from labbench.tui.inside.clips import ClipTab, clip_argument

STRIDES_MS = (50, 100, STRIDE_MS, 500, 1000)

ROOMY = 32
"""From so many lines on, more classes are listed."""

MANY = 16
"""Classes and moments listed there."""


class PredictTab(ClipTab):
    """Classes and probabilities of a sound; of a long one second by second."""

    title = "predict"
    letter = "P"
    said = "listening"
    about = (
        "Which word the net takes a sound for. / names a sound file of any rate and length, or a "
        "folder of them; [ and ] go through it. A short sound is followed by zeros as in training, "
        "a long one is heard second by second: bars tell over time how likely each word is. The "
        "net knows only its words and names one of them for any sound, a door as well."
    )
    keys = ("name_clip", "longer_steps", "shorter_steps")

    def __init__(self) -> None:
        super().__init__()
        self._stride_ms = STRIDE_MS
        self._found: Predicted | None = None
        self._view: PredictionsView | None = None

    @property
    def stepped(self) -> bool:
        """Whether a sound is in view that is heard in several steps."""
        return self._found is not None and len(self._found.starts_s) > 1 and self.why is None

    def finder(self) -> Callable[[ClipRef, Ask], Predicted]:
        stride_ms = self._stride_ms

        def find(clip: ClipRef, ask: Ask) -> Predicted:
            # A clip of the data set is one second: it is kept once.
            stride = stride_ms if clip.row < 0 else STRIDE_MS
            return ask(PredictQuestion(clip=clip, stride_ms=stride))

        return find

    def answered(self, found: Predicted) -> None:
        self._found = found
        self._view = PredictionsView.of(self.inside.run_folder, [found])

    @property
    def top(self) -> int:
        """Classes and moments that are listed."""
        return MANY if self.picture_size.height >= ROOMY else TOP

    def picture(self) -> PredictionsView | None:
        return self._view and self._view.without_heading(self.top)

    def view(self) -> PredictionsView | None:
        return self._view and replace(self._view, top=self.top)

    def heading(self, theme: Theme) -> Text:
        if self._view is None:
            return Text()
        text = Text(self.place_words(), style="bold", no_wrap=True, overflow="ellipsis")
        gap = "  " if text else ""
        return text.append(f"{gap}{self._view.net_words()}", style=theme.muted)

    def headless(self) -> str | None:
        parts = ["labbench predict", self.inside.run_folder.called]
        parts += [clip_argument(self.clip)] if self.clip else []
        parts += [f"--top {self.top}"] if self._view and self.top != TOP else []
        parts += [f"--stride {self._stride_ms}"] if self._stride_ms != STRIDE_MS else []
        return " ".join(parts)

    def other_stride(self, by: int) -> None:
        """Longer or shorter steps."""
        place = STRIDES_MS.index(self._stride_ms) + by
        if 0 <= place < len(STRIDES_MS):
            self._stride_ms = STRIDES_MS[place]
            self.begin()

    @command("plus", "step", when=lambda self: self.stepped)
    def longer_steps(self) -> None:
        """Longer steps from one second heard of a long sound to the next."""
        self.other_stride(1)

    @command("minus", "shorter steps", when=lambda self: self.stepped, shown=False)
    def shorter_steps(self) -> None:
        """Shorter steps."""
        self.other_stride(-1)
