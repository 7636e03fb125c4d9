"""What can be done with marked runs in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.compare import looking

if TYPE_CHECKING:
    from labbench.tui.compare.screen import CompareScreen

CURVES, CLASSES = "Curves", "Classes"


class MarkNewest(Command["CompareScreen"]):
    """Compare the two newest runs."""

    key, label = "enter", "compare the two newest"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.mark_newest()

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.empty and len(screen.bench.looked.entries) > 1


class OpenRun(Command["CompareScreen"]):
    """Look at the run under the cursor: curves, events, console."""

    key, label = "enter", "open"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        if screen.current is not None:
            screen.bench.open_run(screen.current)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.current is not None


class Results(Command["CompareScreen"]):
    """What came of the run under the cursor."""

    key, label = "R", "results"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        if screen.current is not None:
            screen.bench.open_results(screen.current)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.current is not None


class NextPane(Command["CompareScreen"]):
    """Go to the next pane: curves, settings, classes."""

    key, label = "tab", "panes"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.next_pane(1)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return not screen.empty and len(screen.panes) > 1


class PreviousPane(Command["CompareScreen"]):
    """Go to the pane before."""

    key, label, shown = "shift+tab", "pane before", False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.next_pane(-1)


class Unmark(Command["CompareScreen"]):
    """Take the run under the cursor out of the comparison."""

    key, label = "space", "unmark"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.unmark()

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.current is not None


class MakeFirst(Command["CompareScreen"]):
    """Compare the others with the run under the cursor."""

    key, label = "m", "make first"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.make_first()

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.current is not None and screen.current != screen.bench.marked[0]


class OtherSplit(Command["CompareScreen"]):
    """Judge by the validation clips, or by the test clips."""

    key, label = "t", "test/validation"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.other_split()

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.found is not None


class UnmarkAll(Command["CompareScreen"]):
    """Take all runs out of the comparison."""

    key, label, shown = "U", "unmark all", False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.unmark_all()

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return not screen.empty


class By(Command["CompareScreen"]):
    """Curves by epoch, by time, by step."""

    key, label, group = "b", "by", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.next_by)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.curves_shown


class WhichLines(Command["CompareScreen"]):
    """Curves of validation, of training, or both."""

    key, label, group = "v", "lines", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.next_lines)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.curves_shown


class Sort(Command["CompareScreen"]):
    """Classes by name, or the largest loss first."""

    key, label, group = "s", "sort", CLASSES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.next_order)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.classes_shown


class OtherFigure(Command["CompareScreen"]):
    """Classes by F1, recall or precision."""

    key, label, group = "p", "figure", CLASSES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.next_figure)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.classes_shown


class Smooth(Command["CompareScreen"]):
    """Smooth the training curves: not, a little, much."""

    key, label, group = "S", "smooth", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.next_smooth)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.curves_shown and screen.look.lines != "validation"


class LogScale(Command["CompareScreen"]):
    """Loss on a logarithmic scale, or not."""

    key, label, group = "g", "log", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.other_scale)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.curves_shown


class ZoomIn(Command["CompareScreen"]):
    """Zoom in on half of what is seen, about the cursor."""

    key, label, group = "plus,equals_sign", "zoom", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.closer)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.curves_shown


class ZoomOut(Command["CompareScreen"]):
    """Zoom out to twice of what is seen."""

    key, label, group, shown = "minus", "zoom out", CURVES, False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.further)


class Whole(Command["CompareScreen"]):
    """See all of the curves again, without cursor."""

    key, label, group = "escape,0", "whole runs", CURVES

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.change(looking.see_all)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.zoomed


class CursorLeft(Command["CompareScreen"]):
    """Move the cursor to the left; it tells the values there."""

    key, label, group, shown = "left,h", "cursor", CURVES, False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.move_cursor(-1)


class CursorRight(Command["CompareScreen"]):
    """Move the cursor to the right; it tells the values there."""

    key, label, group, shown = "right,l", "cursor", CURVES, False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.move_cursor(1)


class Up(Command["CompareScreen"]):
    """The run above."""

    key, label, shown = "up,k", "up", False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.move(-1)


class Down(Command["CompareScreen"]):
    """The run below."""

    key, label, shown = "down,j", "down", False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.move(1)


class PageUp(Command["CompareScreen"]):
    """Move settings or classes up."""

    key, label, shown = "pageup,K", "page up", False

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.scroll_page(-1)


class PageDown(Command["CompareScreen"]):
    """Move settings or classes down."""

    key, label = "pagedown,J", "more"

    @classmethod
    def act(cls, screen: CompareScreen) -> None:
        screen.scroll_page(1)

    @classmethod
    def ready(cls, screen: CompareScreen) -> bool:
        return screen.has_more


COMMANDS: tuple[AnyCommand, ...] = (
    Whole, MarkNewest, NextPane, PageDown, Sort, OtherFigure, OpenRun, Results, Unmark, MakeFirst,
    OtherSplit, By, WhichLines, Smooth, LogScale, ZoomIn, UnmarkAll, PreviousPane, ZoomOut,
    CursorLeft, CursorRight, Up, Down, PageUp,
)  # fmt: skip
