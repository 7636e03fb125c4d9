"""The test clips in two dimensions, with a cursor that names them and opens them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import methodcaller

import numpy as np

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.interpret.embedding.answer import (
    METHODS,
    TITLES,
    Embedding,
    EmbeddingQuestion,
    Layout,
)
from labbench.interpret.embedding.picture import ScatterView
from labbench.interpret.features.answer import in_words, much
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.clip.screen import ClipScreen, command_line
from labbench.tui.commands import Command, command
from labbench.tui.inside.pooled import PooledTab
from labbench.tui.inside.subject import Chosen
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
    found: Embedding
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
        name = self.found.names[place]
        return ClipView.of(name, sound_of(self.run, int(self.found.rows_N[place]), name), look)

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints the clip, where the run names its data set."""
        name = self.found.names[self.order[index]]
        return command_line(self.data_set, name, look) if self.data_set else None

    def head(self, index: int, theme: Theme) -> Text:
        """Name, place among the neighbours, and what the net takes the clip for."""
        place = self.order[index]
        nth = "the one opened" if not index else f"neighbour {index:,} of {len(self) - 1:,}"
        text = Text.assemble((self.found.names[place], "bold"), (f"  {nth}", theme.muted), "\n")
        return text.append_text(ScatterView(self.run.id, self.found).said(place, theme))


class ScatterTab(PooledTab):
    """The test clips, near where a layer finds them alike."""

    title = "scatter"
    letter = "S"
    about = (
        "The test clips in two dimensions: near one another where the net's flattened features, "
        "or a convolution pooled over time, are alike. A letter is a word; an upper-case, "
        "underlined one is a clip that is taken for another word. PCA keeps distances as far as "
        "two axes can, t-SNE keeps neighbours. The cursor names the clip under it, or the nearest "
        "one. [ and ] go through the layers, the flattened features last."
    )
    keys = ("open_clip", "next_wrong", "other_method", "next_here", "next_word", "other_pool")
    of_lists = MOVES

    def __init__(self) -> None:
        super().__init__()
        self._method: Layout = "pca"
        self._view: ScatterView | None = None

    @property
    def several(self) -> bool:
        """Whether several clips lie under the cursor."""
        return self._view is not None and len(self._view.under(*self.picture_size)) > 1

    def begin(self) -> None:
        ask = EmbeddingQuestion(layer=self.of_layer, pool=self.pool, method=self._method)

        self.ask_analyst(ask, self._show, f"laying clips out by {TITLES[self._method]}")

    def _show(self, found: Embedding) -> None:
        self._view = ScatterView(self.inside.run_id, found, (0.5, 0.5), bare=True)
        self._mark()

    def _mark(self) -> None:
        """Have the chosen word stand out."""
        if self._view is not None:
            words, word = self._view.found.words, self.chosen.word
            self._see(replace(self._view, word=words.index(word) if word in words else None))

    def _see(self, view: ScatterView) -> None:
        self._view = view
        self.redraw()

    def picture(self) -> ScatterView | None:
        return self._view

    def view(self) -> ScatterView | None:
        return self._view and replace(self._view, bare=False)

    def heading(self, theme: Theme) -> Text:
        if self._view is None or self.why is not None:
            return Text()
        found = self._view.found
        text = Text.assemble((in_words(found.layer, found.pool), "bold"), no_wrap=True)
        text.overflow = "ellipsis"
        clips = much(len(found.rows_N), found.total, "test clips")
        wrong = int(found.wrong.sum())
        return text.append(f"  {clips}, {wrong:,} of them taken for another word", theme.muted)

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "map"]
        parts += [f"--method {self._method}"] if self._method != "pca" else []
        parts += self.layer_options()
        if self._view is not None and self._view.word is not None:
            parts.append(f"--word {shell_quoted(self._view.found.words[self._view.word])}")
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        """The word of the other tabs is that here, too."""
        super().chosen_changed(before)
        if before.word != self.chosen.word:
            self._mark()

    # What its keys do

    def move(self, right: int, down: int) -> None:
        """The cursor, so many cells on."""
        if self._view is not None:
            self._see(self._view.moved(right, down, *self.picture_size))

    def click(self, x: int, y: int, *, twice: bool) -> None:
        if self._view is not None:
            self._see(self._view.at(x, self._view.map_row(y), *self.picture_size))
            if twice:
                self.open_clip()

    @command("w", "next wrong", when=lambda self: self.found)
    def next_wrong(self) -> None:
        """Go to the next clip that is taken for another word, the surest mistakes first."""
        if self._view is not None:
            self._see(self._view.next_wrong(*self.picture_size))

    @command("n", "next here", when=lambda self: self.found and self.several)
    def next_here(self) -> None:
        """Name the next of the clips that lie in one place."""
        if self._view is not None:
            self._see(replace(self._view, turn=self._view.turn + 1))

    @command("m", "PCA/t-SNE", when=lambda self: self.found)
    def other_method(self) -> None:
        """Lay the clips out by PCA, or by t-SNE."""
        self._method = METHODS[1 - METHODS.index(self._method)]
        self.begin()

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
        source = MapClips(self.inside.run_folder, found, order, self.inside.clips())

        def moved(place: int) -> None:
            if self._view is not None and self._view.found is found:
                self._see(self._view.on_clip(order[place]))

        self.app.push_screen(ClipScreen(source, 0, moved))
