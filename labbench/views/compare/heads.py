"""A line for each compared run: its letter, how it stands, and its accuracy beside the first."""

from __future__ import annotations

from typing import Any

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, Lines, fitted
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation import Paired
from labbench.evaluation.paired import p_in_words
from labbench.views.compare.sides import Compared, Side

ACCURACY = {"test": "test acc", "validation": "val acc"}

ROOMY = 60
"""From so many cells on, a run's name is not cut as far as it can be."""


def columns(compared: Compared) -> list[tuple[str, int, bool, int]]:
    """Title, width, whether at the right, and rank of each column of `cells`.

    The highest rank is left out first where room is scarce.
    """
    return [
        ("", 2, False, 0), ("run", 18, False, 0), ("", 1, False, 0), ("epochs", 7, True, 3),
        ("best val", 8, True, 6),
        (ACCURACY[compared.split], 8, True, 0), ("published", 9, True, 5),
        (f"beside {compared.first.letter}", 9, True, 0), ("won", 5, True, 2), ("lost", 5, True, 2),
        ("p", 7, True, 1),
    ]  # fmt: skip


def cells(compared: Compared, index: int, theme: Theme) -> list[Text]:
    """The cells of the run at a place."""
    side, pair = compared.sides[index], compared.pairs[index]
    status, report = side.status, side.report
    first = compared.first.report
    sign = glyphs.state(status.state, theme)
    beside, won, lost, p = Text("first", theme.muted), "", "", Text()
    if index:
        known = report is not None and first is not None
        gain = report.accuracy - first.accuracy if known else None  # type: ignore[union-attr]
        beside, p = glyphs.difference(gain, theme), Text(units.MISSING, theme.muted)
        if isinstance(pair, Paired):
            beside = glyphs.difference(pair.difference, theme)
            won, lost, p = f"{pair.won:,}", f"{pair.lost:,}", Text(p_in_words(pair.p))
    return [
        Text(side.letter, f"bold {side.color(theme)}"), Text(side.run.id),
        Text(sign.plain[:1], sign.style), Text(f"{status.epoch}/{status.epochs}"),
        Text(units.accuracy(status.best_val_accuracy)),
        Text(units.accuracy(report.accuracy if report else None), "bold"),
        Text(units.accuracy(status.published)), beside, Text(won), Text(lost), p,
    ]  # fmt: skip


def table(compared: Compared, width: int, theme: Theme) -> Lines:
    """All runs."""
    rows = [cells(compared, index, theme) for index in range(len(compared.sides))]
    least = 24 if width >= ROOMY else 14
    return fitted(
        [
            Column(title, [row[index] for row in rows], rank=rank, right=right,
                   least=least if title == "run" else None)
            for index, (title, _, right, rank) in enumerate(columns(compared))
        ],
        width, theme,
    )  # fmt: skip


def told(compared: Compared, index: int, theme: Theme) -> Text:
    """A run beside the first one, in words."""
    side, pair = compared.sides[index], compared.pairs[index]
    text = Text.assemble((side.letter, f"bold {side.color(theme)}"), f" {side.status.preset}  ")
    if side.judged is not None:
        text.append(side.judged.caption, style=theme.muted).append("  ")
    if isinstance(pair, Paired):
        text.append_text(glyphs.difference(pair.difference, theme))
        text.append(
            f" ±{pair.standard_error:.4f} beside {compared.first.letter}, {pair.in_words()}"
        )
    elif pair or side.why:
        text.append(pair or side.why, style=theme.warn)
    else:
        others = "others compared with it" if len(compared.sides) > 1 else ""
        text.append(others, style=theme.muted)
    return text


def as_json(compared: Compared) -> list[dict[str, Any]]:
    """One object a run, in order; those beside the first have null where it is the first."""
    return [_document(compared, index) for index in range(len(compared.sides))]


def _document(compared: Compared, index: int) -> dict[str, Any]:
    side, pair = compared.sides[index], compared.pairs[index]
    status, report = side.status, side.report
    both = pair if isinstance(pair, Paired) else None
    figures = ("clips", "both", "won", "lost", "neither", "test", "statistic", "p")
    return {
        "letter": side.letter,
        "run": side.run.id,
        "preset": status.preset,
        "state": status.state,
        "clips": status.clips,
        "synthetic": status.synthetic,
        "epoch": status.epoch,
        "best_val_accuracy": status.best_val_accuracy,
        "published_accuracy": status.published,
        "judged_epoch": side.judged.epoch if side.judged else None,
        "accuracy": report.accuracy if report else None,
        "difference": both.difference if both else None,
        "standard_error": both.standard_error if both else None,
        **{
            f"paired_{name}" if name in ("clips", "test") else name: getattr(both, name, None)
            for name in figures
        },
        "not_paired": _why(side, pair),
    }


def _why(side: Side, pair: Paired | str) -> str | None:
    return None if isinstance(pair, Paired) else pair or side.why or None
