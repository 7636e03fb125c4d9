"""What can be done with the run in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.runs import acting

if TYPE_CHECKING:
    from labbench.tui.run.screen import RunScreen

CURVES = "Curves"


class Stop(Command["RunScreen"]):
    """Stop the run after the step under way; it can be resumed."""

    key, label = "x", "stop"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        if screen.entry is not None:
            acting.stop(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None and acting.stoppable(screen.entry)


class Resume(Command["RunScreen"]):
    """Go on with the run from its last checkpoint."""

    key, label = "r", "resume"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        if screen.entry is not None:
            acting.resume(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None and acting.resumable(screen.entry)


class Checkpoint(Command["RunScreen"]):
    """Write a checkpoint now."""

    key, label = "w", "checkpoint"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        if screen.entry is not None:
            acting.checkpoint(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None and screen.entry.status.state == "running"


class NextPane(Command["RunScreen"]):
    """Go to the next pane: curves, events, console."""

    key, label = "tab", "panes"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.next_pane()


class Duplicate(Command["RunScreen"]):
    """Start a new run of the same preset, values changed first."""

    key, label = "c", "again, changed"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        if screen.entry is not None:
            acting.duplicate(screen.bench, screen.entry)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None


class Results(Command["RunScreen"]):
    """What came of it: confusion matrix, figures by class, summary."""

    key, label = "enter,R", "results"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.bench.open_results(screen.run_id)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None


class Inside(Command["RunScreen"]):
    """Look inside the net: its filters, and what they do."""

    key, label = "i", "inside"

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        if screen.entry is not None:
            screen.bench.open_inside(screen.entry.id)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.entry is not None


class By(Command["RunScreen"]):
    """Curves by step, by epoch, by time."""

    key, label, group = "b", "by", CURVES

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.next_by()

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.drawing


class Smooth(Command["RunScreen"]):
    """Smooth the training curves: not, a little, much."""

    key, label, group = "s", "smooth", CURVES

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.next_smooth()

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.drawing


class LogScale(Command["RunScreen"]):
    """Loss on a logarithmic scale, or not."""

    key, label, group = "g", "log", CURVES

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.toggle_log()

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.drawing


class ZoomIn(Command["RunScreen"]):
    """Zoom in on half of what is seen, about the cursor."""

    key, label, group = "plus,equals_sign", "zoom", CURVES

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.zoom(0.5)

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.drawing


class ZoomOut(Command["RunScreen"]):
    """Zoom out to twice of what is seen."""

    key, label, group, shown = "minus", "zoom out", CURVES, False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.zoom(2.0)


class WholeRun(Command["RunScreen"]):
    """See the whole run again, without cursor."""

    key, label, group = "escape,0", "whole run", CURVES

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.whole_run()

    @classmethod
    def ready(cls, screen: RunScreen) -> bool:
        return screen.zoomed


class CursorLeft(Command["RunScreen"]):
    """Move the cursor to the left; it tells the values there."""

    key, label, group, shown = "left,h", "cursor", CURVES, False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.move_cursor(-1)


class CursorRight(Command["RunScreen"]):
    """Move the cursor to the right; it tells the values there."""

    key, label, group, shown = "right,l", "cursor", CURVES, False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.move_cursor(1)


class PanLeft(Command["RunScreen"]):
    """Move a zoomed view to the left."""

    key, label, group, shown = "H,shift+left", "pan", CURVES, False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.pan(-0.5)


class PanRight(Command["RunScreen"]):
    """Move a zoomed view to the right."""

    key, label, group, shown = "L,shift+right", "pan", CURVES, False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.pan(0.5)


class PreviousRun(Command["RunScreen"]):
    """The run before this one."""

    key, label, shown = "left_square_bracket", "previous run", False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.other_run(-1)

    @classmethod
    def sign(cls) -> str:
        return "["


class NextRun(Command["RunScreen"]):
    """The run after this one."""

    key, label, shown = "right_square_bracket", "next run", False

    @classmethod
    def act(cls, screen: RunScreen) -> None:
        screen.other_run(1)

    @classmethod
    def sign(cls) -> str:
        return "]"


COMMANDS: tuple[AnyCommand, ...] = (
    WholeRun, Results, Inside, Stop, Resume, Checkpoint, NextPane, By, Smooth, LogScale, ZoomIn,
    Duplicate, ZoomOut, CursorLeft, CursorRight, PanLeft, PanRight, PreviousRun, NextRun,
)  # fmt: skip
