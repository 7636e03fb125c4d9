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
from labbench.draw.columns import ListColumn, list_of
from labbench.draw.export import csv_of
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.evaluation.compare import accuracy, difference
from labbench.evaluation.listed import DAMAGED, Listable
from labbench.runs import RunFolder, Status, queue
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.status import LIVE

BAR, SPARK = 8, 8
"""Cells of a progress bar, and of a course of accuracies."""

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
        lines = [*self._failures(theme), *self._flawed(theme)]
        rows = [RunRow(row, self.now, self.places.get(row.run.id)) for row in self.rows]
        table = list_of([COLUMNS[name] for name in PRINTED], rows, width, theme)
        return Group(table, *([Text(), *lines] if lines else []))

    def _failures(self, theme: Theme) -> list[Text]:
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
        return csv_of(rows, "run")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list of runs."""

    listed: Listable
    now: float
    """Unix time that ages are counted from."""
    place: int | None = None
    """In its queue, from 1, where it waits and that is told."""
    course: Sequence[float] = ()
    """Its validation accuracies by epoch, as far as they are known."""
    marked: bool = False

    @property
    def status(self) -> Status:
        return self.listed.status

    @property
    def left(self) -> str:
        """The time left; empty where none is known."""
        known = self.status.state in LIVE and self.status.left_s is not None
        return units.duration(self.status.left_s) if known else ""

    @property
    def age(self) -> str:
        status = self.status
        return units.duration(max(self.now - (status.ended or status.created), 0.0))


@functools.lru_cache
def _state(state: str, place: int | None, theme: Theme) -> Text:
    """Sign and word of a state, and the place in the queue."""
    text = glyphs.state(state, theme)
    return text.append(f" {place}", style=theme.muted) if place else text


@functools.lru_cache
def sign(state: str, theme: Theme) -> Text:
    """The sign of a state."""
    return Text.assemble(glyphs.state(state, theme)[:1])


def _name(row: RunRow, theme: Theme) -> Text | str:
    """The run's preset, its tags and its note; cut in the middle where they are long."""
    noted = row.listed.notes
    more = [*(f"#{tag}" for tag in noted.tags), *filter(None, [noted.note])]
    if not more:
        return row.status.preset
    text = Text.assemble(row.status.preset, (f" {' '.join(more)}", theme.muted))
    return glyphs.elide(text, NAMED)


def epochs(row: RunRow, theme: Theme) -> str:
    """Epochs that are done, of those to be done."""
    return f"{row.status.epoch}/{row.status.epochs}"


def _bar_of_epochs(row: RunRow, theme: Theme) -> Text | str:
    """A bar of a live run's epochs, and their number."""
    status = row.status
    if status.state not in LIVE or not status.epochs:
        return epochs(row, theme)
    bar = glyphs.bar(status.epoch / status.epochs, BAR)
    return Text.assemble((bar, theme.accent), " ", epochs(row, theme))


def _progress(row: RunRow, theme: Theme) -> Text:
    """A bar of a live run's steps, and the number of its epochs."""
    status, count = row.status, epochs(row, theme)
    live = status.state in ("starting", "running")
    if status.state == "starting":
        return Text("warming up", theme.muted)
    if not live or not status.epochs:
        return Text(f"{'':{BAR}} {count}" if status.state != "queued" else "", theme.muted)
    total = status.epochs * status.steps_per_epoch
    share = status.step / total if total else status.epoch / status.epochs
    return Text.assemble((glyphs.bar(share, BAR), theme.accent), f" {count}")


def sparkline(row: RunRow, theme: Theme) -> Text:
    """The course of the validation accuracy."""
    return Text(glyphs.sparkline(row.course, SPARK), theme.validation)


def _course(row: RunRow, theme: Theme) -> Text:
    """The course of the validation accuracy, and the last one."""
    last = row.status.val_accuracy
    text = Text(glyphs.sparkline(row.course, SPARK).ljust(SPARK), theme.validation)
    return Text.assemble(text, f" {units.accuracy(last) if last is not None else ''}")


def _accuracy(row: RunRow, theme: Theme) -> Text | str:
    status = row.status
    ours = units.accuracy(accuracy(status))
    on_validation = status.test_accuracy is None and status.best_val_accuracy is not None
    return Text.assemble(ours, (" val", theme.muted)) if on_validation else ours


def _difference(row: RunRow, theme: Theme) -> Text:
    if row.status.synthetic and accuracy(row.status) is not None:
        return Text("synthetic", theme.muted)
    value = difference(row.status)
    return _difference_text(None if value is None else round(value, 4), theme)


@functools.lru_cache(4096)
def _difference_text(value: float | None, theme: Theme) -> Text:
    """One text for all differences that read alike."""
    return glyphs.difference(value, theme)


def _clips(row: RunRow, theme: Theme) -> str:
    return f"{row.status.clips}{' (synthetic)' if row.status.synthetic else ''}"


def _time(row: RunRow, theme: Theme) -> Text:
    """The time left, or else the age."""
    return Text(f"{row.left} left", theme.accent) if row.left else Text(row.age, theme.muted)


COLUMNS: dict[str, ListColumn[RunRow]] = {
    "mark": ListColumn("", lambda row, theme: Text("◆" if row.marked else "", theme.accent), 1),
    "run": ListColumn("run", lambda row, _: str(row.listed.run.number or ""), 4, right=True),
    "state": ListColumn(
        "state", lambda row, theme: _state(row.status.state, row.place, theme), 10,
        short=lambda row, theme: sign(row.status.state, theme), short_title="",
    ),
    "preset": ListColumn("preset", _name, 16, stretch=True, most=NAMED, least=12, names=True),
    "epochs": ListColumn("epochs", _bar_of_epochs, 7, rank=4, right=True, short=epochs),
    "progress": ListColumn("progress", _progress, BAR + 8, rank=4),
    "course": ListColumn("val accuracy", _course, SPARK + 7, rank=2),
    "accuracy": ListColumn("accuracy", _accuracy, 6, rank=1),
    "best": ListColumn(
        "best", lambda row, _: units.accuracy(accuracy(row.status)), 6, right=True
    ),
    "published": ListColumn(
        "published", lambda row, _: units.accuracy(row.status.published), 9, rank=3, right=True
    ),
    "difference": ListColumn("difference", _difference, 10, rank=1, right=True, short_title="Δ"),
    "clips": ListColumn("clips", _clips, 9, rank=6, least=9),
    "device": ListColumn(
        "device", lambda row, theme: Text(row.status.device.partition(" (")[0], theme.muted), 7,
        rank=7, least=6,
    ),
    "left": ListColumn("left", lambda row, theme: Text(row.left, theme.accent), 7, 2, right=True),
    "age": ListColumn("age", lambda row, theme: Text(row.age, theme.muted), 7, rank=5, right=True),
    "time": ListColumn("age", _time, 12, rank=5, right=True),
}  # fmt: skip
"""What can be told of a run in a list."""

PRINTED = (
    "run", "state", "preset", "epochs", "accuracy", "published", "difference", "clips", "device",
    "time",
)  # fmt: skip
"""The columns on the command line."""


def _named(run: RunFolder) -> dict[str, Any]:
    return {"run": run.id, "number": run.number, "path": str(run.path)}


def _damaged(run: RunFolder, why: str) -> dict[str, Any]:
    return {
        **_named(run), "accuracy": None, "difference": None, "place": None, "flaw": "",
        "tags": [], "note": "",
        **_NO_STATUS, "state": DAMAGED, "message": why,
    }  # fmt: skip
