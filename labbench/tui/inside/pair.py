"""Two words that the net confuses: clips of both directions, mean spectrograms and Grad-CAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError, RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import of_row
from labbench.interpret.confusion_pair.answer import Means, Pair, pair_question, worst_pairs
from labbench.interpret.confusion_pair.picture import PairView
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask
from labbench.tui.inside.job import Job
from labbench.tui.inside.maps import MapsTab
from labbench.tui.inside.moving import LayerKeys, Moving, can_move
from labbench.tui.inside.subject import Chosen
from labbench.views.source import chosen_predictions

if TYPE_CHECKING:
    from labbench.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Found:
    """A pair, and all that could be looked at."""

    pairs: tuple[tuple[str, str], ...]
    """Those that are confused, the worst first."""
    pair: Pair
    means: Means


class PairTab(Moving, LayerKeys):
    """Both directions of a confusion side by side with what is right."""

    title = "pairs"
    thing = "clip"
    letter = "X"
    brackets = "pair"
    about = (
        "Two words that are taken for each other, from left to right: the first taken for itself, "
        "the first for the second, the second for the first, the second for itself. Each is the "
        "mean spectrogram of its clips, every clip as loud as any other, and below it the mean "
        "Grad-CAM: which moments speak for what they are taken for. [ and ] go through the pairs, "
        "those confused most first; below are the clips, the surest mistake first."
    )
    keys = ("name_pair", "next_layer", "open_clip", "previous_layer")

    def __init__(self) -> None:
        super().__init__()
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._view: PairView | None = None
        self._layer = ""
        """Of Grad-CAM; empty: the last."""

    @property
    def words(self) -> tuple[str, ...]:
        """The labels."""
        subject = self.inside.subject
        return subject.words if subject else ()

    @property
    def movable(self) -> bool:
        return self._view is not None and self.why is None and bool(self._view.clips)

    def begin(self) -> None:
        run, analyst = self.inside.run_folder, self.inside.analyst
        chosen, layer = self.chosen.pair, self._layer

        def work(job: Job) -> Found:
            pairs, pair = _pair(run, chosen)
            question = pair_question(run, pair, layer)
            means = analyst.ask(question, report=job.report, wanted=job.wanted)
            return Found(pairs, pair, means)

        self.ask(work, self._show, "comparing clips")

    def _show(self, found: Found) -> None:
        self._pairs = found.pairs
        self._view = PairView.of(self.inside.run_folder, found.pair, found.means).at(0)
        self.inside.choose(pair=(found.pair.first, found.pair.second))

    def picture(self) -> PairView | None:
        return self._view and self._view.without_heading()

    def view(self) -> PairView | None:
        return self._view

    def heading(self, theme: Theme) -> Text:
        if self._view is None:
            return Text()
        text = Text(self._view.words(), style="bold", no_wrap=True, overflow="ellipsis")
        return text.append(f"  {self._view.basis()}", style=theme.muted)

    def headless(self) -> str | None:
        if self._view is None:
            return None
        pair = self._view.pair
        parts = ["labbench show", self.inside.run_folder.called, "pair"]
        parts += [shell_quoted(pair.first), shell_quoted(pair.second), f"--split {pair.split}"]
        parts += [f"--layer {self._layer}"] if self._layer else []
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        view = self._view
        shown = (view.pair.first, view.pair.second) if view else None
        if self.chosen.pair != shown:
            self.begin()

    def step(self, by: int) -> None:
        """The pair confused more, or less."""
        if not self._pairs:
            return
        now = self.chosen.pair
        place = self._pairs.index(now) + by if now in self._pairs else 0
        if 0 <= place < len(self._pairs):
            self.inside.choose(pair=self._pairs[place])

    # What its keys do

    def look_for(self, text: str | None) -> None:
        """Two words that a person typed."""
        if text is None or not text.strip():
            return
        names = text.replace(",", " ").split()
        if len(names) != 2 or names[0] == names[1] or not set(names) <= set(self.words):
            self.inside.bench.complain(
                LabbenchError(f"{text.strip()!r} is not two of the run's words.",
                              hint=f"They are: {', '.join(self.words)}.")
            )  # fmt: skip
            return
        self.inside.choose(pair=(names[0], names[1]))

    def other_layer(self, by: int) -> None:
        layers = self.inside.layers
        place = layers.index(self._layer or layers[-1]) + by
        if 0 <= place < len(layers):
            self._layer = layers[place]
            self.begin()

    def move(self, by: int) -> None:
        if self._view is not None:
            self._view = self._view.at((self._view.chosen or 0) + by)
            self.redraw()

    @command("enter", "its maps", when=can_move)
    def open_clip(self) -> None:
        """See the feature maps of the clip under the cursor."""
        clip = self._view.clip if self._view else None
        if clip is None:
            return
        try:
            heard = of_row(clips_of(self.inside.run_folder), clip.row)
        except LabbenchError as error:
            self.inside.bench.complain(error)
            return
        self.inside.choose(clip=heard)
        self.inside.open_tab(MapsTab)

    @command("slash", "two words")
    def name_pair(self) -> None:
        """Name two words."""
        question = f"Two of: {' '.join(self.words)}"
        self.app.push_screen(Ask(question, hint="enter compare   esc leave it"), self.look_for)


def _pair(
    run: RunFolder, chosen: tuple[str, str] | None
) -> tuple[tuple[tuple[str, str], ...], Pair]:
    """All confused pairs, and the chosen or the worst one.

    Raises:
        RunError: there are no results, or there is no confusion.
    """
    predictions = chosen_predictions(run, run.status(), None)
    pairs = tuple(worst_pairs(predictions))
    if chosen is None:
        if not pairs:
            raise RunError("no clip was taken for another word: there is no confusion.",
                           where=run.id, hint="/ names two words all the same.")  # fmt: skip
        chosen = pairs[0]
    return pairs, Pair.of(predictions, *chosen)
