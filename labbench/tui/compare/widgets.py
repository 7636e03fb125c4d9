"""The lines of the compared runs, the line of panes, and what stands where nothing is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from labbench import units
from labbench.draw.columns import cells_of
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.runs.status import LIVE
from labbench.tui.compare.reader import Found
from labbench.tui.mixins import pane_names
from labbench.tui.table import Table
from labbench.views.compare import Compared, heads

if TYPE_CHECKING:
    from labbench.tui.screen import BenchScreen


class Heads(Table, can_focus=False):
    """A line for each run; the screen's own keys move its cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__((), self._cells, id=id)
        self._compared: Compared | None = None
        self._titles: tuple[str, str] | None = None

    @property
    def index(self) -> int | None:
        """Place of the run under the cursor."""
        return self._places().get(self.cursor or "")

    def compare(self, compared: Compared | None, most: int) -> None:
        """Show these runs, at most so many at once; the others scroll."""
        self._compared = compared
        if compared is None:
            self.show(())
            return
        titles = (compared.split, compared.first.letter)
        if titles != self._titles:
            self._titles = titles
            self.set_columns(heads.columns(compared))
        self.styles.height = min(len(compared.sides), most) + 1
        self.show([side.run.id for side in compared.sides])

    def _places(self) -> dict[str, int]:
        sides = self._compared.sides if self._compared else ()
        return {side.run.id: index for index, side in enumerate(sides)}

    def _cells(self, key: str) -> Sequence[Text]:
        assert self._compared is not None
        theme = cast("BenchScreen[Any]", self.screen).bench.palette
        return cells_of(self._columns, heads.Head(self._compared, self._places()[key]), theme)


def tabs(
    panes: Sequence[str], shown: str, found: Found | None, width: int, theme: Theme
) -> Text:  # fmt: skip
    """The panes, the one in view marked; at the right which clips were judged."""
    text = pane_names(panes if len(panes) > 1 else (), shown, theme)
    if found is None:
        return text
    right = Text()
    if any(side.status.synthetic for side in found.compared.sides):
        right.append("SYNTHETIC speech  ", style=f"bold {theme.warn}")
    if any(side.status.state in LIVE for side in found.compared.sides):
        right.append("● live  ", style=theme.accent)
    if not found.complete:
        right.append(f"reading the logs: {found.share:.0%}  ", style=theme.accent)
    right.append(f"evaluated on {found.compared.split} clips", style=theme.muted)
    gap = max(width - text.cell_len - right.cell_len, 1)
    return text.append(" " * gap).append_text(right)


def nothing_marked(runs: int, theme: Theme) -> Text:
    """What this screen is for, and how to come to something in it."""
    text = Text.assemble(("No runs are marked", "bold"), "\n\n")
    text.append("Marked runs are compared here: their curves in one picture, the settings ")
    text.append("that differ, and which clips one gets right and another does not.")
    keys = [("2", "Runs: mark some with space, come back with 4")]
    if runs > 1:
        keys.append(("enter", "compare the two newest"))
    if not runs:
        keys = [("1", "Bench: there are no runs yet, launch one")]
    text.append("\n\n")
    for key, words in keys:
        text.append(f"{key:>5}", style=f"bold {theme.accent}").append(f"   {words}").append("\n")
    return text


def one_alone(theme: Theme) -> Text:
    """What to do where a single run is marked."""
    text = Text("One run is marked. Mark another one to compare with it: ")
    text.append("2", style=f"bold {theme.accent}").append(" Runs, ")
    return text.append("space", style=f"bold {theme.accent}").append(".")


def legend(count: int, theme: Theme) -> Text:
    """How many runs there are to be read."""
    return Text(f"reading {units.plural(count, 'run')} ...", style=theme.muted)
