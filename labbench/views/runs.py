"""The runs there are: state, progress, accuracy beside the published one."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.evaluation.compare import accuracy, difference
from labbench.evaluation.listed import DAMAGED, Listable
from labbench.runs import RunFolder, Status, queue
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.status import LIVE

BAR = 8
"""Cells of a progress bar."""

NAMED = 44
"""Cells of a preset with tags and note at most."""

MOST_AILING = 5
"""So many failed and lost runs are explained below the table, and so many trained wrongly."""


_NO_STATUS = dict.fromkeys(Status.__struct_fields__)


@dataclass(frozen=True, slots=True)
class RunsView:
    """Runs with their status and notes, in the order given."""

    rows: tuple[Listable, ...]
    now: float
    """Unix time that ages are counted from."""
    places: Mapping[str, int]
    """By run id: the place in its queue of a run that waits."""
    flaws: Mapping[str, Flaw]
    """By run id: what is wrong with the training of some."""
    damaged: tuple[tuple[RunFolder, str], ...] = ()
    """Runs that cannot be read, and why not: data only."""

    @classmethod
    def of(
        cls,
        rows: Sequence[Listable],
        *,
        now: float | None = None,
        places: Mapping[str, int] | None = None,
        damaged: Sequence[tuple[RunFolder, str]] = (),
    ) -> RunsView:
        """The view of some runs; places in the queue count the runs shown where none are given."""
        at = time.time() if now is None else now
        flaws = {row.run.id: one for row in rows if (one := flaw(row.run, row.status))}
        if places is None:
            places = queue.places([(row.run, row.status) for row in rows])
        return cls(tuple(rows), at, places, flaws, tuple(damaged))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        lines = [*self._ailing(theme), *self._flawed(theme)]
        return Group(
            fitted(self._columns(theme), width, theme), *([Text(), *lines] if lines else [])
        )

    def _columns(self, theme: Theme) -> list[Column]:
        statuses = [row.status for row in self.rows]
        signs, bare = self._signs(theme)
        # One text for all differences that read alike.
        compared = functools.cache(functools.partial(glyphs.difference, theme=theme))
        return [
            Column("run", [str(row.run.number) for row in self.rows], right=True),
            Column("state", signs, short=bare, short_title=""),
            Column("preset", [named(row, theme) for row in self.rows], least=12, names=True),
            Column(
                "epochs", [_progress(status, theme) for status in statuses], rank=4,
                short=[f"{one.epoch}/{one.epochs}" for one in statuses], right=True,
            ),
            Column("accuracy", [_accuracy(status, theme) for status in statuses], rank=1),
            Column(
                "published", [units.accuracy(one.published) for one in statuses], rank=3,
                right=True,
            ),
            Column(
                "difference", [compared(_in_places(difference(one))) for one in statuses], rank=2,
                short_title="Δ",
            ),
            Column("clips", [_clips(one) for one in statuses], rank=6, least=9),
            Column("device", [_device(one) for one in statuses], rank=7, least=6),
            Column("age", [self._age(status) for status in statuses], rank=5, right=True),
        ]  # fmt: skip

    def _signs(self, theme: Theme) -> tuple[list[Text], list[Text]]:
        """Sign and word of the states, and the place in the queue of runs that wait; signs only."""
        known: dict[tuple[str, int | None], tuple[Text, Text]] = {}
        keys = [(row.status.state, self.places.get(row.run.id)) for row in self.rows]
        for state, place in set(keys):
            sign = glyphs.state(state, theme)
            bare = Text.assemble(sign[:1])
            if place:
                sign.append(f" {place}", style=theme.muted)
            known[state, place] = sign, bare
        return [known[key][0] for key in keys], [known[key][1] for key in keys]

    def _ailing(self, theme: Theme) -> list[Text]:
        """Why the latest failed and lost runs are so, or wait in vain, and what to do."""
        lines = [
            Text(
                f"{row.run.number} {one.state}: {one.message} {one.hint}".rstrip(), style=theme.bad
            )
            for row in self.rows
            if ((one := row.status).state in ("failed", "lost") and one.message)
            or (one.state == "queued" and one.hint)
        ]
        return lines[-MOST_AILING:]

    def _flawed(self, theme: Theme) -> list[Text]:
        """Which of the runs were trained wrongly, the latest last."""
        runs = [row.run for row in self.rows]
        found = [(run, self.flaws[run.id]) for run in runs if run.id in self.flaws]
        lines = [Text(f"{run.number} {one}", style=theme.warn) for run, one in found[-MOST_AILING:]]
        if more := len(found) - len(lines):
            said = f"{units.plural(more, 'older run')} trained wrongly, too: see labbench doctor"
            lines.insert(0, Text(said, style=theme.warn))
        return lines

    def _age(self, status: Status) -> str:
        if status.state in LIVE and status.left_s is not None:
            return f"{units.duration(status.left_s)} left"
        return units.duration(max(0.0, self.now - (status.ended or status.created)))

    def as_json(self) -> list[dict[str, Any]]:
        """One object a run: folder, tags, note and status; of a damaged one what ails it."""
        return [
            *(self._document(row) for row in self.rows),
            *(_damaged(run, why) for run, why in self.damaged),
        ]

    def _document(self, row: Listable) -> dict[str, Any]:
        run, status = row.run, row.status
        return {
            **_named(run),
            "accuracy": accuracy(status),
            "difference": difference(status),
            "place": self.places.get(run.id),
            "flaw": str(self.flaws.get(run.id, "")),
            "tags": list(row.notes.tags),
            "note": row.notes.note,
            **msgspec.to_builtins(status),
        }

    def as_csv(self) -> str:
        """One row a run, with the flat keys of the JSON."""
        rows = [
            {key: value for key, value in row.items() if key not in ("writer", "waiting")}
            | {"tags": " ".join(row["tags"])}
            for row in self.as_json()
        ]
        return csv_text(list(rows[0]) if rows else ["run"], [list(row.values()) for row in rows])


def named(row: Listable, theme: Theme) -> Text | str:
    """The run's preset, its tags and its note; cut in the middle where they are long."""
    noted = [*(f"#{tag}" for tag in row.notes.tags), *filter(None, [row.notes.note])]
    if not noted:
        return row.status.preset
    text = Text.assemble(row.status.preset, (f" {' '.join(noted)}", theme.muted))
    return glyphs.elide(text, NAMED)


