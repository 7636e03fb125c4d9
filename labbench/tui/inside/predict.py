"""What the net takes a sound for: a clip, a file, or the files of a folder one after the other."""

from __future__ import annotations

from typing import Any

from labbench.interpret.options import Options
from labbench.interpret.picture import AnalysisView
from labbench.interpret.predict.options import STRIDE_MS, TOP, PredictOptions
from labbench.tui.commands import command
from labbench.tui.inside.clips import ClipTab

STRIDES_MS = (50, 100, STRIDE_MS, 500, 1000)

ROOMY = 32
"""From so many lines on, more classes are listed."""

MANY = 16
"""Classes and moments listed there."""


class PredictTab(ClipTab):
    """Classes and probabilities of a sound; of a long one second by second."""

    kind = PredictOptions
    keys = ("name_clip", "longer_steps", "shorter_steps")

    @property
    def stepped(self) -> bool:
        """Whether a sound is in view that is heard in several steps."""
        return self.found and len(self._view.found[0].starts_s) > 1

    def picture(self) -> AnalysisView[Any] | None:
        """The view with as many classes as there is room for."""
        view = super().picture()
        return view and view.having(self.named())

    def named(self) -> Options:
        top = MANY if self._view and self.picture_size.height >= ROOMY else TOP
        files = (self.clip_words(),) if self.clip else ()
        options: Options = self.options.having(files=files, top=top)
        return options

    def other_stride(self, by: int) -> None:
        """Longer or shorter steps."""
        place = STRIDES_MS.index(self.options.stride_ms) + by
        if 0 <= place < len(STRIDES_MS):
            self.change(stride_ms=STRIDES_MS[place])

    @command("plus", "step", when=lambda self: self.stepped)
    def longer_steps(self) -> None:
        """Longer steps from one second heard of a long sound to the next."""
        self.other_stride(1)

    @command("minus", "shorter steps", when=lambda self: self.stepped, shown=False)
    def shorter_steps(self) -> None:
        """Shorter steps."""
        self.other_stride(-1)
