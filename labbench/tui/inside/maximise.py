"""Sounds that a word or a channel answers to most: looked for, seen, and saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labbench import paths
from labbench.audio.reading import save_wav
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.maximise.answer import SEEDS, STEPS, Maximised, MaximiseQuestion
from labbench.interpret.maximise.picture import MaximiseView
from labbench.interpret.question import kept
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask
from labbench.tui.inside.job import Job
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.tab import Tab


class MaximiseTab(Tab):
    """What a word, or a channel of a layer, would like to hear."""

    title = "maximise"
    letter = "A"
    about = (
        "Activation maximisation: from noise, gradient ascent climbs to a second of sound that a "
        "word's logit, or a channel's mean output, answers to most. It is moved a little at every "
        "step, and its power and an uneven spectrum count against it. The score it reaches stands "
        "beside that of the best real clip. v goes through the words, arrows through the channels "
        "of the layer, [ and ] through the layers."
    )
    keys = ("climb", "next_word", "next_channel", "next_seed", "ask_where", "previous_channel")

    def __init__(self) -> None:
        super().__init__()
        self._of_word = True
        self._view: MaximiseView | None = None

    @property
    def target(self) -> str:
        """A word, or layer:channel."""
        words = self.inside.subject.words if self.inside.subject else ()
        if self._of_word and words:
            return self.chosen.word if self.chosen.word in words else words[0]
        return f"{self.chosen.layer}:{self.chosen.channel}"

    @property
    def found(self) -> bool:
        """Whether there is something to be seen."""
        return self._view is not None and self._view.found is not None and self.why is None

    def begin(self) -> None:
        """Show what is kept; only a person has it looked for, which takes its time."""
        run, ask = self.inside.run_folder, MaximiseQuestion(target=self.target)
        words = self.inside.subject.words if self.inside.subject else ()

        def work(job: Job) -> tuple[Maximised | None, tuple[str, ...]]:
            if (found := kept(run, ask)) is not None:
                return found, ()
            return None, tuple(word for word in words if kept(run, MaximiseQuestion(target=word)))

        def done(found: tuple[Maximised | None, tuple[str, ...]]) -> None:
            self._show(ask, *found)

        self.ask(work, done, "looking for what is kept")

    @command(
        "enter", "climb", when=lambda self: self.why is None and not self.busy and not self.found
    )
    def climb(self) -> None:
        """Climb from noise to sounds that the target answers to most."""
        ask = MaximiseQuestion(target=self.target)
        self.ask_analyst(ask, lambda answer: self._show(ask, answer), f"climbing to {ask.target}")

    def _show(
        self, ask: MaximiseQuestion, found: Maximised | None, others: tuple[str, ...] = ()
    ) -> None:
        run_id = self.inside.run_id
        self._view = MaximiseView(run_id, ask.target, found, bare=True, others=others)
        self.redraw()

    def picture(self) -> MaximiseView | None:
        return self._view

    def view(self) -> MaximiseView | None:
        return self._view and replace(self._view, bare=False)

    def heading(self, theme: Theme) -> Text:
        if self._view is None or self.why is not None:
            return Text()
        text = Text.assemble((self._view.target, "bold"), no_wrap=True, overflow="ellipsis")
        text.append(f"  {SEEDS} seeds, {STEPS} steps", style=theme.muted)
        if not self.busy and not self.found:
            text.append("  enter", style=f"bold {theme.accent}")
            text.append(" climbs", style=theme.muted)
        return text

    def headless(self) -> str | None:
        parts = [
            "labbench show",
            self.inside.run_folder.called,
            f"maximise {shell_quoted(self.target)}",
        ]
        if self._view is not None and self._view.seed is not None:
            parts.append(f"--seed {self._view.shown}")
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        """Another word, or another layer or channel, is the target."""
        if before.word != self.chosen.word:
            self._of_word = True
        elif (before.layer, before.channel) != (self.chosen.layer, self.chosen.channel):
            self._of_word = False
        else:
            return
        self.begin()

    # What its keys do

    @command("v", "word")
    def next_word(self) -> None:
        """Take the next word as the target."""
        words = self.inside.subject.words if self.inside.subject else ()
        if not words:
            return
        index = words.index(self.target) + 1 if self.target in words else 0
        self._of_word = True
        before = self.chosen.word
        self.inside.choose(word=words[index % len(words)])
        if before == self.chosen.word:
            self.begin()

    def step_channel(self, by: int) -> None:
        """The next channel of the layer; after a word the one chosen."""
        if self._of_word:
            self._of_word = False
            self.begin()
        elif self.inside.subject is not None:
            convs = {conv.name: conv.channels for conv in self.inside.subject.plan.convs}
            count = convs[self.chosen.layer]
            self.inside.choose(channel=(self.chosen.channel + by) % count)

    @command("n", "seed", when=lambda self: self.found)
    def next_seed(self) -> None:
        """Show what was found from the next seed."""
        if self._view is not None and self._view.found is not None:
            seeds = len(self._view.found.reached_S)
            self._view = replace(self._view, seed=(self._view.shown + 1) % seeds)
            self.redraw()

    @command("w", "save wav", when=lambda self: self.found)
    def ask_where(self) -> None:
        """Save the sound that is seen as a wav file."""
        name = f"{self.inside.run_id}-{self.target.replace(':', '-')}.wav"
        self.app.push_screen(Ask("Save the sound as", str(Path.cwd() / name)), self._save)

    def _save(self, answer: str | None) -> None:
        if not answer or not answer.strip() or self._view is None or self._view.found is None:
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
