"""Recall, precision and F1 of every word, each run beside the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.evaluation import ClassDifference, class_differences
from labbench.views.compare.sides import Compared, Side

Figure = Literal["f1", "recall", "precision"]
FIGURES: tuple[Figure, ...] = get_args(Figure)

Order = Literal["name", "difference"]
ORDERS: tuple[Order, ...] = get_args(Order)

HALF = 8
"""Cells of a bar to either side of zero."""

ONE_MORE = 17
"""Cells that a run's figure and its difference take."""

HEADS = {"f1": "F1", "recall": "recall", "precision": "precision"}


def others(compared: Compared) -> list[tuple[Side, list[ClassDifference]]]:
    """The runs with results beside the first, word by word."""
    first = compared.first.report
    if first is None:
        return []
    return [
        (side, class_differences(first, side.report))
        for side in compared.sides[1:]
        if side.report is not None
    ]


def render(
    compared: Compared, width: int, theme: Theme, figure: Figure = "f1", order: Order = "name"
) -> RenderableType:
    """A line for each word the first run knows."""
    first, beside = compared.first, others(compared)
    if first.report is None:
        return Text(f"{first.letter} has no results: {first.why}", theme.muted)
    if not beside:
        return Text("No other run has results to compare with.", theme.muted)
    if not any(found for _, found in beside):
        return Text("The runs have no word in common.", theme.muted)
    by_word = [{one.word: one for one in found} for _, found in beside]
    words = _ordered(compared, by_word, figure, order)
    room = max((width - 24) // ONE_MORE, 1)
    parts: list[RenderableType] = []
    for start in range(0, len(beside), room):
        group = range(start, min(start + room, len(beside)))
        columns = _first(compared, words, figure, theme)
        for index in group:
            columns += _beside(beside[index][0], by_word[index], words, figure, theme)
        if len(beside) == 1:
            columns += _further(beside[0][0], by_word[0], words, figure, theme)
        parts += [fitted(columns, width, theme), Text()]
    return Group(*parts[:-1], *_notes(compared, beside, theme))


def _ordered(
    compared: Compared, by_word: Sequence[dict[str, ClassDifference]], figure: Figure, order: Order
) -> list[str]:
    """The words, in their own order or with the largest loss first."""
    assert compared.first.report is not None
    words = list(compared.first.report.words)
    if order == "name":
        return words

    def least(word: str) -> float:
        return min((one[word].difference(figure) for one in by_word if word in one), default=9.0)

    return sorted(words, key=least)


def _first(compared: Compared, words: Sequence[str], figure: Figure, theme: Theme) -> list[Column]:
    """The words, their clips and the first run's figure."""
    report = compared.first.report
    assert report is not None
    places = [report.words.index(word) for word in words]
    figures = [Text(f"{getattr(report, figure)[place]:.4f}") for place in places]
    clips = [Text(f"{report.support[place]:,}", theme.muted) for place in places]
    title = f"{compared.first.letter} {HEADS[figure]}"
    return [
        Column("word", [Text(word) for word in words], least=6),
        Column("clips", clips, rank=4, right=True),
        Column(title, figures, right=True, short_title=compared.first.letter),
    ]


def _beside(
    side: Side, found: dict[str, ClassDifference], words: Sequence[str], figure: Figure,
    theme: Theme,
) -> list[Column]:  # fmt: skip
    """A run's figure and its difference."""
    known = [found.get(word) for word in words]
    ours = [units.MISSING if one is None else f"{getattr(one, figure)[1]:.4f}" for one in known]
    gains = [glyphs.difference(one.difference(figure) if one else None, theme) for one in known]
    style = side.color(theme)
    return [
        Column(side.letter, [Text(one, style) for one in ours], rank=1, right=True),
        Column("difference", gains, right=True, short_title="diff"),
    ]


def _further(
    side: Side, found: dict[str, ClassDifference], words: Sequence[str], figure: Figure,
    theme: Theme,
) -> list[Column]:  # fmt: skip
    """Where only two are compared: a bar, and the differences of the other figures."""
    known = [found.get(word) for word in words]
    most = max((abs(one.difference(figure)) for one in known if one), default=0.0) or 1.0
    bars = [_bar(one.difference(figure) / most if one else 0.0, theme) for one in known]
    columns = [Column("", bars, rank=6)]
    for rank, name in enumerate((one for one in FIGURES if one != figure), start=2):
        gains = [glyphs.difference(one.difference(name) if one else None, theme) for one in known]
        columns.append(Column(f"Δ {HEADS[name]}", gains, rank=rank, right=True))
    return columns


def _bar(share: float, theme: Theme) -> Text:
    """A bar to the left (worse) or right (better) of the middle, share -1 to 1."""
    if share < 0:
        filled = min(round(-share * HALF * 2), HALF * 2)
        bar = "▐" * (filled % 2) + "█" * (filled // 2)
        return Text.assemble((bar.rjust(HALF), theme.bad), ("│", theme.muted), " " * HALF)
    return Text.assemble(
        " " * HALF, ("│", theme.muted), (glyphs.bar(share, HALF), theme.good)
    )  # fmt: skip


def _notes(
    compared: Compared, beside: Sequence[tuple[Side, list[ClassDifference]]], theme: Theme
) -> list[Text]:
    """Runs that know other words, and what that means for their figures."""
    report = compared.first.report
    assert report is not None
    strange = [side.letter for side, _ in beside if set(side.report.words) != set(report.words)]  # type: ignore[union-attr]
    if not strange:
        return []
    said = f"{', '.join(strange)} was trained on other words: figures of shared words say little."
    return [Text(said, theme.warn)]


FIELDS = ("class", "run", "support", *(f"{figure}" for figure in FIGURES),
          *(f"{figure}_difference" for figure in FIGURES))  # fmt: skip


def rows(compared: Compared) -> list[list[Any]]:
    """A row for each word and run beside the first, under `FIELDS`."""
    return [
        [one.word, side.run.id, one.support,
         *(getattr(one, figure)[1] for figure in FIGURES),
         *(one.difference(figure) for figure in FIGURES)]
        for side, found in others(compared)
        for one in found
    ]  # fmt: skip


def as_json(compared: Compared) -> list[dict[str, Any]]:
    """One object a word and run beside the first."""
    return [dict(zip(FIELDS, row, strict=True)) for row in rows(compared)]
