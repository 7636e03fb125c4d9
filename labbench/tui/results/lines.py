"""The two lines above the panes: which results these are, and the figure that counts."""

from __future__ import annotations

from collections.abc import Sequence

from labbench import units
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
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
    if found is None or found.judged is None:
        return text
    right = Text(found.judged.caption, style=theme.muted)
    if found.status.state in LIVE:
        right = Text(f"● {found.judged.caption}", style=theme.accent)
        later = Text.assemble(right, (", renewed by itself", theme.muted))
        right = later if text.cell_len + later.cell_len < width else right
    gap = max(width - text.cell_len - right.cell_len, 1)
    return text.append(" " * gap).append_text(right)


def said(judged: Evaluation | None, width: int, theme: Theme) -> Text:
    """Accuracy beside the published one; what a reader of the figures must know."""
    if judged is None:
        return Text()
    text = accuracy_line(judged, theme)
    text.no_wrap, text.overflow = True, "ellipsis"
    notes = len(judged.report.notes)
    more = [("SYNTHETIC speech", f"bold {theme.warn}")] if judged.synthetic else []
    more += [(f"! {units.plural(notes, 'note')} under classes", theme.warn)] if notes else []
    for words, style in more:
        if text.cell_len + 3 + len(words) <= width:
            text.append("   ").append(words, style=style)
    return text
