"""Evidence for a class in a clip: the sound and what speaks for the class, on one time axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.audio.stft import spectrogram
from labbench.draw import strips
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER
from labbench.draw.strips import Axis
from labbench.interpret.attribution.answer import EXPLAINED, NAMES, Attribution, Evidence
from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.picture import AnalysisView, clip_line
from labbench.runs import RunFolder, weights

WAVEFORM, SPECTROGRAM, STRIP = 4, 8, 6
"""Lines of each where no height is asked for."""

LEAST_STRIP = 2
"""Lines of a strip of evidence at least."""

ROOMY = 30
"""Lines from which on several methods are all told in words."""

COMPLETE = 0.01
"""Sums are said to agree up to this share."""


@dataclass(frozen=True, slots=True)
class EvidenceView(AnalysisView[AttributionOptions]):
    """One clip, one class, one method or several."""

    epoch: int
    found: tuple[Evidence, ...]
    """Of one clip and class; at least one."""
    cannot: tuple[str, ...] = ()
    """Why other methods that were asked for show nothing."""

    @property
    def first(self) -> Evidence:
        """What is the same in all: clip, class, logits."""
        return self.found[0]

    # In words

    def clip_words(self, theme: Theme) -> Text:
        """What the clip is and what it is taken for."""
        return clip_line(self.first.clip, self.first.words, self.first.logits_K, theme)

    def class_words(self) -> str:
        """The class, its score, and the classes with the highest probabilities."""
        one = self.first
        odds = one.probabilities
        order = np.argsort(-odds, kind="stable")[:3]
        top = ", ".join(f"{one.words[label]} {odds[label]:.4f}" for label in order)
        return f"evidence for {one.word}: logit {one.score:+.4g} · {top}"

    def sum_words(self, one: Evidence) -> str:
        """What the values are, and whether they add up to what they should."""
        if one.method == "occlusion":
            return (
                f"{one.name}: how much the logit falls; windows of {one.window_ms:g} ms every"
                f" {one.stride_ms:g} ms set to silence"
            )
        if one.total is None or one.due is None:
            return f"{one.name}: channels by their mean gradient; below 0 cut off (ReLU)"
        error = abs(one.total - one.due)
        sign = "✔" if error <= max(COMPLETE * abs(one.due), 1e-4) else "✖"
        name, part = ("bias", one.offset) if one.method == "cam" else ("silence", one.baseline or 0)
        return (
            f"{one.name}: sum {one.total:+.4g} {sign} {one.due:+.4g} = logit {one.score:+.4g}"
            f" less {name} {part:+.4g}"
        )

    def cursor_words(self) -> str:
        """The values under the cursor."""
        one, time_s = self.first, self.options.at
        if time_s is None:
            return ""
        sample = min(int(time_s * units.SAMPLE_RATE_HZ), len(one.samples_T) - 1)
        parts = [f"{time_s:.3f} s", f"sound {one.samples_T[sample]:+.3f}"]
        parts += [f"{each.method} {strips.figure(_at(each, time_s))}" for each in self.found]
        parts.append(self._loudest())
        return " · ".join(part for part in parts if part)

    def _loudest(self) -> str:
        """The loudest frequency at the cursor."""
        found = spectrogram(self.first.samples_T)
        assert self.options.at is not None
        window = int(np.abs(found.times_s - self.options.at).argmin())
        power_F = found.power_FW[:, window]
        return (
            f"loudest at {found.frequencies_hz[power_F.argmax()]:,.0f} Hz" if power_F.any() else ""
        )

    def heading(self, theme: Theme, place: str = "") -> Text:
        """One line above the picture: clip, its place among the clips, method."""
        text = self.clip_words(theme)
        if place:
            text.append(f"  {place}", style=theme.muted)
        method = self.options.method
        name = "all methods" if method == "all" else NAMES[method]
        return text.append(f"  {name}", style=theme.muted)

    # The picture

    def head(self, theme: Theme) -> list[Text]:
        return [self.of_run(f"best net, epoch {self.epoch}", theme), self.clip_words(theme)]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        above = [Text(self.class_words())]
        # What needs no figures is told by the help, too.
        crowded = height is not None and height < ROOMY and len(self.found) > 1
        below = self._below(theme, sums_only=crowded)
        axis = Axis(max(width - GUTTER, 2), cursor_s=self.options.at)
        rows = (WAVEFORM, SPECTROGRAM, STRIP)
        if height is not None:
            room = height - len(above) - 1
            while below and room - len(below) < 3 + LEAST_STRIP * len(self.found):
                below.pop(0)
            rows = _shared(len(self.found), room - len(below))
        for line in (*above, *below):
            line.no_wrap, line.overflow = True, "ellipsis"
        lines = self._strips(axis, rows, theme)
        return Group(*above, *lines, axis.labels(theme), *below)

    def time_at(self, x: int, width: int) -> float | None:
        """The time that is seen at a column of cells; None left of it."""
        columns = width - GUTTER
        return (x - GUTTER + 0.5) / columns if 0 <= x - GUTTER < columns else None

    def clicked(self, x: int, y: int, width: int, height: int) -> EvidenceView | None:
        """The view with the time marked that was clicked."""
        time_s = self.time_at(x, width)
        return None if time_s is None else self.having(self.options.having(at=time_s))

    def _below(self, theme: Theme, *, sums_only: bool = False) -> list[Text]:
        """What the values mean, why there are no others, the values under the cursor."""
        said = [one for one in self.found if one.total is not None or not sums_only]
        lines = [Text(self.sum_words(one), style=theme.muted) for one in said]
        lines += [Text(why, style=theme.warn) for why in self.cannot]
        if self.options.at is not None:
            lines.append(Text(self.cursor_words(), style=theme.accent))
        return lines

    def _strips(self, axis: Axis, rows: tuple[int, int, int], theme: Theme) -> list[Text]:
        samples_T = self.first.samples_T
        lines: list[Text] = []
        if rows[0]:
            lines += strips.wave(samples_T, axis, rows[0], theme, rate_hz=units.SAMPLE_RATE_HZ,
                                 said=["the clip", "clip"])  # fmt: skip
        if rows[1]:
            lines += strips.spectrum(spectrogram(samples_T), axis, rows[1], theme,
                                     said=["its spectrogram", "spectrogram"])  # fmt: skip
        for one in self.found:
            lines += _bars(one, axis, rows[2], theme)
        return lines

    # For programs

    def as_json(self) -> dict[str, Any]:
        """Clip, class, logits, and of each method what it found."""
        one = self.first
        return {
            "run": self.run_id, "epoch": self.epoch, "clip": one.clip.name,
            "actual": one.clip.word or None, "class": one.word, "score": "logit",
            "baseline": "silence",
            "logits": dict(zip(one.words, one.logits_K.tolist(), strict=True)),
            "probabilities": dict(zip(one.words, one.probabilities.tolist(), strict=True)),
            "evidence": [_document(each) for each in self.found],
            "cannot": list(self.cannot),
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a value: method, layer, seconds, value."""
        return csv_text(
            ["method", "layer", "seconds", "value"],
            (
                [one.method, one.layer, round(time_s, 7), value]
                for one in self.found
                for time_s, value in zip(one.times_s.tolist(), one.values_M.tolist(), strict=True)
            ),
        )

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """The samples, the logits, and by method the values with their times."""
        one = self.first
        arrays: dict[str, NDArray[Any]] = {
            "samples": one.samples_T, "logits": one.logits_K, "words": np.array(one.words),
        }  # fmt: skip
        for each in self.found:
            arrays |= {each.method: each.values_M, f"{each.method}.times_s": each.times_s}
        return arrays


