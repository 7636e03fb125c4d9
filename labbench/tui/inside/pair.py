"""Two words that the net confuses: clips of both directions, mean spectrograms and Grad-CAM."""

from __future__ import annotations

from labbench.errors import LabbenchError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import of_row
from labbench.interpret.confusion_pair.answer import Confused
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.options import Options
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask
from labbench.tui.inside.clips import MapsTab
from labbench.tui.inside.moving import LayerKeys, Moving, can_move


class PairTab(Moving, LayerKeys):
    """Both directions of a confusion side by side with what is right."""

    kind = PairOptions
    shared = ("pair",)
    brackets = "pair"
    keys = ("name_pair", "next_layer", "open_clip", "previous_layer")

    def __init__(self) -> None:
        super().__init__()
        self._pairs: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The labels."""
        subject = self.inside.subject
        return subject.words if subject else ()

    @property
    def movable(self) -> bool:
        return self.found and bool(self._view.clips)

    def answered(self, found: Confused) -> None:
        self._pairs = found.pairs
        super().answered(found)

    def named(self) -> Options:
        return super().named().having(split=self._view.pair.split if self._view else None)

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
        place = layers.index(self.options.layer or layers[-1]) + by
        if 0 <= place < len(layers):
            self.change(layer=layers[place])

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
        self.app.push_screen(Ask(question, hint="enter compare   esc cancel"), self.look_for)
