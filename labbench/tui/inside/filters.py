"""The filters of a layer: what each kernel lets through, and how two runs differ in that."""

from __future__ import annotations

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.filters.answer import SORTS, RunFilters, Sort, run_filters
from labbench.interpret.filters.picture import FiltersView
from labbench.runs import RunFolder
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.dialogs import Choose
from labbench.tui.inside.job import Job
from labbench.tui.inside.moving import MovingByArrows
from labbench.tui.inside.subject import Chosen


class FiltersTab(MovingByArrows):
    """Kernels and magnitude responses, from the checkpoint alone."""

    title = "filters"
    thing = "filter"
    letter = "F"
    about = (
        "The kernels of a convolution as filters: where each lets most through (centre), how wide "
        "it is there (within 3 dB), and how much comes through (gain). Below, all filters of the "
        "layer from left to right, frequency upwards. Frequencies are those of the layer's own "
        "rate, 16 kHz divided by the pooling before it: deeper than the first layer they tell how "
        "fast a feature comes and goes. There the response is the norm over all input channels, "
        "or that to one of them. Once dead channels were looked for, it is told which share of the "
        "test clips wakes each filter."
    )
    keys = ("next_sort", "next_beside", "next_input", "toggle_fold", "previous_input")

    def __init__(self) -> None:
        super().__init__()
        self.beside: str | None = None
        """Id of the run that stands beside."""
        self._runs: tuple[RunFilters, ...] = ()
        self._sort: Sort = "centre"
        self._input: int | None = None
        self._folded = False
        self._view: FiltersView | None = None

    @property
    def has_norm(self) -> bool:
        """Whether there is a batch norm to fold."""
        return any(one.bank.norm_O is not None for one in self._runs)

    @property
    def inputs(self) -> int:
        """Input channels that all runs in view have."""
        return min((one.bank.inputs for one in self._runs), default=0)

    def begin(self) -> None:
        root, layer = self.inside.bench.root, self.chosen.layer
        ids = [self.inside.run_id, *([self.beside] if self.beside else [])]

        def work(job: Job) -> tuple[RunFilters, ...]:
            return tuple(run_filters(RunFolder(root / one), layer) for one in ids)

        self.ask(work, self._show, "reading the weights")

    def _show(self, runs: tuple[RunFilters, ...]) -> None:
        self._runs = runs
        if self._input is not None and self._input >= self.inputs:
            self._input = None
        self._folded = self._folded and self.has_norm
        self._arrange()

    def _arrange(self) -> None:
        """Put the view together anew; the same filter stays chosen."""
        view = FiltersView.made(
            self._runs, sort=self._sort, input_channel=self._input, folded=self._folded
        )
        channel = min(self.chosen.channel, self._runs[0].bank.channels - 1)
        self._view = view.at_channel(channel)
        self.redraw()

    def picture(self) -> FiltersView | None:
        return self._view and self._view.without_heading()

    def view(self) -> FiltersView | None:
        return self._view

    def heading(self, theme: Theme) -> Text:
        # Of two runs each says it of itself.
        if self._view is None or len(self._view.sides) > 1:
            return Text()
        text = Text.assemble((self._view.shape_words(), "bold"))
        return text.append(f"  {self._view.in_words()}", style=theme.muted)

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "filters"]
        parts.append(f"--layer {self.chosen.layer}")
        parts += [f"--channel {self.chosen.channel}"] if self.found else []
        parts += [f"--sort {self._sort}"] if self._sort != "centre" else []
        parts += [f"--input {self._input}"] if self._input is not None else []
        parts += ["--folded"] if self._folded else []
        if self.beside:
            parts.append(f"--against {shell_quoted(self.beside)}")
        return " ".join(parts)

    def front_again(self) -> None:
        # Dead channels may have been looked for meanwhile.
        if any(one.awake_O is None for one in self._runs):
            self.begin()

    def chosen_changed(self, before: Chosen) -> None:
        if before.layer != self.chosen.layer:
            self._input = None
            self.begin()
        elif self._view is not None:
            self._arrange()

    # What its keys do

    def move(self, by: int) -> None:
        if self._view is not None:
            self._choose(self._view.at(self._view.place + by))

    def _choose(self, view: FiltersView) -> None:
        self._view = view
        self.inside.choose(channel=view.channel)
        self.redraw()

    def click(self, x: int, y: int, *, twice: bool) -> None:
        view, size = self.picture(), self.picture_size
        if view is None:
            return
        place = view.place_at(x, y, size.width, size.height)
        if place is not None:
            self.move(place - view.place)

    @command("s", "sort", when=lambda self: self.found)
    def next_sort(self) -> None:
        """Order filters by centre frequency, bandwidth, gain, or index."""
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self._arrange()

    def step_input(self, by: int) -> None:
        """From the norm to the first input channel, to the last, and around."""
        now = 0 if self._input is None else self._input + 1
        place = (now + by) % (self.inputs + 1)
        self._input = place - 1 if place else None
        self._arrange()

    @command("b", "batch norm", when=lambda self: self.found and self.has_norm)
    def toggle_fold(self) -> None:
        """Fold the batch norm behind the layer into its kernels, or not."""
        self._folded = not self._folded
        self._arrange()

    @command("v", "another run", when=lambda self: self.found or self.beside is not None)
    def next_beside(self) -> None:
        """The same layer of a marked run, or of one you choose, beside it; again: alone."""
        bench, own = self.inside.bench, self.inside.run_id
        marked = [one for one in bench.marked if one != own]
        if self.beside is not None and self.beside not in marked:
            self._have_beside(None)
        elif marked:
            cycle: list[str | None] = [None, *marked]
            self._have_beside(cycle[(cycle.index(self.beside) + 1) % len(cycle)])
        else:
            others = [entry.id for entry in reversed(bench.runs.entries) if entry.id != own]
            if not others:
                self.notify("There is no other run yet.", timeout=4)
                return
            question = Choose("Whose filters beside these?", [(one, one) for one in others])
            self.app.push_screen(question, self._chosen_beside)

    def _chosen_beside(self, run_id: str | None) -> None:
        if run_id is not None:
            self._have_beside(run_id)

    def _have_beside(self, run_id: str | None) -> None:
        self.beside = run_id
        self.begin()

    @command("n", "input channel", when=lambda self: self.found and self.inputs > 1)
    def next_input(self) -> None:
        """Look at one input channel after the other, after the norm over all."""
        self.step_input(1)

    @command(
        "N", "input channel before", when=lambda self: self.found and self.inputs > 1, shown=False
    )
    def previous_input(self) -> None:
        """Look at the input channel before, and before the first at the norm over all."""
        self.step_input(-1)
