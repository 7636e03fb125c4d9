"""A line for each compared run: its letter, how it stands, and its accuracy beside the first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Lines, ListColumn, list_of
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation import Paired
from labbench.evaluation.paired import p_in_words
from labbench.views.compare.sides import Compared, Side

ACCURACY = {"test": "test acc", "validation": "val acc"}

ROOMY = 60
"""From so many cells on, a run's name is not cut as far as it can be."""


@dataclass(frozen=True, slots=True)
class Head:
    """A run among the compared ones."""

    compared: Compared
    index: int

    @property
    def side(self) -> Side:
        return self.compared.sides[self.index]

    @property
    def paired(self) -> Paired | None:
        """It and the first on the clips that both were evaluated on."""
        pair = self.compared.pairs[self.index]
        return pair if isinstance(pair, Paired) else None


def heads(compared: Compared) -> list[Head]:
    """All runs in order."""
    return [Head(compared, index) for index in range(len(compared.sides))]


def columns(compared: Compared) -> list[ListColumn[Head]]:
    """The list of the compared runs."""
    return [
        ListColumn("", _letter, 2),
        ListColumn("run", lambda head, _: head.side.run.id, 18, stretch=True, most=40, names=True),
        ListColumn("", _state, 1),
        ListColumn("epochs", _epochs, 7, rank=3, right=True),
        ListColumn("best val", _best, 8, rank=6, right=True),
        ListColumn(ACCURACY[compared.split], _accuracy, 8, right=True),
        ListColumn("published", _published, 9, rank=5, right=True),
        ListColumn(f"beside {compared.first.letter}", _beside, 9, right=True),
        ListColumn("won", lambda head, _: _count(head, "won"), 5, rank=2, right=True),
        ListColumn("lost", lambda head, _: _count(head, "lost"), 5, rank=2, right=True),
        ListColumn("p", _p, 7, rank=1, right=True),
    ]


def _letter(head: Head, theme: Theme) -> Text:
    return Text(head.side.letter, f"bold {head.side.color(theme)}")


def _state(head: Head, theme: Theme) -> Text:
    sign = glyphs.state(head.side.status.state, theme)
    return Text(sign.plain[:1], sign.style)


def _epochs(head: Head, theme: Theme) -> str:
    return f"{head.side.status.epoch}/{head.side.status.epochs}"


def _best(head: Head, theme: Theme) -> str:
    return units.accuracy(head.side.status.best_val_accuracy)


def _accuracy(head: Head, theme: Theme) -> Text:
    report = head.side.report
    return Text(units.accuracy(report.accuracy if report else None), "bold")


def _published(head: Head, theme: Theme) -> str:
    return units.accuracy(head.side.status.published)


def _beside(head: Head, theme: Theme) -> Text:
    """Accuracy less the first run's, on the same clips where there are such."""
    if not head.index:
        return Text("first", theme.muted)
    if head.paired is not None:
        return glyphs.difference(head.paired.difference, theme)
    report, first = head.side.report, head.compared.first.report
    known = report is not None and first is not None
    gain = report.accuracy - first.accuracy if known else None  # type: ignore[union-attr]
    return glyphs.difference(gain, theme)


def _count(head: Head, figure: Literal["won", "lost"]) -> str:
    return f"{getattr(head.paired, figure):,}" if head.paired and head.index else ""


def _p(head: Head, theme: Theme) -> Text | str:
    if not head.index:
        return ""
    return p_in_words(head.paired.p) if head.paired else Text(units.MISSING, theme.muted)


def table(compared: Compared, width: int, theme: Theme) -> Lines:
    """All runs."""
    least = 24 if width >= ROOMY else 14
    kept = [replace(one, least=least) if one.title == "run" else one for one in columns(compared)]
    return list_of(kept, heads(compared), width, theme)


def in_words(compared: Compared, index: int, theme: Theme) -> Text:
    """A run beside the first one, in words."""
    side, pair = compared.sides[index], compared.pairs[index]
    text = Text.assemble((side.letter, f"bold {side.color(theme)}"), f" {side.status.preset}  ")
    if side.evaluation is not None:
        text.append(side.evaluation.caption, style=theme.muted).append("  ")
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
        "judged_epoch": side.evaluation.epoch if side.evaluation else None,
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
