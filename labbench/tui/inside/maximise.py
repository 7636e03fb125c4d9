"""Sounds that a word or a channel answers to most: looked for, seen, and saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from labbench import paths
from labbench.audio.reading import save_wav
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.maximise.answer import known
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.options import Options
from labbench.interpret.question import Ask
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask as AskBox
from labbench.tui.inside.frame import Chosen
from labbench.tui.inside.tab import Tab


class MaximiseTab(Tab):
    """What a word, or a channel of a layer, would like to hear."""

    kind = MaximiseOptions
    keys = ("climb", "next_word", "next_channel", "next_seed", "ask_where", "previous_channel")

    def __init__(self) -> None:
        super().__init__()
        self._of_word = True

    @property
    def words(self) -> tuple[str, ...]:
        """The run's classes."""
        return self.inside.subject.words if self.inside.subject else ()

    @property
    def target(self) -> str:
        """A word, or layer:channel."""
        if self._of_word and self.words:
            return self.chosen.word if self.chosen.word in self.words else self.words[0]
        return f"{self.chosen.layer}:{self.chosen.channel}"

    @property
    def found(self) -> bool:
        """Whether there is something to be seen."""
        return self._view is not None and self._view.found is not None and self.why is None

    def with_chosen(self) -> Options:
        """The options with the target that is chosen; of another one the highest sound."""
        options: Options = self.options
        same = self.options.target == self.target
        return options if same else options.having(target=self.target, seed=None)

    def finder(self) -> Callable[[Ask], Any]:
        """What is kept; only a person has it looked for, which takes its time."""
        return partial(known, self.inside.run_folder, self.options)

    @command(
        "enter", "climb", when=lambda self: self.why is None and not self.busy and not self.found
    )
    def climb(self) -> None:
        """Climb from noise to sounds that the target answers to most."""
        self.have_found(super().finder(), f"climbing to {self.target}")

    def heading(self, theme: Theme) -> Text:
        text = super().heading(theme)
        if text and not self.busy and not self.found:
            text.append("  enter", style=f"bold {theme.accent}")
            text.append(" climbs", style=theme.muted)
        return text

    def chosen_changed(self, before: Chosen) -> None:
        """Another word, or another layer or channel, is the target."""
        if before.word != self.chosen.word:
            self._of_word = True
        elif (before.layer, before.channel) != (self.chosen.layer, self.chosen.channel):
            self._of_word = False
        self.follow()

    # What its keys do

    @command("v", "word")
    def next_word(self) -> None:
        """Take the next word as the target."""
        if not self.words:
            return
        index = self.words.index(self.target) + 1 if self.target in self.words else 0
        self._of_word = True
        self.inside.choose(word=self.words[index % len(self.words)])
        self.follow()

    def step_channel(self, by: int) -> None:
        """The next channel of the layer; after a word the one chosen."""
        if self._of_word:
            self._of_word = False
            self.follow()
        elif self.inside.subject is not None:
            convs = {conv.name: conv.channels for conv in self.inside.subject.plan.convs}
            count = convs[self.chosen.layer]
            self.inside.choose(channel=(self.chosen.channel + by) % count)

    @command("n", "seed", when=lambda self: self.found)
    def next_seed(self) -> None:
        """Show what was found from the next seed."""
        self.change(seed=(self._view.shown + 1) % len(self._view.found.reached_S))

    @command("w", "save wav", when=lambda self: self.found)
    def ask_where(self) -> None:
        """Save the sound that is seen as a wav file."""
        name = f"{self.inside.run_id}-{self.target.replace(':', '-')}.wav"
        self.app.push_screen(AskBox("Save the sound as", str(Path.cwd() / name)), self._save)

    def _save(self, answer: str | None) -> None:
        if not answer or not answer.strip() or not self.found:
            return
        path = Path.cwd() / paths.expanded(answer.strip())
        try:
            save_wav(path, self._view.samples)
        except LabbenchError as error:
            self.inside.bench.complain(error)
        else:
            self.notify(f"Saved {path}", timeout=4, markup=False)

    @command("down,j,right,l", "channel")
    def next_channel(self) -> None:
        """Take the next channel of the layer as the target."""
        self.step_channel(1)

    @command("up,k,left,h", "channel", shown=False)
    def previous_channel(self) -> None:
        """Take the channel before as the target."""
        self.step_channel(-1)
