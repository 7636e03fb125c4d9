"""The clips of one cell of a confusion matrix, in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import ListColumn, list_of
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.errors import RunError, nearest
from labbench.evaluation.clips import ClipPrediction, clips_in_cell
from labbench.evaluation.sounds import sound_of
from labbench.runs import Predictions, RunFolder
from labbench.views.clips import ClipView
from labbench.views.source import Evaluation, chosen_predictions, evaluate_predictions

BAR = 12
"""Cells of the bar that shows how sure the net was."""


@dataclass(frozen=True, slots=True)
class CellView:
    """Clips of one word that were taken for one word, the worst first."""

    evaluation: Evaluation
    actual: str
    predicted: str
    clips: tuple[ClipPrediction, ...]

    @classmethod
    def of(
        cls, evaluation: Evaluation, predictions: Predictions, actual: int, predicted: int
    ) -> CellView:
        """The clips of a cell, told by places in the words."""
        words, found = predictions.words, clips_in_cell(predictions, actual, predicted)
        return cls(evaluation, words[actual], words[predicted], tuple(found))

    @classmethod
    def named(
        cls, run: RunFolder, actual: str, predicted: str, split: str | None = None
    ) -> CellView:
        """The clips of a cell of a run, told by its two words.

        Raises:
            RunError: there are no results on that split yet, or no such word.
        """
        status = run.status()
        predictions = chosen_predictions(run, status, split)
        words = predictions.words
        for word in (actual, predicted):
            if word not in words:
                raise RunError(f"knows no word {word!r}.", where=run.id, hint=nearest(word, words))
        found = evaluate_predictions(run, status, predictions)
        return cls.of(found, predictions, words.index(actual), words.index(predicted))

    @property
    def right(self) -> bool:
        """Whether the clips were taken for what they are."""
        return self.actual == self.predicted

    def in_words(self) -> str:
        """Which clips these are, and in what order."""
        clips = units.plural(len(self.clips), "clip")
        if self.right:
            return f"{clips} of {self.actual} predicted correctly, by confidence, the lowest first"
        return f"{clips} predicted {self.predicted}, actual {self.actual}, by confidence"

    @property
    def columns(self) -> list[ListColumn[ClipPrediction]]:
        """How sure the net was of what it said and of the truth, and what came next."""
        predicted, actual = f"p({self.predicted})", f"p({self.actual})"
        truth: ListColumn[ClipPrediction] = ListColumn(
            actual, lambda clip, _: f"{clip.actual:.4f}", max(6, len(actual)), right=True
        )
        return [
            ListColumn(
                "clip", lambda clip, _: clip.name, 28, stretch=True, most=48, least=12, names=True
            ),
            ListColumn(
                predicted, lambda clip, _: Text(f"{clip.predicted:.4f}", "bold"),
                max(6, len(predicted)), right=True,
            ),
            ListColumn("", self._bar, BAR, rank=2),
            *([] if self.right else [truth]),
            ListColumn("second guess", _second_guess, 18, rank=1),
        ]  # fmt: skip

    def _bar(self, clip: ClipPrediction, theme: Theme) -> Text:
        return Text(glyphs.bar(clip.predicted, BAR), theme.good if self.right else theme.bad)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        said = Text(
            f"{self.in_words()}  ({self.evaluation.caption})", no_wrap=True, overflow="ellipsis"
        )
        room = len(self.clips) if height is None else max(height - 2, 0)
        cut = len(self.clips) > room
        shown = self.clips[: max(room - 1, 0)] if cut else self.clips
        parts: list[RenderableType] = [said, list_of(self.columns, shown, width, theme)]
        if cut:
            parts.append(Text(f"and {len(self.clips) - len(shown):,} more", style=theme.muted))
        return Group(*parts)

    def as_json(self) -> dict[str, Any]:
        """Run, split, the two words, and the clips in the order shown."""
        return {
            "run": self.evaluation.run_id,
            "split": self.evaluation.split,
            "epoch": self.evaluation.epoch,
            "actual": self.actual,
            "predicted": self.predicted,
            "clips": [dict(zip(FIELDS, _fields(clip), strict=True)) for clip in self.clips],
        }

    def as_csv(self) -> str:
        """One row a clip."""
        rows: list[Sequence[Any]] = [
            [self.actual, self.predicted, *_fields(clip)] for clip in self.clips
        ]
        return csv_text(["actual", "predicted", *FIELDS], rows)


def _second_guess(clip: ClipPrediction, theme: Theme) -> Text:
    return Text(f"{clip.runner_up} {clip.runner_up_probability:.4f}", theme.muted)


@dataclass(frozen=True, slots=True)
class PredictedClipView:
    """One clip of a run: what it was taken for, and its sound."""

    cell: CellView
    """Where it stands in the confusion matrix."""
    clip: ClipPrediction
    sound: ClipView

    @classmethod
    def of(cls, run: RunFolder, name: str, split: str | None, look: Look) -> PredictedClipView:
        """The clip of a name.

        Raises:
            RunError: there are no results on that split yet, or the clip is not among them.
            LabbenchError: the run's clips are gone or others.
        """
        status = run.status()
        found = chosen_predictions(run, status, split)
        if name not in found.names:
            raise RunError(
                f"was not evaluated on a clip {name!r}: {found.split} has none of that name.",
                where=run.id, hint=nearest(name, found.names),
            )  # fmt: skip
        at = found.names.index(name)
        evaluation = evaluate_predictions(run, status, found)
        cell = CellView.of(evaluation, found, int(found.actual[at]), int(found.predicted[at]))
        clip = next((one for one in cell.clips if one.row == int(found.clips[at])), None)
        if clip is None:
            raise RunError(
                f"has no prediction for {name}: its output is not a number.", where=run.id
            )
        sound = ClipView.of(name, sound_of(run, clip.row, name), look)
        return cls(cell, clip, sound)

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = Text.assemble(
            (self.clip.name, "bold"), (f"  {self.cell.evaluation.caption}", theme.muted)
        )
        if self.cell.evaluation.synthetic:
            head.append_text(glyphs.synthetic(theme))
        look = Text(self.sound.spectrogram.look.in_words(), theme.muted)
        lines = [head, taken_for(self.cell, self.clip, theme), look]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        room = None if height is None else max(height - len(lines), 4)
        return Group(*lines, self.sound.render(width, room, theme=theme))

    def as_json(self) -> dict[str, Any]:
        """The cell it is in, its probabilities, samples and spectrogram."""
        return {
            **{key: one for key, one in self.cell.as_json().items() if key != "clips"},
            **dict(zip(FIELDS, _fields(self.clip), strict=True)),
            **self.sound.as_json(),
        }

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """The samples, and the spectrogram with its axes."""
        return self.sound.as_arrays()

    def as_csv(self) -> str:
        """The samples."""
        return self.sound.as_csv()


def taken_for(cell: CellView, clip: ClipPrediction, theme: Theme) -> Text:
    """What the net took a clip of a cell for, how surely, and what came next."""
    colour = theme.good if cell.right else theme.bad
    said = "correct" if cell.right else f"actual {cell.actual} {clip.actual:.4f}"
    text = Text(f"predicted {cell.predicted} ")
    text.append(f"{clip.predicted:.4f} ", style="bold")
    text.append(glyphs.bar(clip.predicted, BAR), style=colour)
    text.append(f" {said}", style=colour)
    if clip.runner_up != cell.actual:
        second = f"   second guess {clip.runner_up} {clip.runner_up_probability:.4f}"
        text.append(second, style=theme.muted)
    return text


FIELDS = (
    "name", "row", "probability_predicted", "probability_actual", "second_guess",
    "probability_second",
)  # fmt: skip


def _fields(clip: ClipPrediction) -> list[Any]:
    return [
        clip.name, clip.row, clip.predicted, clip.actual, clip.runner_up,
        clip.runner_up_probability,
    ]  # fmt: skip
