"""What a look at the whole bench found: install, devices, clips, terminal, run folders."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Group, RenderableType

from labbench import units
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text

Level = Literal["ok", "note", "warning", "broken"]

SIGNS: dict[Level, str] = {"ok": "✔", "note": "·", "warning": "▲", "broken": "✖"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    area: str
    """install, device, data, terminal or runs."""
    level: Level
    """warning: works, less well than it could; broken: something does not work, or is lost."""
    what: str
    hint: str = ""
    """What a person can do about it."""
    repair: str = ""
    """What the doctor can do about it, as a question's verb: `cut the torn line`."""
    repaired: bool = False

    @property
    def open(self) -> bool:
        """Whether something is broken still."""
        return self.level == "broken" and not self.repaired


@dataclass(frozen=True, slots=True)
class HealthView:
    """All findings, area by area."""

    findings: tuple[Finding, ...]
    before: tuple[Finding, ...] = ()
    """Shown before: the last line counts them, too."""

    @classmethod
    def of(cls, findings: Sequence[Finding], before: Sequence[Finding] = ()) -> HealthView:
        """The view of findings."""
        return cls(tuple(findings), tuple(before))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        parts: list[RenderableType] = []
        for area, found in itertools.groupby(self.findings, key=lambda one: one.area):
            grid = Table.grid(padding=(0, 1, 0, 0))
            grid.add_column(width=1)
            grid.add_column(overflow="fold")
            for one in found:
                grid.add_row(*_line(one, theme))
            parts += [Text(area, style="bold"), grid, Text()]
        return Group(*parts, self._verdict(theme))

    def _verdict(self, theme: Theme) -> Text:
        """How many findings there are of each level; those that are well are not counted."""
        every = (*self.findings, *self.before)
        repaired = sum(one.repaired for one in every)
        count = Counter(one.level for one in every if not one.repaired)
        parts = [
            (not count["broken"] and not count["warning"], theme.good, "All is well"),
            (count["broken"], theme.bad, f"{count['broken']:,} broken"),
            (count["warning"], theme.warn, units.plural(count["warning"], "warning")),
            (repaired, theme.good, f"{repaired:,} repaired"),
            (count["note"], theme.muted, units.plural(count["note"], "note")),
        ]
        return Text(", ").join(Text(text, style=style) for some, style, text in parts if some)

    def as_json(self) -> dict[str, Any]:
        """Whether all is well, and one object a finding."""
        return {
            "well": not any(one.open for one in self.findings),
            "findings": [
                {
                    "area": one.area, "level": one.level, "what": one.what, "hint": one.hint,
                    "repair": one.repair, "repaired": one.repaired,
                }
                for one in self.findings
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a finding."""
        rows = self.as_json()["findings"]
        header = ["area", "level", "what", "hint", "repair", "repaired"]
        return csv_text(header, [list(row.values()) for row in rows])


def _line(one: Finding, theme: Theme) -> tuple[Text, Text]:
    """Its sign, and what it says."""
    styles = {"ok": theme.good, "note": theme.muted, "warning": theme.warn, "broken": theme.bad}
    if one.repaired:
        done = Text.assemble(one.what, "  ", (f"repaired: {one.repair}", theme.good))
        return Text(SIGNS["ok"], style=theme.good), done
    text = Text(one.what, style=theme.muted if one.level == "note" else "")
    if one.hint:
        text.append("\n").append(one.hint, style=theme.muted)
    if one.repair:
        text.append("\n").append(f"--fix: {one.repair}", style=theme.accent)
    return Text(SIGNS[one.level], style=styles[one.level]), text
