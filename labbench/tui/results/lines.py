"""What stands above the panes, and in their place where there are no results."""

from __future__ import annotations

from collections.abc import Sequence

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.runs import Status
from labbench.runs.status import LIVE
from labbench.tui.mixins import pane_names
from labbench.tui.results.reader import Found
from labbench.views.classes import accuracy_line
from labbench.views.source import Evaluation


def tabs(
    panes: Sequence[str], shown: str, found: Found | None, width: int, theme: Theme
) -> Text:  # fmt: skip
    """The panes, the one in view marked; at the right which clips were judged."""
    text = pane_names(panes, shown, theme)
    if found is None or found.evaluation is None:
        return text
    right = Text(found.evaluation.caption, style=theme.muted)
    if found.status.state in LIVE:
        right = Text(f"● {found.evaluation.caption}", style=theme.accent)
        later = Text.assemble(right, (", renewed by itself", theme.muted))
        right = later if text.cell_len + later.cell_len < width else right
    gap = max(width - text.cell_len - right.cell_len, 1)
    return text.append(" " * gap).append_text(right)


def figure_line(evaluation: Evaluation | None, width: int, theme: Theme) -> Text:
    """Accuracy beside the published one; what a reader of the figures must know."""
    if evaluation is None:
        return Text()
    text = accuracy_line(evaluation, theme)
    text.no_wrap, text.overflow = True, "ellipsis"
    notes = len(evaluation.report.notes)
    more = [("SYNTHETIC speech", f"bold {theme.warn}")] if evaluation.synthetic else []
    more += [(f"! {units.plural(notes, 'note')} under classes", theme.warn)] if notes else []
    for words, style in more:
        if text.cell_len + 3 + len(words) <= width:
            text.append("   ").append(words, style=style)
    return text


BAR = 24


def nothing_yet(found: Found, theme: Theme) -> Text:
    """Why there are no results, and what to do."""
    status, text = found.status, Text()
    text.append("No figures" if found.splits else "No results yet", "bold").append("\n\n")
    text.append_text(glyphs.state(status.state, theme)).append("  ")
    if found.splits and found.why is not None:
        text.append(str(found.why), style=theme.bad)
    elif status.state in LIVE or status.state == "queued":
        text.append_text(_to_come(status, theme))
    else:
        text.append_text(_ended(found, theme))
    return text


def _to_come(status: Status, theme: Theme) -> Text:
    """What it waits for."""
    text, waits = Text(), status.state == "queued"
    if waits:
        text.append("It waits for its turn on a device.")
    elif status.state == "starting" or not status.step:
        text.append(f"It is getting ready{f': {status.message}' if status.message else ''}.")
    elif status.steps_per_epoch:
        share = min(status.step / status.steps_per_epoch, 1.0)
        text.append("The first epoch is under way").append("\n\n")
        text.append(glyphs.bar(share, BAR), style=theme.accent)
        text.append(f"▏ {share:.0%} of it", style=theme.muted)
        if status.left_s is not None:
            text.append(f", {units.duration(status.left_s)} left in all", style=theme.muted)
    for sentence in (
        "\n\n", "The validation clips are evaluated after every epoch.",
        "\n", "Results appear here as soon as the first epoch is complete.", "\n\n",
    ):  # fmt: skip
        text.append(sentence, theme.muted)
    return text.append_text(
        _keys([("esc", f"back: it {'starts' if waits else 'trains on'} without you")], theme)
    )


def _ended(found: Found, theme: Theme) -> Text:
    """What is left to do with a run that ended without any."""
    status = found.status
    text = Text()
    text.append(status.message or "", style=theme.bad if status.state != "stopped" else "")
    if status.hint:
        text.append("\n\n").append(status.hint, style=theme.warn)
    if status.state == "finished":
        hint = found.why.hint if found.why else ""
        text.append("\n\n").append(hint, style=theme.muted).append("\n\n")
        return text.append_text(_keys([("tab", "the summary is still there")], theme))
    sentence = "It ended before its first epoch was complete: nothing was evaluated."
    if status.epoch:
        sentence = "The predictions of its epochs are no longer in its folder."
    text.append("\n\n").append(sentence, style=theme.muted).append("\n\n")
    keys = [("r", "resume it"), ("c", "change values and start again")]
    return text.append_text(_keys([*keys, ("esc", "back")], theme))


def _keys(keys: list[tuple[str, str]], theme: Theme) -> Text:
    text = Text()
    for key, words in keys:
        text.append(f"{key:>5}", style=f"bold {theme.accent}").append(f"   {words}").append("\n")
    return text
