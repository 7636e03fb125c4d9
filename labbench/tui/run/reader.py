"""Reads a run on and draws its curves. Used from one thread at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from rich.console import Console
from textual.geometry import Size

from labbench.draw.palette import Theme
from labbench.runs import RunFolder
from labbench.runs.status import LIVE
from labbench.tui.canvas import Picture, drawn
from labbench.tui.run.follower import Followed, Follower, follow
from labbench.views.curves import CurvesView

BUDGET_S = 0.3
"""A long log is read for so long before what is known of it is drawn."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be drawn; two are the same where the same is to be seen of one log."""

    curves: CurvesView = field(compare=False)
    """How, with what was known of the run."""
    look: tuple[object, ...] = field(init=False)
    size: Size
    theme: Theme
    console: Console = field(compare=False)

    def __post_init__(self) -> None:
        one = self.curves
        look = (one.by, one.smooth, one.log, one.window, one.cursor)
        object.__setattr__(self, "look", look)


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of a run, and its curves."""

    asked: Asked
    followed: Followed
    chart: Picture


class Reader:
    """Reads on where it stopped; draws anew only where something is not as it was."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._follower: Follower | None = None
        self._last: Read | None = None

    def read(self, asked: Asked) -> Read:
        """What is known of the run after reading for a while more.

        Raises:
            RunError: the run is gone, or its status cannot be read.
        """
        if self._follower is None:
            self._follower = follow(self._run)
        followed = self._follower.read(BUDGET_S)
        last = self._last
        same = (
            last is not None and last.asked == asked
            and last.followed.history is followed.history
            and last.followed.status == followed.status
        )  # fmt: skip
        chart = last.chart if last is not None and same else _chart(asked, followed)
        self._last = Read(asked, followed, chart)
        return self._last


def _chart(asked: Asked, followed: Followed) -> Picture:
    size = asked.size
    if not size:
        return ()
    curves = replace(asked.curves, status=followed.status, history=followed.history)
    shown = replace(curves, window=_steady(curves))
    return drawn(shown.charts(size.width, size.height, theme=asked.theme), size, asked.console)


def _steady(curves: CurvesView) -> tuple[float, float]:
    """The window, reaching a little past the end of a live run: what is drawn then stays in place.

    The end moves on in steps of a sixteenth to an eighth of the run, and all is drawn anew then.
    """
    steps = curves.history.steps["step"]
    count = int(steps[-1]) if len(steps) else 0
    if curves.status.state not in LIVE or curves.window != (0.0, 1.0) or count < 16:
        return curves.window
    step = 2 ** (int(math.log2(count)) - 3)
    return 0.0, -(-count // step) * step / count
