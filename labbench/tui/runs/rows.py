"""A run as cells of the list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation.compare import accuracy, difference
from labbench.runs.poller import Entry
from labbench.tui.table import Column
from labbench.views.runs import NAMED, named

BAR, SPARK = 8, 8

WIDE: dict[str, Column] = {
    "mark": Column("", 1),
    "run": Column("run", 4, right=True),
    "state": Column("state", 10),
    "preset": Column("preset", 16, stretch=True, most=NAMED, names=True),
    "progress": Column("progress", BAR + 8, rank=3),
    "course": Column("val accuracy", SPARK + 7, rank=2),
    "best": Column("best", 6, right=True),
    "published": Column("published", 9, rank=4, right=True),
    "difference": Column("difference", 10, rank=1, right=True),
    "device": Column("device", 7, rank=5),
    "left": Column("left", 7, rank=2, right=True),
    "age": Column("age", 7, rank=3, right=True),
}
NARROW: dict[str, Column] = {
    "mark": Column("", 1),
    "run": Column("run", 4, right=True),
    "sign": Column("", 1),
    "preset": Column("preset", 14, stretch=True, most=NAMED, names=True),
    "epochs": Column("epochs", 7, rank=2, right=True),
    "spark": Column("val acc", SPARK, rank=3),
    "best": Column("best", 6, right=True),
    "difference": Column("diff", 9, rank=1, right=True),
    "time": Column("left/age", 8, rank=2, right=True),
}


def columns(entries: Collection[Entry], *, wide: bool) -> dict[str, Column]:
    """The columns of a list of runs; those that would be empty in every row are left out."""
    statuses = [entry.status for entry in entries]
    empty: set[str] = set()
    if not any(status.published is not None for status in statuses):
        empty |= {"published"}
        if not any(status.synthetic for status in statuses):
            empty |= {"difference"}
    if not any(entry.live for entry in entries):
        empty |= {"left"}
    return {name: one for name, one in (WIDE if wide else NARROW).items() if name not in empty}


def cells(
    entry: Entry, columns: Sequence[str], course: Sequence[float], marked: bool, now: float,
    theme: Theme,
) -> list[Text]:  # fmt: skip
    """The cells of a run under some columns.

    Args:
        course: its validation accuracies by epoch, as far as they are known.
        now: Unix time that ages are counted from.
    """
    made = _all(entry, course, marked, now, theme)
    return [made[name] for name in columns]


def _all(
    entry: Entry, course: Sequence[float], marked: bool, now: float, theme: Theme
) -> dict[str, Text]:
    status = entry.status
    sign = glyphs.state(status.state, theme)
    spark = glyphs.sparkline(course, SPARK)
    age = units.duration(max(now - (status.ended or status.created), 0.0))
    left = units.duration(status.left_s) if entry.live and status.left_s is not None else ""
    val = units.accuracy(status.val_accuracy) if status.val_accuracy is not None else ""
    count = f"{status.epoch}/{status.epochs}"
    return {
        "mark": Text("◆" if marked else "", theme.accent),
        "run": Text(str(entry.run.number or "")),
        "state": sign,
        "sign": Text(sign.plain[:1], sign.style),
        "preset": Text.assemble(named(entry, theme)),
        "progress": _progress(entry, count, theme),
        "epochs": Text(count),
        "course": Text.assemble((spark.ljust(SPARK), theme.validation), f" {val}"),
        "spark": Text(spark, theme.validation),
        "best": Text(units.accuracy(accuracy(status))),
        "published": Text(units.accuracy(status.published)),
        "difference": _difference(entry, theme),
        "device": Text(status.device.partition(" (")[0], theme.muted),
        "left": Text(left, theme.accent),
        "age": Text(age, theme.muted),
        "time": Text(left, theme.accent) if left else Text(age, theme.muted),
    }


def _difference(entry: Entry, theme: Theme) -> Text:
    if entry.status.synthetic and accuracy(entry.status) is not None:
        return Text("synthetic", theme.muted)
    return glyphs.difference(difference(entry.status), theme)


def _progress(entry: Entry, count: str, theme: Theme) -> Text:
    status = entry.status
    if entry.live and status.state == "starting":
        return Text("warming up", theme.muted)
    if not entry.live or not status.epochs:
        return Text(f"{'':{BAR}} {count}" if status.state != "queued" else "", theme.muted)
    total = status.epochs * status.steps_per_epoch
    share = status.step / total if total else status.epoch / status.epochs
    return Text.assemble((glyphs.bar(share, BAR), theme.accent), f" {count}")


def told(entry: Entry, place: int | None, theme: Theme) -> Text:
    """A run in words: what ails it or how it stands, its tags and note.

    Args:
        place: in the queue, from 1; None: it does not wait.
    """
    status = entry.status
    text = Text.assemble((entry.id, "bold"), "  ", glyphs.state(status.state, theme))
    if place is not None:
        text.append(f", no. {place} in the queue", style=theme.muted)
    if status.message and status.state != "finished":
        style = theme.bad if status.state in ("failed", "lost") else ""
        text.append(f": {status.message}", style=style)
    if status.hint and status.state in ("failed", "lost", "stopped", "queued"):
        text.append(f" {status.hint}", style=theme.warn)
    if entry.flaw:
        text.append(f" {entry.flaw}", style=theme.warn)
    if status.synthetic:
        text.append("  synthetic speech", style=theme.warn)
    elif status.clips:
        text.append(f"  {status.clips}", style=theme.muted)
    for tag in entry.notes.tags:
        text.append(f"  #{tag}", style=theme.accent)
    if entry.notes.note:
        text.append(f"  {entry.notes.note}", style="italic")
    return text
