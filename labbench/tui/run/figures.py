"""The figures of a run, in a line or two below its curves."""

from __future__ import annotations

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation.compare import difference
from labbench.runs import History, Status
from labbench.runs.status import LIVE

BAR = 12


def head(status: Status, place: int | None, theme: Theme) -> Text:
    """The run's state, its place in the queue if it waits, preset and clips; what ails it."""
    text = Text.assemble(glyphs.state(status.state, theme))
    if place is not None:
        text.append(f", no. {place} in the queue", style=theme.muted)
    text.append("  ").append(status.preset, style="bold")
    if status.synthetic:
        text.append("  synthetic speech", style=theme.warn)
    elif status.clips:
        text.append(f"  {status.clips}", style=theme.muted)
    if status.message and status.state != "finished":
        bad = status.state in ("failed", "lost")
        text.append(f"  {status.message}", style=theme.bad if bad else theme.muted)
    if status.hint and status.state in ("failed", "lost", "stopped", "queued"):
        text.append(f" {status.hint}", style=theme.warn)
    return text


def figures(status: Status, history: History, width: int, theme: Theme) -> Text:
    """Progress and pace of a live run, accuracies of any; as many as fit on two lines."""
    parts = [*_progress(status, history, theme), *_accuracies(status, theme)]
    lines: list[Text] = [Text()]
    for part in parts:
        if lines[-1] and lines[-1].cell_len + 3 + part.cell_len > width:
            lines.append(Text())
        if lines[-1]:
            lines[-1].append("   ")
        lines[-1].append_text(part)
    return Text("\n").join(lines[:2])


def _progress(status: Status, history: History, theme: Theme) -> list[Text]:
    live = status.state in LIVE
    epoch = _figure("epoch", f"{status.epoch}/{status.epochs}", theme)
    if live and status.step and status.steps_per_epoch and status.epochs:
        share = status.step / (status.epochs * status.steps_per_epoch)
        epoch.append(" ").append(glyphs.bar(share, BAR), style=theme.accent)
    parts = [epoch]
    if live and status.left_s is not None:
        parts.append(_figure("left", units.duration(status.left_s), theme))
    elif status.elapsed_s:
        parts.append(_figure("trained", units.duration(status.elapsed_s), theme))
    steps = history.steps
    if live and len(steps["step"]):
        parts.append(_figure("clips/s", f"{steps['clips_per_s'][-1]:,.0f}", theme))
        parts.append(_figure("learning rate", f"{steps['learning_rate'][-1]:.3g}", theme))
    if status.device:
        parts.append(_figure("on", status.device, theme))
    if len(steps["step"]) and steps["memory_bytes"][-1] > 0:
        parts.append(_figure("memory", units.size(steps["memory_bytes"][-1]), theme))
    return parts


def _accuracies(status: Status, theme: Theme) -> list[Text]:
    parts = []
    if status.best_val_accuracy is not None:
        best = _figure("best validation", units.accuracy(status.best_val_accuracy), theme)
        parts.append(best.append(f" at {status.best_epoch}", style=theme.muted))
    if status.test_accuracy is not None:
        parts.append(_figure("test", units.accuracy(status.test_accuracy), theme))
    if status.published is not None:
        published = _figure("published", units.accuracy(status.published), theme)
        if (apart := difference(status)) is not None:
            published.append(" ").append_text(glyphs.difference(apart, theme))
        parts.append(published)
    return parts


def _figure(name: str, value: str, theme: Theme) -> Text:
    return Text.assemble((f"{name} ", theme.muted), (value, "bold"))
