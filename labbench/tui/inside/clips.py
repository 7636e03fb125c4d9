"""Tabs about one clip: which one, going from one to the next, naming another, a cursor in time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from labbench import units
from labbench.errors import LabbenchError
from labbench.interpret import analyses
from labbench.interpret.clip import ClipRef, listing
from labbench.interpret.options import Options
from labbench.interpret.predict.answer import meant
from labbench.runs import RunFolder
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask as AskBox
from labbench.tui.inside.analysis import AnalysisTab
from labbench.tui.inside.frame import Chosen
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.interpret.question import Ask

TICK_S = 0.01
"""What one step of the cursor in time is."""


class ClipTab(AnalysisTab):
    """A tab about a clip.

    `[` and `]` go through the test clips, or through the files of a folder that was named.
    """

    brackets = "clip"

    def __init__(self) -> None:
        super().__init__()
        self.clip: ClipRef | None = None
        """The clip that is shown."""
        self._clips: tuple[ClipRef, ...] = ()
        """Those that `[` and `]` go through."""

    def finder(self) -> Callable[[Ask], tuple[tuple[ClipRef, ...], ClipRef, Any]]:
        run, chosen, known, options = (
            self.inside.run_folder, self.chosen, self._clips, self.options
        )  # fmt: skip

        def find(ask: Ask) -> tuple[tuple[ClipRef, ...], ClipRef, Any]:
            clips = known or _listed(run, chosen.clip)
            clip = chosen.clip or _first(clips, chosen.word)
            return clips, clip, analyses.find(run, options, ask, clip)

        return find

    def answered(self, found: tuple[tuple[ClipRef, ...], ClipRef, Any]) -> None:
        self._clips, self.clip, answer = found
        self.inside.choose(clip=self.clip)
        super().answered(answer)

    def clip_words(self) -> str:
        """The clip on a command line; empty: none is shown yet."""
        return (self.clip.path or self.clip.name) if self.clip else ""

    def named(self) -> Options:
        return super().named().having(clip=self.clip_words())

    def chosen_changed(self, before: Chosen) -> None:
        if self.chosen.clip != self.clip:
            self.begin()
        else:
            self.follow()

    def step(self, by: int) -> None:
        """The clip before or after this one."""
        if not self._clips:
            return
        now = self.chosen.clip
        place = self._clips.index(now) + by if now in self._clips else 0
        if 0 <= place < len(self._clips):
            self.inside.choose(clip=self._clips[place])

    def place_words(self) -> str:
        """`12 of 4,815`; empty where the clip is none of those that are gone through."""
        if self.clip not in self._clips:
            return ""
        return f"{self._clips.index(self.clip) + 1:,} of {len(self._clips):,}"

    # Another clip by its name

    def look_for(self, text: str | None) -> None:
        """Find what a person typed, in a thread."""
        if text and text.strip():
            in_thread(self, partial(meant, self.inside.run_folder, text.strip()), self._picked)

    def _picked(self, found: Sequence[ClipRef | LabbenchError]) -> None:
        sounds = [one for one in found if isinstance(one, ClipRef)]
        failed = [one for one in found if isinstance(one, LabbenchError)]
        for error in failed[:1]:
            self.inside.bench.complain(error)
        if len(failed) > 1:
            said = f"{units.plural(len(failed), 'file')} cannot be read."
            self.notify(said, severity="error", timeout=8, markup=False)
        if not sounds:
            return
        if sounds[0].row < 0:
            self._clips = tuple(sounds)
        elif self._clips and self._clips[0].row < 0:
            # Back among the run's own clips.
            self._clips = ()
        self.inside.choose(clip=sounds[0])

    @command("slash", "name a clip")
    def name_clip(self) -> None:
        """Name a clip, a word, a sound file, or a folder of sound files."""
        question = "A clip, a word, a sound file, or a folder of them"
        self.app.push_screen(AskBox(question, hint="enter listen   esc leave it"), self.look_for)


class TimeTab(ClipTab):
    """The same with a cursor in time."""

    def move_cursor(self, by_s: float) -> None:
        """The cursor earlier or later; it begins in the middle."""
        at = self.options.at
        now = 0.5 if at is None else at + by_s
        self.change(at=round(min(max(now, 0.0), 1.0), 4))

    @command("right", "time", when=lambda self: self.found)
    def later(self) -> None:
        """Move the cursor on by a hundredth of a second."""
        self.move_cursor(TICK_S)

    @command("left", "earlier", when=lambda self: self.found, shown=False)
    def earlier(self) -> None:
        """Move the cursor back by a hundredth of a second."""
        self.move_cursor(-TICK_S)

    @command("x", "no cursor", when=lambda self: self.options.at is not None, shown=False)
    def no_cursor(self) -> None:
        """Take the cursor away."""
        self.change(at=None)


def _listed(run: RunFolder, clip: ClipRef | None) -> tuple[ClipRef, ...]:
    """The run's test clips; a sound file needs none of them.

    Raises:
        LabbenchError: they are gone.
    """
    if clip is None or clip.row >= 0:
        return listing(run)
    with contextlib.suppress(LabbenchError):
        return listing(run)
    return ()


def _first(clips: Sequence[ClipRef], word: str | None) -> ClipRef:
    """The first clip of a word, or of all."""
    return next((one for one in clips if one.word == word), clips[0])
