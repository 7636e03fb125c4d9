"""A cell of a table in words."""

from __future__ import annotations

from labbench import units
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.tables.cell_block import colour
from labbench.tables.progress import Cell


def told(cell: Cell, tolerance: float, theme: Theme) -> Text:
    """The cell under the cursor: its preset, our figure and the published one, its runs."""
    text = Text.assemble((cell.sheet.name, "bold"), "  ", _state(cell, theme))
    text.append(f"  {units.whole(cell.sheet.parameters)} parameters", style=theme.muted)
    text.append("\n").append_text(_figures(cell, tolerance, theme))
    text.append("\n").append_text(_runs(cell, theme))
    return text


def _state(cell: Cell, theme: Theme) -> Text:
    if cell.state == "missing":
        return Text("· not run yet", style=theme.muted)
    if cell.live is not None:
        status = cell.live.status
        left = f", {units.duration(status.left_s)} left" if status.left_s is not None else ""
        sign = glyphs.state(status.state, theme)
        return sign.append(f" {status.epoch}/{status.epochs}{left}")
    return glyphs.state(cell.state, theme)


def _figures(cell: Cell, tolerance: float, theme: Theme) -> Text:
    """Ours over seeds, the published figure, and the difference."""
    text = Text()
    if cell.mean is not None:
        spread = f" ± {cell.deviation:.4f}" if cell.deviation is not None else ""
        seeds = units.plural(len(cell.accuracies), "seed")
        text.append(f"here {units.accuracy(cell.mean)}{spread}")
        text.append(f" ({seeds}{', synthetic speech' if cell.synthetic else ''})  ", theme.muted)
    if cell.sheet.figure is None:
        return text.append("not in the report", style=theme.muted)
    if cell.published is None:
        return text.append("X in the report: not run then", style=theme.muted)
    text.append(f"published {units.accuracy(cell.published)}  ", style=theme.published)
    if cell.difference is not None:
        far = units.difference(cell.difference)
        text.append(f"{far} ", style=colour(cell, tolerance, theme))
        within = abs(cell.difference) <= tolerance + 5e-5
        text.append(f"{'within' if within else 'misses'} {tolerance:g}", style=theme.muted)
    return text


def _runs(cell: Cell, theme: Theme) -> Text:
    """The runs of the cell; of one that ails, why."""
    if not cell.runs:
        return Text("g runs what is missing, G chooses rows, columns and seeds", style=theme.muted)
    if (ailing := cell.ailing) is not None:
        said = f"{ailing.run.number} {ailing.status.message} {ailing.status.hint}".strip()
        return Text(said, style=theme.bad)
    shown = [f"{one.run.number} seed {one.seed} {one.state}" for one in cell.runs[-4:]]
    more = "" if len(cell.runs) <= 4 else f"{len(cell.runs) - 4} more, "
    return Text(f"{units.plural(len(cell.runs), 'run')}: {more}{', '.join(shown)}", theme.muted)