def view(run: RunFolder, options: AttributionOptions, given: Attribution) -> EvidenceView:
    """What was found out, as the options want it.

    Raises:
        RunError: the run has no checkpoint.
    """
    epoch, synthetic = weights.checkpoint(run.path).epoch, run.status().synthetic
    return EvidenceView(run.id, synthetic, options, epoch, given.found, given.cannot)


def _at(one: Evidence, time_s: float) -> float:
    return float(one.values_M[one.place_at(time_s)])


def _bars(one: Evidence, axis: Axis, rows: int, theme: Theme) -> list[Text]:
    """The values as bars from zero, what speaks against the class in another colour."""
    values_X = one.over(axis.columns)
    # A zero beside each value: what spans both is a bar.
    both_T = np.stack([values_X, np.zeros_like(values_X)], axis=1).ravel()
    rate_hz = 2 * axis.columns / axis.seconds
    return strips.wave(both_T, axis, rows, theme, rate_hz=rate_hz, start_s=0.5 / rate_hz,
                       said=[one.name, one.method])  # fmt: skip


def _shared(strips_count: int, room: int) -> tuple[int, int, int]:
    """Lines of waveform, spectrogram and each strip of evidence; the sound goes where it is low."""
    whole = WAVEFORM + SPECTROGRAM + STRIP * strips_count
    each = max(min(STRIP * room // whole, (room - 3) // strips_count), LEAST_STRIP)
    left = room - each * strips_count
    if left < 3:
        each = max(room // strips_count, 1)
        return 0, room - each * strips_count if room - each * strips_count > 1 else 0, each
    above = max(left // 3, 1)
    return above, left - above, each


def _document(one: Evidence) -> dict[str, Any]:
    document: dict[str, Any] = {
        "method": one.method, "name": NAMES[one.method], "what": EXPLAINED[one.method],
        "rate_hz": one.rate_hz, "start_s": one.start_s,
    }  # fmt: skip
    if one.method == "grad-cam":
        document["layer"] = one.layer
    if one.method == "occlusion":
        document |= {"window_ms": one.window_ms, "stride_ms": one.stride_ms}
    if one.total is not None and one.due is not None:
        document |= {"sum": one.total, "due": one.due, "error": one.total - one.due}
    if one.method == "ig":
        document |= {"steps": one.steps}
    if one.method == "cam":
        document |= {"bias": one.offset}
    if one.baseline is not None:
        document |= {"logit_of_silence": one.baseline}
    return {**document, "values": one.values_M.tolist()}
