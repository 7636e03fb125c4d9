"""Other classifiers on a net's features, beside the net's own head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from labbench.evaluation.paired import p_in_words
from labbench.interpret.features.answer import in_words, much
from labbench.interpret.picture import AnalysisView
from labbench.interpret.probes.answer import SHORT, TITLES, Probe, Probes, standard_error
from labbench.interpret.probes.options import Classifier, ProbesOptions
from labbench.runs import RunFolder

OWN = "the net's own head"

BAR = 20
"""Cells of the bar of an accuracy."""

FIELDS = (
    "classifier", "accuracy", "standard_error", "difference", "difference_error", "wins", "loses",
    "p", "setting", "validation_accuracy", "converged", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeaturesView(AnalysisView[ProbesOptions]):
    """What classifiers make of a layer's features."""

    found: Probes
    doing: Classifier | None = None
    """The classifier that is under way."""

    def with_probe(self, probe: Probe) -> FeaturesView:
        """The view with another classifier done, and none under way."""
        probes = {**self.found.probes, probe.classifier: probe}
        return replace(self, found=replace(self.found, probes=probes), doing=None)

    @property
    def missing(self) -> list[Classifier]:
        """Classifiers that were not fitted yet."""
        return [one for one in self.found.classifiers if one not in self.found.probes]

    def heading(self, theme: Theme, place: str = "") -> Text:
        most = self.options.limit
        clips = f"at most {most:,} clips of a split" if most else "all clips that fit"
        return Text.assemble((self._layer(), "bold"), (f"  {clips}", theme.muted))

    def head(self, theme: Theme) -> list[Text]:
        return [Text.assemble((self.run_id, "bold"), f"  {self._layer()}", self.warning(theme))]

    def _layer(self) -> str:
        return in_words(self.found.layer, self.found.pool)

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        said = self.clips()
        parts: list[RenderableType] = [Text(said, style=theme.muted), Text()] if said else []
        parts.append(fitted(self._columns(theme), width, theme))
        notes = [Text(note, style=style) for note, style in self._notes(theme)]
        return Group(*parts, Text(), *notes)

    def clips(self) -> str:
        """How many features and clips there are."""
        if self.found.features:
            one = self.found.features[0]
            size, given = one.size, one.features_ND.shape[1]
            clips = ", ".join(
                much(len(part.rows_N), part.total, part.split) for part in self.found.features
            )
        elif probe := self._any:
            size, given = probe.counts.size, probe.counts.features
            clips = ", ".join(
                much(count, total, split)
                for count, total, split in (
                    (probe.counts.train_clips, probe.counts.train_total, "train"),
                    (probe.counts.validation_clips, probe.counts.validation_total, "validation"),
                    (len(probe.labels_N), probe.counts.test_total, "test"),
                )
            )
        else:
            return ""
        projected = f", projected at random onto {given:,}" if given != size else ""
        return f"{units.plural(size, 'feature')}{projected}; clips: {clips}"

    @property
    def _any(self) -> Probe | None:
        return next(iter(self.found.probes.values()), None)

    def _notes(self, theme: Theme) -> list[tuple[str, str]]:
        notes = []
        if any(probe.chosen.converged is False for probe in self.found.probes.values()):
            said = "✖ The solver was stopped before its end: a longer fit may do better."
            notes.append((said, theme.warn))
        if self.found.probes:
            said = (
                "Fitted on the scaled features of the train clips, the setting chosen on "
                "validation, judged on test. ± is one standard error; p (McNemar) tells it from "
                "the own head on the same clips, which the run trained on all train clips."
            )
            notes.append((said, theme.muted))
        return notes

    def _columns(self, theme: Theme) -> list[Column]:
        rows = [self._own(theme), *(self._row(one, theme) for one in self.found.classifiers)]
        short = [
            Text("own head", style="bold"),
            *(Text(SHORT[one]) for one in self.found.classifiers),
        ]
        signs = [Text(row[9].plain[:1], style=row[9].style) for row in rows]
        heads: list[tuple[str, int, bool]] = [
            ("classifier", 0, False), ("test", 0, True), ("±", 0, False), ("", 7, False),
            ("Δ own head", 0, False), ("±", 3, False), ("p", 4, True), ("chosen", 1, False),
            ("validation", 6, True), ("solver ended", 2, False), ("fits", 5, True),
        ]  # fmt: skip
        return [
            Column(
                title, [row[index] for row in rows], rank=rank, right=right,
                short={0: short, 9: signs}.get(index),
                short_title={0: "", 9: ""}.get(index),
                least=16 if title == "chosen" else None,
            )
            for index, (title, rank, right) in enumerate(heads)
        ]  # fmt: skip

    def _own(self, theme: Theme) -> list[Text]:
        probe = self._any
        cells = [Text(OWN, style="bold")]
        if probe:
            share, error = probe.own_accuracy, probe.own_standard_error
        elif test := next((one for one in self.found.features if one.split == "test"), None):
            share = float((test.logits_NK.argmax(axis=1) == test.labels_N).mean())
            error = standard_error(share, len(test.labels_N))
        else:
            return [*cells, Text(units.MISSING), *[Text()] * 9]
        return [
            *cells, Text(units.accuracy(share), style="bold"), _error(error, theme),
            Text(glyphs.bar(share, BAR), style=theme.validation), *[Text()] * 7,
        ]  # fmt: skip

    def _row(self, classifier: Classifier, theme: Theme) -> list[Text]:
        title, probe = Text(TITLES[classifier]), self.found.probes.get(classifier)
        if probe is None:
            waiting = Text("◌ under way" if self.doing == classifier else "", style=theme.accent)
            return [title, Text(units.MISSING, style=theme.muted), *[Text()] * 5, waiting,
                    *[Text()] * 3]  # fmt: skip
        beside, chosen = probe.beside_own, probe.chosen
        return [
            title,
            Text(units.accuracy(probe.accuracy)),
            _error(probe.standard_error, theme),
            Text(glyphs.bar(probe.accuracy, BAR), style=theme.train),
            glyphs.difference(beside.difference, theme),
            _error(beside.standard_error, theme),
            Text(p_in_words(beside.p)),
            Text(chosen.setting),
            Text(units.accuracy(chosen.accuracy)),
            _converged(chosen.converged, theme),
            Text(units.duration(probe.seconds)),
        ]

    def as_json(self) -> dict[str, Any]:
        """Layer, pooling, clips, and a figure for every classifier that is done."""
        probe = self._any
        own = None
        if probe:
            own = {"accuracy": probe.own_accuracy, "standard_error": probe.own_standard_error}
        return {
            "run": self.run_id,
            "layer": self.found.layer,
            "pool": self.found.pool or None,
            "clips": {one.split: {"used": len(one.rows_N), "of": one.total}
                      for one in self.found.features},
            "features": self.found.features[0].size if self.found.features else None,
            "own_head": own,
            "classifiers": [
                {**dict(zip(FIELDS, self._figures(one), strict=True)), "tried": _tried(one)}
                for one in self._done
            ],
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a classifier that is done."""
        return csv_text(FIELDS, [self._figures(one) for one in self._done])

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Features, classes, rows and logits of each split; what each classifier says of test."""
        arrays: dict[str, NDArray[Any]] = {}
        for one in self.found.features:
            arrays[f"features_{one.split}"] = one.features_ND
            arrays[f"labels_{one.split}"] = one.labels_N
            arrays[f"rows_{one.split}"] = one.rows_N
            arrays[f"logits_{one.split}"] = one.logits_NK
            arrays["words"] = np.array(one.words)
        for probe in self._done:
            arrays[f"predicted_{probe.classifier}"] = probe.predicted_N
        return arrays

    @property
    def _done(self) -> list[Probe]:
        return [
            self.found.probes[one] for one in self.found.classifiers if one in self.found.probes
        ]

    def _figures(self, probe: Probe) -> Sequence[Any]:
        beside, chosen = probe.beside_own, probe.chosen
        return [
            probe.classifier, probe.accuracy, probe.standard_error, beside.difference,
            beside.standard_error, beside.won, beside.lost, beside.p, chosen.setting,
            chosen.accuracy, chosen.converged, probe.seconds,
        ]  # fmt: skip


def view(run: RunFolder, options: ProbesOptions, found: Probes) -> FeaturesView:
    """What was found out, as the options want it."""
    return FeaturesView(run.id, run.status().synthetic, options, found)


def _tried(probe: Probe) -> list[dict[str, Any]]:
    return [
        {"setting": one.setting, "validation_accuracy": one.accuracy, "converged": one.converged,
         "seconds": one.seconds}
        for one in probe.tried
    ]  # fmt: skip


def _error(value: float, theme: Theme) -> Text:
    return Text(f"±{value:.4f}".replace("0.", "."), style=theme.muted)


def _converged(value: bool | None, theme: Theme) -> Text:
    if value is None:
        return Text("–", style=theme.muted)
    return Text("✔ yes", style=theme.good) if value else Text("✖ no", style=theme.warn)
