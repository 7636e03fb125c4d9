"""The test clips in two dimensions, with a cursor that names them and opens them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import methodcaller

import numpy as np

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.interpret.embedding.options import EmbeddingOptions
from labbench.interpret.embedding.picture import ScatterView
from labbench.runs import RunFolder
from labbench.tui.clip.screen import ClipScreen, command_line
from labbench.tui.commands import Command, command
from labbench.tui.inside.moving import PooledTab
from labbench.views.clips import ClipView

LEAP = 8
"""Cells that shift makes of one."""


def _mover(keys: str, right: int, down: int, where: str) -> Command:
    """The command that moves the cursor by so many cells."""
    return Command(
        f"move_{where.replace(' ', '_')}", keys, where, f"Move the cursor {where}",
        methodcaller("move", right, down), lambda tab: tab.found, shown=False,
    )  # fmt: skip


MOVES = (
    _mover("right,l", 1, 0, "right"), _mover("left,h", -1, 0, "left"),
    _mover("down,j", 0, 1, "down"), _mover("up,k", 0, -1, "up"),
    _mover("shift+right,end", LEAP, 0, "far right"),
    _mover("shift+left,home", -LEAP, 0, "far left"),
    _mover("shift+down,pagedown", 0, LEAP // 2, "far down"),
    _mover("shift+up,pageup", 0, -LEAP // 2, "far up"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MapClips:
    """The clips of a map, the nearest to one of them first, for the screen of a clip."""

    run: RunFolder
    map: ScatterView
    order: tuple[int, ...]
    """Places in the map."""
    data_set: str
    """The name of the data set; empty: not told."""

    def __len__(self) -> int:
        return len(self.order)

    def where(self) -> str:
        """Where in the mode you are."""
        return f"{self.run.id} clip"

    def clips(self) -> str:
        """The data set that the run was judged on."""
        return self.data_set

    def view(self, index: int, look: Look) -> ClipView:
        """A clip as the net heard it.

        Raises:
            LabbenchError: the run's clips are gone or others.
        """
        from labbench.evaluation.sounds import sound_of

        place = self.order[index]
        found = self.map.found
        name = found.names[place]
        return ClipView.of(name, sound_of(self.run, int(found.rows_N[place]), name), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip, where the run names its data set."""
        name = self.map.found.names[self.order[index]]
        return command_line(self.data_set, name, look) if self.data_set else None

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place among the neighbours, and what the net takes the clip for."""
        place = self.order[index]
        nth = "the one opened" if not index else f"neighbour {index:,} of {len(self) - 1:,}"
        text = Text.assemble((self.map.found.names[place], "bold"), (f"  {nth}", theme.muted), "\n")
        return text.append_text(self.map.said(place, theme))


class ScatterTab(PooledTab):
    """The test clips, near where a layer finds them alike."""

    kind = EmbeddingOptions
    shared = ("word",)
    keys = ("open_clip", "next_wrong", "next_method", "next_here", "next_word", "next_pool")
    of_lists = MOVES

    @property
    def several(self) -> bool:
        """Whether several clips lie under the cursor."""
        return self._view is not None and len(self._view.under(*self.picture_size)) > 1

    # What its keys do

    def move(self, right: int, down: int) -> None:
        """The cursor, so many cells on."""
        if self._view is not None:
            self.see(self._view.moved_to(right, down, *self.picture_size))

    def click(self, x: int, y: int, twice: bool) -> None:
        super().click(x, y, twice)
        if twice:
            self.open_clip()

    @command("w", "next wrong", when=lambda self: self.found)
    def next_wrong(self) -> None:
        """Go to the next clip that is taken for another word, the surest mistakes first."""
        if self._view is not None:
            self.see(self._view.next_wrong(*self.picture_size))

    @command("n", "next here", when=lambda self: self.found and self.several)
    def next_here(self) -> None:
        """Name the next of the clips that lie in one place."""
        if self._view is not None:
            self.see(replace(self._view, turn=self._view.turn + 1))

    @command("v", "word", when=lambda self: self.found)
    def next_word(self) -> None:
        """Have one word after the other stand out, and all alike again."""
        cycle = (None, *self.inside.subject.words) if self.inside.subject else (None,)
        now = self.chosen.word if self.chosen.word in cycle else None
        self.inside.choose(word=cycle[(cycle.index(now) + 1) % len(cycle)])

    @command("enter", "open", when=lambda self: self.found)
    def open_clip(self) -> None:
        """Open the clip that is named: waveform and spectrogram; [ and ] go to its neighbours."""
        if self._view is None:
            return
        index = self._view.chosen(*self.picture_size)
        if index is None:
            return
        found = self._view.found
        apart = np.linalg.norm(found.xy_N2 - found.xy_N2[index], axis=1)
        apart[index] = -1
        order = tuple(np.argsort(apart, kind="stable").tolist())
        source = MapClips(self.inside.run_folder, self._view, order, self.inside.clips())

        def moved(place: int) -> None:
            if self._view is not None and self._view.found is found:
                self.see(self._view.on_clip(order[place]))

        self.app.push_screen(ClipScreen(source, 0, moved))
