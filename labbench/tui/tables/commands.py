"""What can be done with tables and with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command

if TYPE_CHECKING:
    from labbench.tui.tables.screen import TablesScreen
    from labbench.tui.tables.table import TableScreen


class OpenTable(Command["TablesScreen"]):
    """Look at the table: ours beside the published figures."""

    key, label = "enter,l,right", "open"

    @classmethod
    def act(cls, screen: TablesScreen) -> None:
        screen.open_table()

    @classmethod
    def ready(cls, screen: TablesScreen) -> bool:
        return screen.current is not None


class RunTable(Command["TablesScreen"]):
    """Run what is missing of the table, after asking."""

    key, label = "g", "run what is missing"

    @classmethod
    def act(cls, screen: TablesScreen) -> None:
        screen.run_missing()

    @classmethod
    def ready(cls, screen: TablesScreen) -> bool:
        return screen.current is not None


class StopTable(Command["TablesScreen"]):
    """Stop all runs of the table, after asking."""

    key, label = "x", "stop all"

    @classmethod
    def act(cls, screen: TablesScreen) -> None:
        screen.stop_all()

    @classmethod
    def ready(cls, screen: TablesScreen) -> bool:
        return screen.current is not None and screen.current.count("live", "queued") > 0


LIST_COMMANDS: tuple[AnyCommand, ...] = (OpenTable, RunTable, StopTable)


class OpenCell(Command["TableScreen"]):
    """Open the cell's run; of several, choose one."""

    key, label = "enter", "open run"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.open_cell()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.cell is not None and bool(screen.cell.runs)


class RunCell(Command["TableScreen"]):
    """Run the cell that has no run yet, after asking."""

    key, label = "enter", "run this cell"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.run_cell()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.cell is not None and not screen.cell.runs


class CellResults(Command["TableScreen"]):
    """What came of the cell's run: confusion matrix, figures by class."""

    key, label = "R", "results"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.open_results()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.cell is not None and bool(screen.cell.runs)


class RunMissing(Command["TableScreen"]):
    """Run all that is missing, after asking."""

    key, label = "g", "run missing"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.run_missing()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.filled is not None


class ChooseCells(Command["TableScreen"]):
    """Choose rows, columns and seeds, and run what is missing of them."""

    key, label = "G", "choose"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.choose_parts()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.filled is not None


class Stop(Command["TableScreen"]):
    """Stop all runs of the table, after asking."""

    key, label = "x", "stop all"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.stop_all()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.filled is not None and screen.filled.count("live", "queued") > 0


class Tolerance(Command["TableScreen"]):
    """Allow figures to be farther from the published ones, or less far."""

    key, label = "t", "tolerance"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.next_tolerance()


class Sort(Command["TableScreen"]):
    """Sort rows by the column under the cursor."""

    key, label = "s", "sort"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.ask_sort()

    @classmethod
    def ready(cls, screen: TableScreen) -> bool:
        return screen.filled is not None


class OtherTable(Command["TableScreen"]):
    """Go to the table before."""

    key, label = "left_square_bracket", "table"

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.other_table(-1)

    @classmethod
    def sign(cls) -> str:
        return "[ ]"


class NextTable(Command["TableScreen"]):
    """Go to the next table."""

    key, label, shown = "right_square_bracket", "next table", False

    @classmethod
    def act(cls, screen: TableScreen) -> None:
        screen.other_table(1)

    @classmethod
    def sign(cls) -> str:
        return "]"


def _mover(name: str, keys: str, rows: int, columns: int, said: str) -> AnyCommand:
    """A command that moves the cursor."""

    class Move(Command["TableScreen"]):
        key, label, shown, group = keys, said, False, "Moving"

        @classmethod
        def act(cls, screen: TableScreen) -> None:
            screen.move(rows, columns)

    Move.__name__ = name
    Move.__doc__ = f"Go {said}."
    return Move


MOVES: tuple[AnyCommand, ...] = (
    _mover("Up", "up,k", -1, 0, "a row up"), _mover("Down", "down,j", 1, 0, "a row down"),
    _mover("Left", "left,h", 0, -1, "a column to the left"),
    _mover("Right", "right,l", 0, 1, "a column to the right"),
)  # fmt: skip

TABLE_COMMANDS: tuple[AnyCommand, ...] = (
    OpenCell, RunCell, RunMissing, ChooseCells, CellResults, Stop, Tolerance, Sort, OtherTable,
    NextTable, *MOVES,
)  # fmt: skip
