"""What a net takes sounds for: likely classes, and for long ones their course over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.picture import AnalysisView
from labbench.interpret.predict.answer import WINDOW_S, Moment, Predicted
from labbench.interpret.predict.course import Course
from labbench.interpret.predict.options import PredictOptions
from labbench.runs import RunFolder, weights
from labbench.views.clips import ClipView

PICTURE = 6
"""From so many lines left, what was heard is drawn below its classes."""

BAR = 24
"""Cells of a probability's bar."""


@dataclass(frozen=True, slots=True)
class PredictionsView(AnalysisView[PredictOptions]):
    """Several sounds, and what could not be read."""

    epoch: int
    found: tuple[Predicted, ...]
    unreadable: tuple[LabbenchError, ...] = ()

    @property
    def top(self) -> int:
        """Classes and moments shown."""
        return self.options.top

    def heading(self, theme: Theme, place: str = "") -> Text:
        gap = "  " if place else ""
        return Text(place, style="bold").append(f"{gap}{self.net_words()}", theme.muted)

    def head(self, theme: Theme) -> list[Text]:
        return [self.of_run(self.net_words(), theme)]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        room = height if len(self.found) == 1 else None
        parts: list[RenderableType] = []
        for one in self.found:
            if parts or room is None:
                parts.append(Text())
            parts.append(self._one(one, width, room, theme))
        return Group(*parts)

    def net_words(self) -> str:
        """`best net, epoch 9 · names one of its 16 words for any sound`."""
        said = f"best net, epoch {self.epoch}"
        if self.found:
            said += f" · names one of its {len(self.found[0].words)} words for any sound"
        return said

    def _one(self, one: Predicted, width: int, height: int | None, theme: Theme) -> RenderableType:
        said = told(one, theme)
        said.truncate(width, overflow="ellipsis")
        if len(one.starts_s) == 1:
            parts: list[RenderableType] = [said, self._guesses(one, width, theme)]
            left = 0 if height is None else height - 3 - min(self.top, len(one.words))
            if left >= PICTURE:
                heard = ClipView.of(one.clip.name, one.outline).render(width, left, theme=theme)
                parts += [Text(), heard]
            return Group(*parts)
        moments = one.moments()[: self.top]
        lines = len(moments) + 1
        if height is not None:
            lines = min(lines, max((height - 1) // 3, 2))
        room = None if height is None else height - 1 - lines
        return Group(
            said, Course(one).render(width, room, theme=theme),
            self._moments(moments[: lines - 1], width, theme),
        )  # fmt: skip

    def _guesses(self, one: Predicted, width: int, theme: Theme) -> RenderableType:
        shown = one.guesses()[: self.top]
        odds = [guess.probability for guess in shown]
        columns = [Column("class", [Text(guess.word) for guess in shown], least=6)]
        columns += _likely(odds, max(min(BAR, width - 30), 4), theme)
        return fitted(columns, width, theme)

    def _moments(self, moments: Sequence[Moment], width: int, theme: Theme) -> RenderableType:
        surest = [Text(f"{one.surest_s:.2f}s") for one in moments]
        spans = [Text(f"{one.start_s:.2f}s to {one.stop_s:.2f}s") for one in moments]
        columns = [
            Column("strongest", [Text(one.word) for one in moments], least=6),
            *_likely([one.probability for one in moments], BAR // 2, theme),
            Column("surest in the second from", surest, right=True, short=surest, short_title="at"),
            Column("in all", spans, rank=1, right=True),
        ]
        return fitted(columns, width, theme)

    def as_json(self) -> dict[str, Any]:
        """Sounds with their likeliest classes, strongest moments and every window; what failed."""
        return {
            "run": self.run_id,
            "epoch": self.epoch,
            "sounds": [self._document(one) for one in self.found],
            "unreadable": [{"where": error.where, "what": error.what} for error in self.unreadable],
        }

    def _document(self, one: Predicted) -> dict[str, Any]:
        return {
            "name": one.clip.name,
            "path": one.clip.path or None,
            "actual": one.clip.word or None,
            "seconds": one.seconds,
            "rate_hz": one.rate_hz,
            "channels": one.channels,
            "padded_s": one.padded_s,
            "top": [
                {"word": guess.word, "probability": guess.probability, "start_s": guess.start_s}
                for guess in one.guesses()[: self.top]
            ],
            "moments": [
                {"word": moment.word, "probability": moment.probability,
                 "surest_s": moment.surest_s, "start_s": moment.start_s, "stop_s": moment.stop_s}
                for moment in one.moments()[: self.top]
            ],
            "words": one.words,
            "stride_ms": one.stride_ms,
            "starts_s": one.starts_s.tolist(),
            "probabilities": one.probabilities.tolist(),
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a window: the sound, where it begins, its class, the probability of each."""
        words = self.found[0].words if self.found else ()
        rows = []
        for one in self.found:
            odds_WK = one.probabilities
            for start, odds_K in zip(one.starts_s.tolist(), odds_WK, strict=True):
                best = int(odds_K.argmax())
                rows.append(
                    [one.clip.path or one.clip.name, start, words[best], float(odds_K[best]),
                     *odds_K.tolist()]
                )  # fmt: skip
        header = ["sound", "start_s", "predicted", "probability"]
        return csv_text([*header, *(f"p({word})" for word in words)], rows)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Logits (W, K) of all windows of all sounds; which sound, and where each begins."""
        counts = [len(one.starts_s) for one in self.found]
        none = np.zeros((0, 0), np.float32)
        return {
            "sounds": np.array([one.clip.path or one.clip.name for one in self.found], np.str_),
            "words": np.array(self.found[0].words if self.found else (), np.str_),
            "sound": np.repeat(np.arange(len(counts)), counts),
            "start_s": np.concatenate([one.starts_s for one in self.found] or [np.zeros(0)]),
            "logits": np.concatenate([one.logits_WK for one in self.found] or [none]),
        }


def view(
    run: RunFolder, options: PredictOptions, *found: Predicted,
    unreadable: Sequence[LabbenchError] = (),
) -> PredictionsView:  # fmt: skip
    """What a run's best net says of some sounds.

    Raises:
        RunError: there is no checkpoint.
    """
    epoch, synthetic = weights.checkpoint(run.path).epoch, run.status().synthetic
    return PredictionsView(run.id, synthetic, options, epoch, found, tuple(unreadable))


def _likely(odds: Sequence[float], bar: int, theme: Theme) -> list[Column]:
    """Probabilities as figures and bars."""
    figures = [Text(f"{share:.4f}") for share in odds]
    bars = [Text(glyphs.bar(share, bar), style=theme.accent) for share in odds]
    return [
        Column("probability", figures, right=True, short=figures, short_title="p"),
        Column("", bars, rank=2),
    ]


def told(one: Predicted, theme: Theme) -> Text:
    """Name, length and what the file is like; whether zeros follow."""
    text = Text.assemble((one.clip.name, "bold"), ("  ", ""))
    if one.clip.word in one.words:
        right = one.guesses()[0].word == one.clip.word
        sign, style = ("✔", theme.good) if right else ("✖", theme.bad)
        text.append(f"{sign} it is {one.clip.word}  ", style=style)
    elif one.clip.word:
        text.append(f"it is {one.clip.word}, which the net never learned  ", style=theme.warn)
    channels = units.plural(one.channels, "channel")
    parts = [f"{one.seconds:.2f} s", f"{one.rate_hz:,} Hz", channels]
    text.append(" · ".join(parts), style=theme.muted)
    if one.padded_s > 0:
        text.append(f" · {one.padded_s:.2f} s of zeros follow, as in training", style=theme.warn)
    if (windows := len(one.starts_s)) > 1:
        said = f" · {windows:,} windows of {WINDOW_S:g} s, one every {one.stride_ms} ms"
        text.append(said, style=theme.muted)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
