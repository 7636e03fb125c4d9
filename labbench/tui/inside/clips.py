"""Tabs about one clip: which one, going from one to the next, naming another."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from labbench import units
from labbench.errors import LabbenchError
from labbench.interpret.clip import ClipRef, listing
from labbench.interpret.predict.answer import meant
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask as AskBox
from labbench.tui.inside.job import Job
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.tab import Tab
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.interpret.question import Ask


class ClipTab(Tab):
    """A tab that asks the analyst about a clip.

    A subclass gives `finder()`, a function that finds out what is shown of a clip, called in a
    thread, and `answered(found)`. `[` and `]` go through the test clips, or through the files of a
    folder that was named.
    """

    brackets = "clip"
    said: ClassVar[str]
    """What the analyst does, for the notice: `computing feature maps`."""

    def __init__(self) -> None:
        super().__init__()
        self.clip: ClipRef | None = None
        """The clip that is shown."""
        self._clips: tuple[ClipRef, ...] = ()
        """Those that `[` and `]` go through."""

    def finder(self) -> Callable[[ClipRef, Ask], Any]:
        """What finds out, for what is chosen now, by asking."""
        raise NotImplementedError

    def answered(self, found: Any) -> None:
        """The answer came."""
        raise NotImplementedError

    def begin(self) -> None:
        run, chosen, known = self.inside.run_folder, self.chosen, self._clips
        find, analyst = self.finder(), self.inside.analyst

        def work(job: Job) -> tuple[tuple[ClipRef, ...], ClipRef, Any]:
            clips = known or _listed(run, chosen.clip)
            clip = chosen.clip or _first(clips, chosen.word)
            ask = partial(analyst.ask, report=job.report, wanted=job.wanted)
            return clips, clip, find(clip, ask)

        self.ask(work, self._got, self.said)

    def _got(self, found: tuple[tuple[ClipRef, ...], ClipRef, Any]) -> None:
        self._clips, self.clip, answer = found
        self.inside.choose(clip=self.clip)
        self.answered(answer)

    def chosen_changed(self, before: Chosen) -> None:
        if self.chosen.clip != self.clip:
            self.begin()

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


def clip_argument(clip: ClipRef) -> str:
    """How a clip is named on a command line."""
    return shell_quoted(clip.path or clip.name)
