"""Which runs are compared: keys that mark them, take marks away, and go from one to the next."""

from __future__ import annotations

from labbench.tui.commands import command
from labbench.tui.compare.widgets import Heads
from labbench.tui.screen import BenchScreen


class MarkKeys(BenchScreen[None]):
    """A screen of the marked runs, with a cursor in their lines."""

    def marks_changed(self) -> None:
        """Other runs are marked."""
        raise NotImplementedError

    @property
    def empty(self) -> bool:
        """Whether nothing is marked."""
        return not self.bench.marked

    @property
    def current(self) -> str | None:
        """The id of the run under the cursor."""
        return None if self.empty else self.query_one(Heads).cursor

    @command(
        "enter",
        "compare the two newest",
        when=lambda self: self.empty and len(self.bench.runs.entries) > 1,
    )
    def mark_newest(self) -> None:
        """Compare the two newest runs."""
        self.bench.marked = tuple(entry.id for entry in self.bench.runs.entries[-2:])
        self.marks_changed()

    @command("space", "unmark", when=lambda self: self.current is not None)
    def unmark(self) -> None:
        """Remove the run under the cursor from the comparison."""
        if self.current is not None:
            self.bench.mark(self.current)
            self.marks_changed()

    @command("U", "unmark all", when=lambda self: not self.empty, shown=False)
    def unmark_all(self) -> None:
        """Remove all runs from the comparison."""
        self.bench.marked = ()
        self.marks_changed()

    @command(
        "m",
        "make first",
        when=lambda self: self.current is not None and self.current != self.bench.marked[0],
    )
    def make_first(self) -> None:
        """Compare the others with the run under the cursor."""
        if (name := self.current) is not None:
            self.bench.marked = (name, *(one for one in self.bench.marked if one != name))
            self.marks_changed()

    @command("up,k", "up", shown=False)
    def up(self) -> None:
        """The run above."""
        self.query_one(Heads).action_move(-1)

    @command("down,j", "down", shown=False)
    def down(self) -> None:
        """The run below."""
        self.query_one(Heads).action_move(1)
