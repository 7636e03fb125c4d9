"""The columns of the list of runs, and the run under the cursor in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from labbench.draw import glyphs
from labbench.draw.columns import ListColumn
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.runs.poller import Entry
from labbench.views.runs import COLUMNS, SPARK, RunRow, epochs, sign, sparkline

WIDE = (
    "mark", "run", "state", "preset", "progress", "course", "best", "published", "difference",
    "device", "left", "age",
)  # fmt: skip


def _left_or_age(row: RunRow, theme: Theme) -> Text:
    return Text(row.left, theme.accent) if row.left else Text(row.age, theme.muted)


NARROW: dict[str, ListColumn[RunRow]] = {
    "mark": COLUMNS["mark"],
    "run": COLUMNS["run"],
    "state": ListColumn("", lambda row, theme: sign(row.status.state, theme), 1),
    "preset": replace(COLUMNS["preset"], width=14),
    "epochs": replace(COLUMNS["epochs"], cell=epochs),
    "course": ListColumn("val acc", sparkline, SPARK, rank=5),
    "best": COLUMNS["best"],
    "difference": replace(COLUMNS["difference"], title="diff", width=9),
    "time": ListColumn("left/age", _left_or_age, 8, rank=4, right=True),
}


def columns(entries: Collection[Entry], *, wide: bool) -> tuple[ListColumn[RunRow], ...]:
    """The columns of a list of runs; those that would be empty in every row are left out."""
    statuses = [entry.status for entry in entries]
    empty: set[str] = set()
    if not any(status.published is not None for status in statuses):
        empty |= {"published"}
        if not any(status.synthetic for status in statuses):
            empty |= {"difference"}
    if not any(entry.live for entry in entries):
        empty |= {"left"}
    found = {name: COLUMNS[name] for name in WIDE} if wide else NARROW
    return tuple(one for name, one in found.items() if name not in empty)


def in_words(entry: Entry, place: int | None, theme: Theme) -> Text:
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
