"""The runs there are: state, progress, accuracy beside the published one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from labbench import units
from labbench.runs import RunFolder, Status, queue
from labbench.runs.status import LIVE
from labbench.views import glyphs
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme

WIDE = 110
"""From so many cells on, every column is shown."""

MOST_AILING = 5
"""So many failed and lost runs are explained below the table."""


@dataclass(frozen=True, slots=True)
class RunsView:
    """Runs with their status, in the order given."""

    rows: tuple[tuple[RunFolder, Status], ...]
    now: float
    """Unix time that ages are counted from."""
    places: Mapping[str, int]
    """By run id: the place in its queue of a run that waits."""

    @classmethod
    def of(
        cls,
        rows: Sequence[tuple[RunFolder, Status]],
        *,
        now: float | None = None,
        places: Mapping[str, int] | None = None,
    ) -> RunsView:
        """The view of some runs; places in the queue count the runs shown where none are given."""
        at = time.time() if now is None else now
        return cls(tuple(rows), at, queue.places(rows) if places is None else places)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        wide = width >= WIDE
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=theme.muted)
        table.add_column("run", justify="right", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("preset", no_wrap=True, overflow="ellipsis", min_width=12)
        table.add_column("epochs", justify="right", no_wrap=True)
        table.add_column("accuracy", justify="right", no_wrap=True)
        if wide:
            table.add_column("published", justify="right", no_wrap=True)
        table.add_column("difference", no_wrap=True)
        if wide:
            table.add_column("clips", no_wrap=True, overflow="ellipsis")
            table.add_column("device", no_wrap=True, overflow="ellipsis")
        table.add_column("age", justify="right", no_wrap=True)
        for run, status in self.rows:
            table.add_row(*self._cells(run, status, wide, theme))
        return Group(table, *self._ailing(theme))

    def _ailing(self, theme: Theme) -> list[Text]:
        """Why the latest failed and lost runs are so, and what to do."""
        lines = [Text()]
        for run, status in self.rows:
            if status.state in ("failed", "lost") and status.message:
                why = f"{run.number} {status.state}: {status.message} {status.hint}".rstrip()
                lines.append(Text(why, style=theme.bad))
        return lines[-MOST_AILING:] if len(lines) > 1 else []

    def _cells(self, run: RunFolder, status: Status, wide: bool, theme: Theme) -> list[Any]:
        ours = accuracy(status)
        figure = Text(units.accuracy(ours))
        if ours is not None and status.test_accuracy is None:
            figure.append(" val", style=theme.muted)
        state = glyphs.state(status.state, theme)
        if place := self.places.get(run.id):
            state.append(f" {place}", style=theme.muted)
        cells: list[Any] = [
            str(run.number), state, status.preset,
            f"{status.epoch}/{status.epochs}", figure,
        ]  # fmt: skip
        if wide:
            cells.append(units.accuracy(status.published))
        cells.append(glyphs.difference(difference(status), theme))
        if wide:
            cells += [
                f"{status.clips}{' (synthetic)' if status.synthetic else ''}", status.device
            ]  # fmt: skip
        return [*cells, self._age(status)]

    def _age(self, status: Status) -> str:
        if status.state in LIVE and status.left_s is not None:
            return f"{units.duration(status.left_s)} left"
        return units.duration(max(0.0, self.now - (status.ended or status.created)))

    def as_json(self) -> list[dict[str, Any]]:
        """One object a run: its folder and all of its status."""
        return [
            {
                "run": run.id,
                "number": run.number,
                "path": str(run.path),
                "accuracy": accuracy(status),
                "difference": difference(status),
                "place": self.places.get(run.id),
                **msgspec.to_builtins(status),
            }
            for run, status in self.rows
        ]

    def as_csv(self) -> str:
        """One row a run, with the flat keys of the JSON."""
        rows = [
            {key: value for key, value in row.items() if key not in ("writer", "waiting")}
            for row in self.as_json()
        ]
        return csv_text(list(rows[0]) if rows else ["run"], [list(row.values()) for row in rows])


def accuracy(status: Status) -> float | None:
    """The run's figure: on test clips once it is finished, else its best on validation."""
    return status.best_val_accuracy if status.test_accuracy is None else status.test_accuracy


def difference(status: Status) -> float | None:
    """The run's figure less the published one."""
    ours = accuracy(status)
    return None if ours is None or status.published is None else ours - status.published
