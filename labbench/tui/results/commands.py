"""What can be done with a run's results in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.runs import acting

if TYPE_CHECKING:
    from labbench.tui.results.cell import CellScreen
    from labbench.tui.results.screen import ResultsScreen

MATRIX = "Confusion matrix"


class NextPane(Command["ResultsScreen"]):
    """Go to the next pane: confusion, classes, summary."""

    key, label = "tab", "panes"

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.next_pane(1)


class PreviousPane(Command["ResultsScreen"]):
    """Go to the pane before."""

    key, label, shown = "shift+tab", "pane before", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.next_pane(-1)


class Inside(Command["ResultsScreen"]):
    """Look inside the net: its filters, and what they do."""

    key, label = "i", "inside"

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        if screen.entry is not None:
            screen.bench.open_inside(screen.entry.id)

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.entry is not None


class CellClips(Command["ResultsScreen"]):
    """List the clips of the cell under the cursor, the worst first."""

    key, label, group = "enter", "its clips", MATRIX

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.open_cell()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.cell_count > 0


class InsidePair(Command["ResultsScreen"]):
    """See what clips of these two words have in common that are confused, and that are not."""

    key, label, group = "x", "the pair", MATRIX

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        from labbench.tui.inside.pair import PairTab

        screen.bench.open_inside(screen.run_id, PairTab, pair=screen.confused)

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.confused is not None


class Percent(Command["ResultsScreen"]):
    """Percent of each row's clips, or counts."""

    key, label, group = "p", "percent", MATRIX

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.toggle_percent()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.matrix_shown


class Order(Command["ResultsScreen"]):
    """Put words that are confused side by side, or in their own order."""

    key, label, group = "o", "order", MATRIX

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.toggle_order()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.matrix_shown


class Worst(Command["ResultsScreen"]):
    """Go to the next cell of those confused most."""

    key, label, group = "n", "next worst", MATRIX

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.next_worst()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.matrix_shown


class Sort(Command["ResultsScreen"]):
    """Sort classes by name, precision, recall, F1, clips: the worst first."""

    key, label = "s", "sort"

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.next_sort()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.pane == "classes" and screen.judged is not None


class OtherSplit(Command["ResultsScreen"]):
    """Judge by the validation clips, or by the test clips."""

    key, label = "t", "test/validation"

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.other_split()

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return len(screen.splits) > 1


class Resume(Command["ResultsScreen"]):
    """Go on with the run from its last checkpoint."""

    key, label = "r", "resume"

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        if screen.entry is not None:
            acting.resume(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.entry is not None and acting.resumable(screen.entry)


class Duplicate(Command["ResultsScreen"]):
    """Start a new run of the same preset, values changed first."""

    key, label, shown = "c", "again, changed", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        if screen.entry is not None:
            acting.duplicate(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: ResultsScreen) -> bool:
        return screen.entry is not None


class Up(Command["ResultsScreen"]):
    """Move the cursor, or the page, up."""

    key, label, shown = "up,k", "up", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.move(-1, 0)


class Down(Command["ResultsScreen"]):
    """Move the cursor, or the page, down."""

    key, label, shown = "down,j", "down", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.move(1, 0)


class Left(Command["ResultsScreen"]):
    """Move the cursor to the left."""

    key, label, group, shown = "left,h", "left", MATRIX, False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.move(0, -1)


class Right(Command["ResultsScreen"]):
    """Move the cursor to the right."""

    key, label, group, shown = "right,l", "right", MATRIX, False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.move(0, 1)


class PreviousRun(Command["ResultsScreen"]):
    """The results of the run before this one."""

    key, label, shown = "left_square_bracket", "previous run", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.other_run(-1)

    @classmethod
    def sign(cls) -> str:
        return "["


class NextRun(Command["ResultsScreen"]):
    """The results of the run after this one."""

    key, label, shown = "right_square_bracket", "next run", False

    @classmethod
    def act(cls, screen: ResultsScreen) -> None:
        screen.other_run(1)

    @classmethod
    def sign(cls) -> str:
        return "]"


class OpenClip(Command["CellScreen"]):
    """Look at the clip: waveform and spectrogram."""

    key, label = "enter,l,right", "open"

    @classmethod
    def act(cls, screen: CellScreen) -> None:
        screen.open_clip()

    @classmethod
    def ready(cls, screen: CellScreen) -> bool:
        return bool(screen.cell.clips)


COMMANDS: tuple[AnyCommand, ...] = (
    CellClips, NextPane, Inside, Sort, Percent, Order, Worst, InsidePair, OtherSplit, Resume,
    Duplicate, PreviousPane, Up, Down, Left, Right, PreviousRun, NextRun,
)  # fmt: skip

CELL_COMMANDS: tuple[AnyCommand, ...] = (OpenClip,)