def _named(run: RunFolder) -> dict[str, Any]:
    return {"run": run.id, "number": run.number, "path": str(run.path)}


def _damaged(run: RunFolder, why: str) -> dict[str, Any]:
    return {
        **_named(run), "accuracy": None, "difference": None, "place": None, "flaw": "",
        "tags": [], "note": "",
        **_NO_STATUS, "state": DAMAGED, "message": why,
    }  # fmt: skip


def _progress(status: Status, theme: Theme) -> Text | str:
    """A bar of a live run's epochs, and their number."""
    count = f"{status.epoch}/{status.epochs}"
    if status.state not in LIVE or not status.epochs:
        return count
    return Text.assemble((glyphs.bar(status.epoch / status.epochs, BAR), theme.accent), " ", count)


def _accuracy(status: Status, theme: Theme) -> Text | str:
    ours = units.accuracy(accuracy(status))
    on_validation = status.test_accuracy is None and status.best_val_accuracy is not None
    return Text.assemble(ours, (" val", theme.muted)) if on_validation else ours


def _in_places(value: float | None) -> float | None:
    """A difference to the places that are shown."""
    return None if value is None else round(value, 4)


def _clips(status: Status) -> str:
    return f"{status.clips}{' (synthetic)' if status.synthetic else ''}"


def _device(status: Status) -> str:
    return status.device.partition(" (")[0]
