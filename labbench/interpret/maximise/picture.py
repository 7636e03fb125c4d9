"""A sound that a class or a channel answers to most strongly, beside the best real clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Table, Text
from labbench.draw.plot import THICK, THIN, Axes, Series, chart
from labbench.interpret.features.answer import much
from labbench.interpret.maximise.answer import Climbed, Maximised
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.picture import AnalysisView
from labbench.runs import RunFolder
from labbench.units import SAMPLE_RATE_HZ
from labbench.views.clips import ClipView

HEIGHT = 35
"""Lines where none are asked for."""

BESIDE = 110
"""From so many cells on, spectrum and way stand beside the sound."""

LEAST_CHART = 6
"""Lines of a chart with its title."""

BANDS = 160
"""Of the spectrum: each the mean power of 50 Hz."""

FLOOR_DB = -60.0


@dataclass(frozen=True, slots=True)
class MaximiseView(AnalysisView[MaximiseOptions]):
    """What was found from one seed, or that nothing was asked for yet."""

    climbed: Climbed

    @property
    def target(self) -> str:
        """A word, or layer:channel."""
        return self.climbed.target

    @property
    def found(self) -> Maximised | None:
        """What was found; None: nothing was asked for yet."""
        return self.climbed.found

    @property
    def shown(self) -> int:
        """The seed that is shown."""
        assert self.found is not None
        best = self.found.best if self.options.seed is None else self.options.seed
        return best % len(self.found.reached_S)

    @property
    def samples(self) -> NDArray[np.float32]:
        """(T,) amplitudes of the sound that is shown."""
        assert self.found is not None
        samples_T: NDArray[np.float32] = self.found.samples_ST[self.shown]
        return samples_T

    def heading(self, theme: Theme, place: str = "") -> Text:
        said = f"  {self.options.seeds} seeds, {self.options.steps} steps"
        return Text.assemble((self.target, "bold"), (said, theme.muted))

    def head(self, theme: Theme) -> list[Text]:
        return [Text.assemble((self.run_id, "bold"), f"  {self.target}", self.warning(theme))]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        if self.found is None:
            return self._nothing(theme)
        lines = self._told(self.found, theme)
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        room = max((height or HEIGHT) - len(lines), 12)
        return Group(*lines, self._pictures(width, room, theme))

    def _nothing(self, theme: Theme) -> Text:
        """What this would be, and what there is instead."""
        head = f"No sound was looked for yet that {self.target} likes best"
        text = Text.assemble((head, "bold"), "\n\n")
        text.append(
            "From noise, gradient ascent climbs to a second of sound that it answers to most; "
            "beside it stands the real clip that it answers to most.",
            style=theme.muted,
        )
        if self.climbed.others:
            text.append("\n\n").append(f"already found: {', '.join(self.climbed.others)}")
        return text

    def _told(self, found: Maximised, theme: Theme) -> list[Text]:
        """What was reached, what a real clip reaches, what the net says of it."""
        reached = float(found.reached_S[self.shown])
        line = Text.assemble("reached ", (f"{reached:.4g}", "bold"))
        line.append(f"  best real clip {found.real_score:.4g}")
        if found.real_score > 0 and reached > 0:
            line.append(f", {reached / found.real_score:.3g} times that", theme.muted)
        clips = much(found.real_clips, found.total, "test clips")
        line.append(f"  {found.real_name} ({clips})", theme.muted)
        word, probability = found.taken_for(self.shown)
        second = Text(f"taken for {word} {probability:.4f}")
        others = ", ".join(f"{value:.4g}" for value in found.reached_S)
        second.append(f"  seed {self.shown} of {len(found.reached_S)}: {others}", theme.muted)
        return [line, second]

    def _pictures(self, width: int, height: int, theme: Theme) -> RenderableType:
        sound = ClipView.of(self.target, self.samples)
        if width >= BESIDE:
            left, right = width * 3 // 5 - 1, width - width * 3 // 5 - 1
            grid = Table.grid(padding=(0, 2, 0, 0))
            grid.add_row(
                sound.render(left, height, theme=theme),
                Group(
                    *self._spectrum(right, height - height // 2, theme),
                    *self._way(right, height // 2, theme),
                ),
            )
            return grid
        below = max(height * 2 // 5, LEAST_CHART)
        return Group(
            sound.render(width, height - below, theme=theme), *self._spectrum(width, below, theme)
        )

    def _spectrum(self, width: int, height: int, theme: Theme) -> list[RenderableType]:
        assert self.found is not None
        title = Text.assemble(("spectrum, dB by kHz", "bold"), "  ")
        title.append("▀ found", theme.validation).append("  ⠒ best real clip", theme.train)
        khz, found_db = spectrum_db(self.samples)
        _, real_db = spectrum_db(self.found.real_T)
        title.truncate(width, overflow="ellipsis")
        lines = [Series(khz, real_db, theme.train, THIN), Series(khz, found_db, theme.validation,
                                                                 THICK)]  # fmt: skip
        axes = Axes((0.0, SAMPLE_RATE_HZ / 2000), (FLOOR_DB, 0.0))
        return [title, chart(lines, axes, width, height - 1, theme)]

    def _way(self, width: int, height: int, theme: Theme) -> list[RenderableType]:
        assert self.found is not None
        title = Text.assemble(("score by step", "bold"), "  ")
        title.append("╌ best real clip", theme.published)
        scores = self.found.scores_SN.astype(np.float64)
        steps = np.arange(1, scores.shape[1] + 1, dtype=np.float64)
        lines = [Series(steps, one, theme.train, THIN) for one in scores]
        lines.append(Series(steps, scores[self.shown], theme.validation, THICK))
        # A single step has no width.
        end = max(float(steps[-1]), 2.0)
        axes = Axes((1.0, end), level=self.found.real_score)
        return [title, chart(lines, axes, width, height - 1, theme)]

    def as_json(self) -> dict[str, Any]:
        """Scores, and for each seed what the net says of its sound."""
        found = self.found
        if found is None:
            return {"run": self.run_id, "target": self.target, "seeds": []}
        return {
            "run": self.run_id,
            "target": found.target,
            "best_seed": found.best,
            "real": {"name": found.real_name, "score": found.real_score,
                     "test_clips": {"used": found.real_clips, "of": found.total}},
            "seeds": [
                {"seed": seed, "reached": float(found.reached_S[seed]),
                 "taken_for": found.taken_for(seed)[0],
                 "probability": found.taken_for(seed)[1],
                 "scores": found.scores_SN[seed].tolist()}
                for seed in range(len(found.reached_S))
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a sample: seconds, the real clip, and each seed's sound."""
        found = self.found
        if found is None:
            return csv_text(["seconds", "real"], [])
        seeds = [f"seed{seed}" for seed in range(len(found.samples_ST))]
        times = np.arange(found.samples_ST.shape[1]) / SAMPLE_RATE_HZ
        columns = np.stack([times, found.real_T, *found.samples_ST], axis=1)
        return csv_text(["seconds", "real", *seeds], columns.tolist())

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Sounds, scores on the way and at the end, logits, the real clip."""
        found = self.found
        if found is None:
            return {}
        return {
            "samples": found.samples_ST, "scores": found.scores_SN, "reached": found.reached_S,
            "logits": found.logits_SK, "real": found.real_T, "words": np.array(found.words),
        }  # fmt: skip


def view(run: RunFolder, options: MaximiseOptions, climbed: Climbed) -> MaximiseView:
    """What was found out, as the options want it."""
    return MaximiseView(run.id, run.status().synthetic, options, climbed)


def spectrum_db(samples_T: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Middles of bands in kHz, and their mean power in dB under that of the strongest band."""
    power_F = np.square(np.abs(np.fft.rfft(samples_T.astype(np.float64))))[1:]
    bands = np.array_split(power_F, BANDS)
    means = np.array([band.mean() for band in bands])
    top = means.max()
    levels = np.full(BANDS, FLOOR_DB)
    if top > 0:
        levels = 10 * np.log10(np.maximum(means / top, 10 ** (FLOOR_DB / 10)))
    return (np.arange(BANDS) + 0.5) * SAMPLE_RATE_HZ / 2000 / BANDS, levels
