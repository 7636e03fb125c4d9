"""Dead channels: which labels wake which channels of a layer, and which channels none."""

from __future__ import annotations

from dataclasses import replace

from labbench.audio.meta import SplitName
from labbench.interpret.channels.answer import Dead, dead_question
from labbench.interpret.channels.map import Figure
from labbench.interpret.channels.picture import ORDERS, PARTS, DeadView, Order, Part
from labbench.runs.status import LIVE
from labbench.tui.commands import command
from labbench.tui.inside.job import Job
from labbench.tui.inside.moving import MovingByArrows
from labbench.tui.inside.subject import Chosen
from labbench.views.palette import Theme
from labbench.views.plain import Text


class DeadTab(MovingByArrows):
    """Every channel over all clips of a split."""

    title = "dead"
    thing = "channel"
    letter = "D"
    about = (
        "Which labels wake which channels of a layer. A clip wakes a channel when what goes into "
        "its activation rises above 0 at some time; between two limits, as with tanh, when the "
        "output moves by more than 1% of the range. A channel that no clip wakes is dead. It is "
        "selective when one label drives it at least three times as hard as the others do on "
        "average, saturated when more than half of its outputs are at a limit. In the map a dot "
        "is a label that never wakes the channel."
    )
    keys = ("next_part", "next_order", "other_figure", "other_split", "ask_anew")

    def __init__(self) -> None:
        super().__init__()
        self.stale = False
        """Whether the run has trained on since."""
        self._split: SplitName = "test"
        self._order: Order = "awake"
        self._part: Part = "map"
        self._figure: Figure | None = None
        self._dead: Dead | None = None
        self._view: DeadView | None = None

    def begin(self) -> None:
        run, analyst, split = self.inside.run_folder, self.inside.analyst, self._split

        def work(job: Job) -> Dead:
            question = dead_question(run, split)
            return analyst.ask(question, report=job.report, wanted=job.wanted)

        self.ask(work, self._show, f"listening to the {split} clips")

    def _show(self, dead: Dead) -> None:
        self._dead, self.stale = dead, False
        self._arrange()

    def _arrange(self) -> None:
        """Put the view together anew; the same channel stays chosen."""
        if self._dead is None:
            return
        view = DeadView.of(
            self.inside.run_folder, self._dead, self.chosen.layer, order=self._order,
            figure=self._figure,
        )  # fmt: skip
        places = {one.index: place for place, one in enumerate(view.channels)}
        place = places.get(self.chosen.channel, 0)
        self._view = replace(view, part=self._part).at(place)
        self.redraw()

    def picture(self) -> DeadView | None:
        return self._view and replace(self._view, bare=True)

    def view(self) -> DeadView | None:
        return self._view

    def heading(self, theme: Theme) -> Text:
        if self._view is None:
            return Text()
        text = self._view.shape(theme)
        if self.stale:
            text.append("  the run has trained on", style=theme.warn)
        return text

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "dead"]
        parts.append(f"--layer {self.chosen.layer}")
        parts += [f"--split {self._split}"] if self._split != "test" else []
        parts += [f"--order {self._order}"] if self._order != "awake" else []
        parts += [f"--figure {self._figure}"] if self._figure else []
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        self._arrange()

    def run_changed(self) -> None:
        """While a run trains, listening to all clips after every epoch would slow it down."""
        status = self.inside.run_folder.status()
        if self._dead is None or status.state not in LIVE:
            self.begin()
        else:
            self.stale = True
            self.redraw()

    # What its keys do

    def move(self, by: int) -> None:
        if self._view is not None:
            self._view = self._view.at((self._view.place or 0) + by)
            chosen = self._view.chosen
            assert chosen is not None
            self.inside.choose(channel=chosen.index)

    def click(self, x: int, y: int, *, twice: bool) -> None:
        if self._view is not None and self._part == "map":
            place = self._view.grid.place_at(x, self.picture_size.width)
            if place is not None:
                self.move(place - (self._view.place or 0))

    @command("s", "sort", when=lambda self: self.found)
    def next_order(self) -> None:
        """Order channels by clips that wake them, number, strongest label, or state."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self._arrange()

    @command("v", "map, list, layers", when=lambda self: self.found)
    def next_part(self) -> None:
        """Show the map, the list of channels, or all layers."""
        self._part = PARTS[(PARTS.index(self._part) + 1) % len(PARTS)]
        self._arrange()

    @command("m", "measure", when=lambda self: self.found)
    def other_figure(self) -> None:
        """Draw the share of clips that wake a channel, or how strongly each label drives it."""
        if self._view is not None:
            self._figure = "awake" if self._view.grid.figure == "strength" else "strength"
            self._arrange()

    @command("t", "other clips")
    def other_split(self) -> None:
        """Listen to the validation clips, or to the test clips again."""
        self._split = "validation" if self._split == "test" else "test"
        self.begin()

    @command("r", "anew", when=lambda self: self.stale and not self.busy)
    def ask_anew(self) -> None:
        """Ask again: the run has trained on."""
        self.begin()
