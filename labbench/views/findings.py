"""What was found in the clips of a data set that spoils figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from rich.console import Group, RenderableType

from labbench.audio.findings import Check
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.views.health import SIGNS

NOTHING = "no problems found"


def warnings(about: dict[str, Any]) -> tuple[str, ...]:
    """What was known, when a run began, to make figures of its clips mislead (of its run.json)."""
    clips = about.get("clips")
    kept = clips.get("warnings") if isinstance(clips, dict) else None
    return tuple(one for one in kept if isinstance(one, str)) if isinstance(kept, list) else ()


def findings(check: Check, theme: Theme) -> Table:
    """A row a finding, and what could not be looked at."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in check.findings:
        style = theme.warn if one.level == "warning" else theme.muted
        grid.add_row(Text(SIGNS[one.level], style), Text(one.in_words))
    for unknown in check.unknown:
        grid.add_row(Text("?", theme.muted), Text(f"not looked at: {unknown}", theme.muted))
    return grid


@dataclass(frozen=True, slots=True)
class CheckView:
    """What was found in one data set."""

    name: str
    check: Check

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = Text.assemble((self.name, "bold"), "  ")
        if not self.check.findings:
            return Group(head.append(NOTHING), findings(self.check, theme))
        return Group(head.append(f"{len(self.check.findings)} found"), findings(self.check, theme))

    def as_json(self) -> dict[str, Any]:
        """The findings, each with the first it is about, and what could not be looked at."""
        return {"data_set": self.name, **msgspec.to_builtins(self.check)}

    def as_csv(self) -> str:
        """One row a finding."""
        return csv_text(
            ["kind", "level", "count", "what", "first"],
            [[one.kind, one.level, one.count, one.what, "; ".join(one.first)]
             for one in self.check.findings],
        )  # fmt: skip
