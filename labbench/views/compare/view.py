"""Several runs side by side, whole or one part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from rich.console import Group, RenderableType

from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.runs import RunFolder
from labbench.views.compare import classes, heads, overlay, settings
from labbench.views.compare.overlay import Look
from labbench.views.compare.sides import Compared, common_split, read_side
from labbench.views.track import Part

Show = Literal["all", "curves", "settings", "classes"]
SHOWS: tuple[Show, ...] = get_args(Show)

PARTS: tuple[Show, ...] = ("curves", "settings", "classes")

GAP = 4
"""Cells between classes and settings that stand side by side."""

SETTINGS = 56
"""Cells that settings beside classes take at most."""

ROOM = 2 * 11
"""Lines of the charts where nothing says how high they may be."""


@dataclass(frozen=True, slots=True)
class CompareView:
    """Runs with their letters above; below curves, settings and figures by class."""

    compared: Compared
    show: Show = "all"
    look: Look = field(default_factory=Look)
    figure: classes.Figure = "f1"
    order: classes.Order = "name"

    @classmethod
    def of(
        cls,
        runs: Sequence[RunFolder],
        split: str | None = None,
        *,
        show: Show = "all",
        look: Look | None = None,
        part: Part | None = None,
        figure: classes.Figure = "f1",
        order: classes.Order = "name",
    ) -> CompareView:
        """The comparison of at least one run with the first.

        Args:
            split: the clips they were judged on; None: what most of them have results on.
            part: what is drawn of the curves; None: what the look says.

        Raises:
            RunError, PresetError: a folder is damaged.
            LabbenchError: nothing of the curves is in that part.
        """
        chosen = split or common_split(runs)
        curves = show in ("all", "curves")
        sides = [read_side(run, slot, chosen, curves=curves) for slot, run in enumerate(runs)]
        look = look or Look()
        if part is not None:
            window, cursor = part.shares(overlay.end(sides, look.by))
            look = replace(look, window=window, cursor=cursor)
        return cls(Compared.of(sides, chosen), show, look, figure, order)

    @property
    def parts(self) -> tuple[Show, ...]:
        """What is shown."""
        return PARTS if self.show == "all" else (self.show,)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        above: list[RenderableType] = [heads.table(self.compared, width, theme)]
        above += [Text(note, style=theme.warn) for note in self.compared.notes()]
        used = len(self.compared.sides) + 1 + len(self.compared.notes())
        for part in self.parts:
            room = ROOM if height is None or self.show == "all" else height - used - 1
            above += [Text(), self.part(part, width, room, theme)]
        return Group(*above)

    def part(self, part: Show, width: int, height: int, theme: Theme) -> RenderableType:
        """Curves, settings or classes alone; of all: classes and settings side by side."""
        sides = self.compared.sides
        if part == "curves" and self.look.cursor is None:
            return overlay.charts(sides, self.look, width, height, theme)
        if part == "curves":
            drawn = overlay.charts(sides, self.look, width, height - 1, theme)
            return Group(overlay.reading(sides, self.look, theme), drawn)
        if part == "settings":
            return settings.render(sides, width, theme)
        if part == "classes":
            return classes.render(self.compared, width, theme, self.figure, self.order)
        grid = Table.grid(padding=(0, GAP, 0, 0))
        right = min(width // 2, SETTINGS)
        grid.add_row(
            self.part("classes", width - right - GAP, height, theme),
            self.part("settings", right, height, theme),
        )
        return grid

    def as_json(self) -> dict[str, Any]:
        """The runs, and what is shown of them."""
        return {
            "split": self.compared.split,
            "first": self.compared.first.run.id,
            "runs": heads.as_json(self.compared),
            "notes": self.compared.notes(),
            **{part: self._document(part) for part in self.parts},
        }

    def _document(self, part: Show) -> Any:
        if part == "curves":
            return overlay.as_json(self.compared.sides)
        if part == "settings":
            return settings.as_json(self.compared.sides)
        return classes.as_json(self.compared)

    def as_csv(self) -> str:
        """Of curves a row an epoch and run, of settings one a setting, of classes one a word and
        run; of all one a run."""
        sides = self.compared.sides
        if self.show == "curves":
            return csv_text(overlay.FIELDS, overlay.rows(sides))
        if self.show == "settings":
            return csv_text(["setting", *(side.run.id for side in sides)], settings.rows(sides))
        if self.show == "classes":
            return csv_text(classes.FIELDS, classes.rows(self.compared))
        rows = heads.as_json(self.compared)
        return csv_text(list(rows[0]), [list(row.values()) for row in rows])
