"""The filters of a layer: what each kernel lets through, and how two runs differ in that."""

from __future__ import annotations

from typing import Any

from labbench.interpret.filters.answer import RunFilters
from labbench.interpret.filters.options import NORM, FiltersOptions
from labbench.interpret.options import Declared, Options
from labbench.tui.commands import command
from labbench.tui.dialogs import Choose
from labbench.tui.inside.moving import MovingByArrows


def has_inputs(tab: Any) -> bool:
    """Whether there are several input channels to be looked at."""
    return bool(tab.found and tab.inputs > 1)


class FiltersTab(MovingByArrows):
    """Kernels and magnitude responses, from the checkpoint alone."""

    kind = FiltersOptions
    shared = ("layer", "channel")
    keys = ("next_sort", "next_beside", "next_input", "next_folded", "previous_input")

    @property
    def inputs(self) -> int:
        """Input channels that all runs in view have."""
        return _inputs([side.of for side in self._view.sides]) if self._view else 0

    def with_chosen(self) -> Options:
        """The options with what is chosen; another layer has other input channels."""
        options = super().with_chosen()
        same = self.options.layer == self.chosen.layer
        return options if same else options.having(input=NORM)

    def answered(self, found: tuple[RunFilters, ...]) -> None:
        """Show them, without what was chosen that they do not have."""
        chosen = self.options.input
        there = chosen != NORM and int(chosen) < _inputs(found)
        folded = self.options.folded and any(one.bank.norm_O is not None for one in found)
        self.options = self.options.having(input=chosen if there else NORM, folded=folded)
        super().answered(found)

    def can_choose(self, one: Declared) -> bool:
        if one.field != "folded":
            return super().can_choose(one)
        return self.found and any(side.bank.norm_O is not None for side in self._view.sides)

    def front_again(self) -> None:
        # Dead channels may have been looked for meanwhile.
        if self._view and any(side.of.awake_O is None for side in self._view.sides):
            self.begin()

    # What its keys do

    def step_input(self, by: int) -> None:
        """From the norm to the first input channel, to the last, and around."""
        now = self.options.input
        place = ((0 if now == NORM else int(now) + 1) + by) % (self.inputs + 1)
        self.change(input=str(place - 1) if place else NORM)

    @command("v", "another run", when=lambda self: self.found or self.options.against is not None)
    def next_beside(self) -> None:
        """The same layer of a marked run, or of one you choose, beside it; again: alone."""
        bench, own, beside = self.inside.bench, self.inside.run_id, self.options.against
        marked = [one for one in bench.marked if one != own]
        if beside is not None and beside not in marked:
            self.change(against=None)
        elif marked:
            cycle: list[str | None] = [None, *marked]
            self.change(against=cycle[(cycle.index(beside) + 1) % len(cycle)])
        else:
            others = [entry.id for entry in reversed(bench.runs.entries) if entry.id != own]
            if not others:
                self.notify("There is no other run yet.", timeout=4)
                return
            question = Choose("Whose filters beside these?", [(one, one) for one in others])
            self.app.push_screen(question, self._chosen_beside)

    def _chosen_beside(self, run_id: str | None) -> None:
        if run_id is not None:
            self.change(against=run_id)

    @command("n", "input channel", when=has_inputs)
    def next_input(self) -> None:
        """Look at one input channel after the other, after the norm over all."""
        self.step_input(1)

    @command("N", "input channel before", when=has_inputs, shown=False)
    def previous_input(self) -> None:
        """Look at the input channel before, and before the first at the norm over all."""
        self.step_input(-1)


def _inputs(found: Any) -> int:
    """Input channels that the layer has in all runs."""
    return int(min(one.bank.inputs for one in found))
