"""A map of clips in two dimensions: a letter a word, upper case where the net is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.style import Style

from labbench.draw import glyphs
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.interpret.embedding.answer import Embedding
from labbench.interpret.embedding.options import EmbeddingOptions
from labbench.interpret.features.answer import in_words, much
from labbench.interpret.picture import AnalysisView
from labbench.runs import RunFolder

HEIGHT = 29
"""Lines where none are asked for."""

LEAST_LINES = 5
"""Of the map itself."""

BESIDE = 100
"""From so many cells on, the key stands beside the map."""

KEY = 22
"""Cells of the key beside the map."""

MANY = 3
"""Cells with so many clips are bold."""

LETTERS = ascii_lowercase + "αβγδεζηθικλμνξπρστυφχψω"

Cells = dict[tuple[int, int], list[int]]


@dataclass(frozen=True, slots=True)
class ScatterView(AnalysisView[EmbeddingOptions]):
    """Clips where a map puts them, with a cursor."""

    found: Embedding
    cursor: tuple[float, float] | None = None
    """A place on the map, from 0 (left, top) to 1 (right, bottom)."""
    turn: int = 0
    """Which of the clips under the cursor is told."""

    @property
    def word(self) -> int | None:
        """The class that stands out; None: all alike."""
        word = self.options.word
        return self.found.words.index(word) if word else None

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        columns, rows = self.map_size(width, height)
        about = Text(self.found.in_words(), theme.muted, no_wrap=True, overflow="ellipsis")
        lines = self._map(columns, rows, theme)
        told = self._told(columns, rows, theme)
        if width >= BESIDE:
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_column(width=columns)
            grid.add_column(width=KEY)
            grid.add_row(Group(*lines), Group(*self._key(theme)[:rows]))
            return Group(about, grid, *told)
        return Group(about, *lines, *self._key_lines(width, theme), *told)

    def heading(self, theme: Theme, place: str = "") -> Text:
        """Which layer, how many clips, how many of them the net takes for another word."""
        wrong = int(self.found.wrong.sum())
        said = f"  {self._clips()}, {wrong:,} of them taken for another word"
        layer = in_words(self.found.layer, self.found.pool)
        return Text.assemble((layer, "bold"), (said, theme.muted))

    def head(self, theme: Theme) -> list[Text]:
        text = Text.assemble(
            (self.run_id, "bold"), f"  {in_words(self.found.layer, self.found.pool)}  "
        )
        return [text.append(self._clips(), theme.muted).append_text(self.warning(theme))]

    def _clips(self) -> str:
        return much(len(self.found.rows_N), self.found.total, "test clips")

    def map_size(self, width: int, height: int | None) -> tuple[int, int]:
        """Columns and rows of the map itself in a body of so many cells."""
        beside = width >= BESIDE
        columns = width - KEY - 2 if beside else width
        others = 1 + (0 if self.cursor is None else 2)
        others += 0 if beside else len(self._key_lines(width, TERMINAL))
        return columns, max((height or HEIGHT) - others, LEAST_LINES)

    # The cursor

    def with_cursor(self) -> ScatterView:
        """The cursor in the middle, where there is none."""
        return replace(self, cursor=self.cursor or (0.5, 0.5))

    def moved_to(self, right: int, down: int, width: int, height: int) -> ScatterView:
        """The cursor so many cells on, in a body of so many cells; first: in the middle."""
        if self.cursor is None:
            return self.with_cursor()
        columns, rows = self.map_size(width, height)
        column, row = _cell(self.cursor, columns, rows)
        return self.at(column + right, row + down, width, height)

    def at(self, column: int, row: int, width: int, height: int) -> ScatterView:
        """The cursor in a cell of the map."""
        columns, rows = self.map_size(width, height)
        x = min(max(column, 0), columns - 1) / max(columns - 1, 1)
        y = min(max(row, 0), rows - 1) / max(rows - 1, 1)
        return replace(self, cursor=(x, y), turn=0)

    def clicked(self, x: int, y: int, width: int, height: int) -> ScatterView:
        """The cursor where it was clicked, below the line that says how the map was made."""
        return self.at(x, y - 1, width, height)

    def on_clip(self, index: int) -> ScatterView:
        """The cursor on a clip."""
        x, y = self.found.places[index].tolist()
        return replace(self, cursor=(x, y), turn=0)

    def under(self, width: int, height: int) -> list[int]:
        """The clips under the cursor, or those nearest to it; the wrong ones first."""
        return self._under(*self.map_size(width, height))[0]

    def _under(self, columns: int, rows: int) -> tuple[list[int], bool]:
        """The same on a map of so many cells, and whether they are under the cursor itself."""
        if self.cursor is None:
            return [], False
        cells = self._cells(columns, rows)
        x, y = _cell(self.cursor, columns, rows)
        # A cell is twice as high as it is wide.
        near = min(cells, key=lambda at: (at[0] - x) ** 2 + 4 * (at[1] - y) ** 2)
        return cells[near], near == (x, y)

    def chosen(self, width: int, height: int) -> int | None:
        """The clip that is told."""
        clips = self.under(width, height)
        return clips[self.turn % len(clips)] if clips else None

    def next_wrong(self, width: int, height: int) -> ScatterView:
        """The cursor on the wrong clip after the one that is told, the surest mistake first."""
        found = self.found
        wrong = np.flatnonzero(found.wrong)
        if not len(wrong):
            return self
        sure = found.probabilities[wrong, found.predicted[wrong]]
        order = wrong[np.argsort(-sure, kind="stable")].tolist()
        now = self.chosen(width, height)
        index = order[(order.index(now) + 1) % len(order)] if now in order else order[0]
        # The room of the picture changes when a cursor comes.
        view = self.on_clip(index)
        clips = view.under(width, height)
        return replace(view, turn=clips.index(index) if index in clips else 0)

    # Drawing

    def _cells(self, columns: int, rows: int) -> Cells:
        """The clips in each cell that has some, the wrong ones first."""
        places = np.rint(self.found.places * (max(columns - 1, 0), max(rows - 1, 0)))
        cells: Cells = {}
        wrong = self.found.wrong
        for index in np.argsort(~wrong, kind="stable").tolist():
            column, row = places[index].astype(int).tolist()
            cells.setdefault((column, row), []).append(index)
        return cells

    def _map(self, columns: int, rows: int, theme: Theme) -> list[Text]:
        cells = self._cells(columns, rows)
        letters, wrong = signs(self.found.words), self.found.wrong
        lines = [[(" ", Style.null())] * columns for _ in range(rows)]
        for (column, row), clips in cells.items():
            index = self._shown(clips)
            label = int(self.found.labels_N[index])
            sign = letters[label].upper() if wrong[index] else letters[label]
            lines[row][column] = (sign, self._style(label, wrong[index], len(clips), theme))
        if self.cursor is not None:
            column, row = _cell(self.cursor, columns, rows)
            sign = lines[row][column][0]
            mark = Style.parse(f"bold {theme.accent} reverse")
            lines[row][column] = (sign if sign != " " else "+", mark)
        return [Text.assemble(*line, no_wrap=True) for line in lines]

    def _shown(self, clips: list[int]) -> int:
        """The clip that stands for a cell: of the class that stands out, a wrong one, or one of
        the class that most are of."""
        labels = self.found.labels_N[clips]
        if self.word is not None and (labels == self.word).any():
            return clips[int((labels == self.word).argmax())]
        if self.found.wrong[clips[0]]:
            return clips[0]
        return clips[int((labels == np.bincount(labels).argmax()).argmax())]

    def _style(self, label: int, wrong: bool, clips: int, theme: Theme) -> Style:
        if self.word is not None and label != self.word:
            return Style.parse(theme.muted)
        style = Style.parse(theme.runs[label % len(theme.runs)])
        return style + Style(bold=wrong or clips >= MANY or None, underline=wrong or None)

    def _key(self, theme: Theme) -> list[Text]:
        """A line a word: its letter, and how many of its clips are right."""
        found = self.found
        lines = []
        for label, (word, letter) in enumerate(zip(found.words, signs(found.words), strict=True)):
            clips = found.labels_N == label
            right = int((clips & ~found.wrong).sum())
            line = Text(no_wrap=True, overflow="ellipsis")
            line.append(f"{letter} {glyphs.clip(word, 9):9}", self._style(label, False, 1, theme))
            line.append(f" {right:,}/{int(clips.sum()):,}", theme.muted)
            lines.append(line)
        return [*lines, Text("A taken for another", f"bold underline {theme.muted}")]

    def _key_lines(self, width: int, theme: Theme) -> list[Text]:
        """The words with their letters, as many to a line as fit."""
        lines = [Text(no_wrap=True)]
        entries = [
            Text(f"{letter} {word}", self._style(label, False, 1, theme))
            for label, (word, letter) in enumerate(
                zip(self.found.words, signs(self.found.words), strict=True)
            )
        ]
        entries.append(Text("A wrong", f"bold underline {theme.muted}"))
        for entry in entries:
            if lines[-1].cell_len and lines[-1].cell_len + 2 + entry.cell_len > width:
                lines.append(Text(no_wrap=True))
            lines[-1].append_text(Text("  " if lines[-1].cell_len else "")).append_text(entry)
        return lines

    def _told(self, columns: int, rows: int, theme: Theme) -> list[Text]:
        """Two lines on the clip at the cursor."""
        if self.cursor is None:
            return []
        clips, here = self._under(columns, rows)
        index = clips[self.turn % len(clips)]
        where = "here" if here else "nearest"
        if len(clips) > 1:
            where = f"{self.turn % len(clips) + 1} of {len(clips)} {where}"
        name = Text.assemble((self.found.names[index], "bold"), (f"  {where}", theme.muted))
        lines = [name, self.said(index, theme)]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return lines

    def said(self, index: int, theme: Theme) -> Text:
        """What a clip is, and what the net takes it for."""
        found = self.found
        label, guess = int(found.labels_N[index]), int(found.predicted[index])
        shares = found.probabilities[index]
        if label == guess:
            return Text(f"{found.words[label]} {shares[label]:.4f}, which is right", theme.good)
        said = f"{found.words[label]} {shares[label]:.4f}, taken for {found.words[guess]}"
        return Text(f"{said} {shares[guess]:.4f}", theme.bad)

    # Forms

    def as_json(self) -> dict[str, Any]:
        """How the map was made, and where each clip lies."""
        found = self.found
        return {
            "run": self.run_id, "layer": found.layer, "pool": found.pool or None,
            "method": found.method, "explained": list(found.explained),
            "components": found.components, "perplexity": found.perplexity,
            "divergence": found.divergence, "test_clips": found.total,
            "clips": [dict(zip(FIELDS, row, strict=True)) for row in self._rows()],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a clip."""
        return csv_text(FIELDS, self._rows())

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Places, rows, classes and logits of the clips."""
        found = self.found
        return {
            "xy": found.xy_N2, "rows": found.rows_N, "labels": found.labels_N,
            "logits": found.logits_NK, "names": np.array(found.names),
            "words": np.array(found.words),
        }  # fmt: skip

    def _rows(self) -> list[list[Any]]:
        found = self.found
        shares = found.probabilities.max(axis=1)
        return [
            [name, int(found.rows_N[index]), found.words[found.labels_N[index]],
             found.words[found.predicted[index]], float(shares[index]),
             *map(float, found.xy_N2[index])]
            for index, name in enumerate(found.names)
        ]  # fmt: skip


FIELDS = ("name", "row", "actual", "predicted", "probability", "x", "y")


def view(run: RunFolder, options: EmbeddingOptions, found: Embedding) -> ScatterView:
    """What was found out, as the options want it."""
    return ScatterView(run.id, run.status().synthetic, options, found)


def signs(words: Sequence[str]) -> tuple[str, ...]:
    """A letter for each word: of the word where one is left, else the next free one."""
    free = dict.fromkeys(LETTERS)
    found = []
    for word in words:
        letter = next((one for one in word.lower() if one in free), None) or next(iter(free), "·")
        free.pop(letter, None)
        found.append(letter)
    return tuple(found)


def _cell(place: tuple[float, float], columns: int, rows: int) -> tuple[int, int]:
    """The cell of a place."""
    return round(place[0] * (columns - 1)), round(place[1] * (rows - 1))
