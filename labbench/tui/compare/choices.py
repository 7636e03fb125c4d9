"""What is looked at and how, each change giving another choice; and what there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from textual.geometry import Size

from labbench.views.compare import Show, Side, classes
from labbench.views.compare.overlay import LINES, Look, end
from labbench.views.track import BYS, WHOLE, By, Part, panned, zoomed

SMOOTH = (0.0, 0.6, 0.9, 0.97)


PANES: tuple[Show, ...] = ("curves", "settings", "classes")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose to see."""

    pane: Show = PANES[0]
    look: Look = field(default_factory=Look)
    figure: classes.Figure = "f1"
    order: classes.Order = "name"
    split: str | None = None
    """None: what most of the runs have results on."""

    def command(self, sides: Sequence[Side], seen: Show, curves: bool, figures: bool) -> str:
        """The command line that prints the same of these runs.

        Args:
            seen: the part of it that is in view.
            curves, figures: whether curves and figures by class are.
        """
        parts = ["labbench compare", *(side.run.called for side in sides)]
        parts += [f"--show {seen}"] if seen != "all" else []
        parts += [f"--split {self.split}"] if self.split else []
        parts += _options(self.look, sides) if curves else []
        if figures:
            parts += [f"--figure {self.figure}"] if self.figure != "f1" else []
            parts += [f"--order {self.order}"] if self.order != "name" else []
        return " ".join(parts)


def _looked(change: Callable[[Look], Look]) -> Callable[[Choice], Choice]:
    return lambda choice: replace(choice, look=change(choice.look))


@_looked
def next_by(look: Look) -> Look:
    """By epoch, time, step."""
    names: tuple[By, ...] = BYS  # type: ignore[assignment]
    return replace(look, by=names[(names.index(look.by) + 1) % len(names)])


@_looked
def next_lines(look: Look) -> Look:
    """Validation, training, both."""
    return replace(look, lines=LINES[(LINES.index(look.lines) + 1) % len(LINES)])


@_looked
def next_smooth(look: Look) -> Look:
    """Smoother, and back to not at all."""
    later = [weight for weight in SMOOTH if weight > look.smooth]
    return replace(look, smooth=later[0] if later else 0.0)


@_looked
def other_scale(look: Look) -> Look:
    """Loss on a logarithmic scale, or not."""
    return replace(look, log=not look.log)


def zoom(factor: float) -> Callable[[Choice], Choice]:
    """`factor` times as much, about the cursor if there is one."""
    return _looked(lambda look: _zoomed(look, factor))


@_looked
def see_all(look: Look) -> Look:
    """All of the curves, without cursor."""
    return replace(look, window=WHOLE, cursor=None)


def next_order(choice: Choice) -> Choice:
    """Classes in the other order."""
    orders = classes.ORDERS
    return replace(choice, order=orders[(orders.index(choice.order) + 1) % len(orders)])


def next_figure(choice: Choice) -> Choice:
    """Classes by the next figure."""
    figures = classes.FIGURES
    return replace(choice, figure=figures[(figures.index(choice.figure) + 1) % len(figures)])


def cursor_moved(look: Look, columns: int, width: int) -> Look:
    """The cursor moved by some of `width` columns; it begins in the middle."""
    start, stop = look.window
    cursor = (start + stop) / 2
    if look.cursor is not None:
        cursor = min(max(look.cursor + columns * (stop - start) / width, 0.0), 1.0)
    look = replace(look, cursor=cursor)
    return look if start <= cursor <= stop else _about(look, cursor)


def _options(look: Look, sides: Sequence[Side]) -> list[str]:
    """What `labbench compare` is told to draw curves so."""
    return [
        *([f"--by {look.by}"] if look.by != "epoch" else []),
        *([f"--lines {look.lines}"] if look.lines != "validation" else []),
        *([f"--smooth {look.smooth}"] if look.smooth else []),
        *(["--log"] if look.log else []),
        *Part.seen(look.window, look.cursor, end(sides, look.by)).options(),
    ]


def _zoomed(look: Look, factor: float) -> Look:
    look = replace(look, window=zoomed(look.window, factor))
    return look if look.cursor is None else _about(look, look.cursor)


def _about(look: Look, cursor: float) -> Look:
    """The look with its window moved to have the cursor in its middle."""
    start, stop = look.window
    share = (cursor - (start + stop) / 2) / (stop - start)
    return replace(look, window=panned(look.window, share))


TALL = 32
BESIDE = 120
"""From so many cells on, a tall terminal has classes and settings side by side."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a terminal has room for."""

    size: Size
    chosen: Show
    """The pane that was chosen."""
    empty: bool
    """Whether there is nothing to compare."""

    @property
    def tall(self) -> bool:
        """Whether curves and a page have room below each other."""
        return self.size.height >= TALL

    @property
    def panes(self) -> tuple[Show, ...]:
        """What `tab` goes through."""
        if self.tall and self.size.width >= BESIDE:
            return ("all",)
        return PANES[1:] if self.tall else PANES

    @property
    def pane(self) -> Show:
        """The pane in view."""
        return self.chosen if self.chosen in self.panes else self.panes[0]

    def pane_after(self, by: int) -> Show:
        """The pane so many after the one in view, and around."""
        return self.panes[(self.panes.index(self.pane) + by) % len(self.panes)]

    @property
    def page(self) -> Show | None:
        """The page in view below or instead of the curves."""
        return None if self.empty or self.pane == "curves" else self.pane

    @property
    def classes(self) -> bool:
        """Whether figures by class are in view."""
        return self.page in ("classes", "all")

    @property
    def curves(self) -> bool:
        """Whether curves are in view."""
        return not self.empty and (self.tall or self.pane == "curves")

    @property
    def seen(self) -> Show:
        """What is in view, as the view without a screen names it."""
        return "all" if self.tall else self.pane
