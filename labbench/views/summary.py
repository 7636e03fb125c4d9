"""What a run is, how it stands, and how well it did beside the published figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from rich.console import Group, RenderableType

from labbench import units
from labbench.architecture import Model
from labbench.draw import glyphs
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.errors import RunError
from labbench.evaluation import Comparison, compare
from labbench.presets import SECTIONS, Preset, resolved, to_tree
from labbench.runs import RunFolder, Status
from labbench.runs.events import Epoch
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.log import last_epoch
from labbench.runs.status import LIVE
from labbench.views.classes import report_json
from labbench.views.findings import warnings
from labbench.views.source import Evaluation, evaluation_of

SYNTHETIC_SPEECH = "SYNTHETIC speech, made by a synthesiser: no real voices"
"""Said wherever results on synthetic clips are shown."""

TOP_CONFUSIONS = 5


@dataclass(frozen=True, slots=True)
class SummaryView:
    """One run at a glance."""

    run: RunFolder
    preset: Preset
    status: Status
    about: dict[str, Any]
    """run.json, {} before the start."""
    last_epoch: Epoch | None
    """The last complete one."""
    evaluation: Evaluation | None
    """Results on the newest split there is."""

    @classmethod
    def of(cls, run: RunFolder, split: str | None = None) -> SummaryView:
        """The summary of a run folder.

        Raises:
            RunError, PresetError: the folder is damaged, or `split` has no results.
        """
        try:
            results = evaluation_of(run, split)
        except RunError:
            if split or any(run.predictions_path(one).exists() for one in ("test", "validation")):
                raise
            results = None
        return cls.known(run, run.status(), results)

    @classmethod
    def known(cls, run: RunFolder, status: Status, results: Evaluation | None) -> SummaryView:
        """The summary of a run whose status and results were read. It reads no more of the log
        than its end.

        Raises:
            RunError, PresetError: the folder is damaged.
        """
        epoch = last_epoch(run.events_path)
        return cls(run, run.preset(), status, run.about(), epoch, results)

    @property
    def flaw(self) -> Flaw | None:
        """What is wrong with its training."""
        return flaw(self.run, self.status)

    @property
    def comparison(self) -> Comparison | None:
        """The accuracy on the shown split beside the published one."""
        if self.evaluation is None:
            return None
        report = self.evaluation.report
        return compare(
            report.accuracy, self.status.published, report.clips, synthetic=self.status.synthetic
        )

    @property
    def changed(self) -> list[tuple[str, Any]]:
        """`section.key` and value of everything that differs from the defaults."""
        # Sizes a family leaves open are its own defaults, so it is compared with itself.
        plain = resolved(Preset(model=Model(family=self.preset.model.family)))
        default, own = to_tree(plain), to_tree(resolved(self.preset))
        found = [
            (f"{section}.{key}", value)
            for section in SECTIONS
            for key, value in own[section].items()
            if value != default[section].get(key)
        ]
        family = self.preset.model.family
        return found if family == Model().family else [("model.family", family), *found]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        head = Text.assemble((self.run.id, "bold"), "  ", glyphs.state(self.status.state, theme))
        parts: list[RenderableType] = [head]
        if self.preset.about:
            parts.append(Text(self.preset.about, style=theme.muted))
        if self.status.synthetic:
            parts.append(Text(SYNTHETIC_SPEECH, style=f"bold {theme.warn}"))
        if self.flaw:
            parts.append(Text(f"This run was {self.flaw}", style=f"bold {theme.warn}"))
        parts += [Text(), self._figures(theme), Text(), self._facts(theme)]
        if self.evaluation and (top := self.evaluation.report.confusions(TOP_CONFUSIONS)):
            said = f"most confused ({self.evaluation.caption})"
            parts.append(Text("\n").append(said, style=theme.muted))
            parts += [Text(f"  {pair.in_words()}") for pair in top]
        if self.evaluation:
            parts += [Text(note, style=theme.warn) for note in self.evaluation.report.notes]
        return Group(*parts)

    def _figures(self, theme: Theme) -> Table:
        """State, accuracies, published figure."""
        grid = _grid(theme)
        status = self.status
        if (message := " ".join(filter(None, [status.message, status.hint]))) and (
            status.state != "finished"
        ):
            failed_run = status.state in ("failed", "lost")
            grid.add_row(status.state, Text(message, style=theme.bad if failed_run else ""))
        grid.add_row("epochs", self._epochs())
        if status.best_val_accuracy is not None:
            best = f"{units.accuracy(status.best_val_accuracy)}  at epoch {status.best_epoch}"
            grid.add_row("best validation", best)
        if self.evaluation:
            clips = units.plural(self.evaluation.report.clips, "clip")
            accuracy = (units.accuracy(self.evaluation.report.accuracy), "bold")
            about = f"  {self.evaluation.caption}, {clips}"
            grid.add_row(f"{self.evaluation.split} accuracy", Text.assemble(accuracy, about))
        elif status.state in (*LIVE, "queued"):
            grid.add_row("accuracy", "none yet: the first comes with the first complete epoch")
        for told in warnings(self.about):
            grid.add_row("its clips", Text(f"▲ {told}", style=theme.warn))
        grid.add_row("published", self._published(theme))
        return grid

    def _published(self, theme: Theme) -> Text:
        if self.status.published is None:
            return Text("the report has no figure for these settings", style=theme.muted)
        text = Text(units.accuracy(self.status.published))
        if comparison := self.comparison:
            text.append("  ")
            text.append_text(glyphs.difference(comparison.difference, theme))
            text.append(f"  {comparison.in_words()}")
            if self.evaluation and self.evaluation.split == "validation":
                text.append("; on validation clips", style=theme.muted)
        return text

    def _epochs(self) -> str:
        status = self.status
        text = f"{status.epoch} of {status.epochs}" if status.epochs else f"{status.epoch}"
        if status.state == "finished" and status.epoch < status.epochs:
            text += ", ended early: no more gain on validation"
        if status.state in LIVE and status.left_s is not None:
            text += f", about {units.duration(status.left_s)} left"
        return text

    def _facts(self, theme: Theme) -> Table:
        """What the run is made of and ran on."""
        grid = _grid(theme)
        for name, value in self._fact_rows():
            if value:
                grid.add_row(name, value)
        return grid

    def _fact_rows(self) -> list[tuple[str, str]]:
        changed = ", ".join(f"{key} {glyphs.setting(value)}" for key, value in self.changed)
        return [
            ("preset", self.status.preset),
            ("not default", changed or "nothing: all defaults"),
            ("parameters", units.whole(self.status.parameters) if self.status.parameters else ""),
            ("clips", self._clips()),
            ("time", self._time()),
            ("device", self._device()),
            ("host", self._host()),
            ("folder", str(self.run.path)),
        ]

    def _clips(self) -> str:
        clips = self.about.get("clips", {})
        counts = ", ".join(f"{split} {n:,}" for split, n in clips.get("counts", {}).items())
        name = self.status.clips or f"{self.preset.data.name} (not opened yet)"
        return f"{name}{' (synthetic speech)' if self.status.synthetic else ''}" + (
            f": {counts}" if counts else ""
        )

    @property
    def clips_per_s(self) -> float | None:
        """Training throughput of the last epoch."""
        return self.last_epoch.clips_per_s if self.last_epoch else None

    def _time(self) -> str:
        if not self.status.elapsed_s:
            return ""
        rate = f", {self.clips_per_s:,.0f} clips/s" if self.clips_per_s else ""
        return f"{units.duration(self.status.elapsed_s)} of training{rate}"

    def _device(self) -> str:
        if not (device := self.status.device or self.about.get("device", "")):
            return ""
        precision = self.about.get("precision", "")
        threads = self.about.get("threads")
        parts = [device, precision, units.plural(threads, "thread") if threads else ""]
        return ", ".join([*filter(None, parts), f"seed {self.preset.training.seed}"])

    def _host(self) -> str:
        keys = ("labbench", "torch", "python", "numpy")
        versions = [f"{key} {self.about[key]}" for key in keys if key in self.about]
        return ", ".join([*filter(None, [self.about.get("host", "")]), *versions])

    def as_json(self) -> dict[str, Any]:
        """The run, its status, what differs from the defaults, and its results (or null)."""
        comparison = self.comparison
        return {
            "run": self.run.id,
            "path": str(self.run.path),
            "status": msgspec.to_builtins(self.status),
            "preset": to_tree(self.preset),
            "not_default": dict(self.changed),
            "about": self.about,
            "flaw": str(self.flaw or ""),
            "parameters": self.status.parameters,
            "clips_per_s": self.clips_per_s,
            "published_accuracy": self.status.published,
            "difference": comparison.difference if comparison else None,
            "standard_error": comparison.standard_error if comparison else None,
            "within_standard_error": comparison.within if comparison else None,
            "results": results_json(self.evaluation) if self.evaluation else None,
        }

    def as_csv(self) -> str:
        """One row: state, epochs, accuracies, published figure, parameters, time."""
        status, comparison = self.status, self.comparison
        row = {
            "run": self.run.id,
            "preset": status.preset,
            "state": status.state,
            "clips": status.clips,
            "synthetic": status.synthetic,
            "epoch": status.epoch,
            "epochs": status.epochs,
            "best_epoch": status.best_epoch,
            "best_val_accuracy": status.best_val_accuracy,
            "split": self.evaluation.split if self.evaluation else None,
            "accuracy": self.evaluation.report.accuracy if self.evaluation else None,
            "published_accuracy": status.published,
            "difference": comparison.difference if comparison else None,
            "standard_error": comparison.standard_error if comparison else None,
            "parameters": status.parameters,
            "elapsed_s": status.elapsed_s,
            "clips_per_s": self.clips_per_s,
            "device": status.device,
        }
        return csv_text(list(row), [list(row.values())])


def results_json(results: Evaluation) -> dict[str, Any]:
    """One split's results, whole: figures by class, averages, confusion matrix."""
    return {
        "split": results.split,
        "epoch": results.epoch,
        "caption": results.caption,
        "synthetic": results.synthetic,
        **report_json(results.report),
    }


def _grid(theme: Theme) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=theme.muted, no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
