"""Run folders read into what a report says: tables, runs, the best net, machines and clips."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.errors import LabbenchError
from labbench.evaluation.sounds import sound_of
from labbench.interpret.channels import words as dead_words
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.filters.answer import FilterBank, run_filters
from labbench.interpret.question import kept
from labbench.presets import Library, Preset, resolved, to_toml
from labbench.presets.declare import to_tree
from labbench.runs import History, Predictions, RunFolder, Status
from labbench.runs.flaws import Flaw, flaw
from labbench.runs.history import MOST
from labbench.runs.reader import listing
from labbench.tables.layout import TableLayout
from labbench.tables.progress import Cells
from labbench.tables.view import TableView
from labbench.text import shell_quoted
from labbench.views.findings import warnings
from labbench.views.source import Evaluation, evaluate_predictions

SOUNDS = 6
"""Clips shown as spectrograms: half of them right, half of them wrong."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run of the report."""

    run: RunFolder
    status: Status
    history: History
    machine: str
    """Host, device and versions."""
    clips: str
    """Data set, its fingerprint's beginning, counts."""
    again: str
    """The command that makes the same run."""
    flaw: Flaw | None
    """What is wrong with its training."""
    warnings: tuple[str, ...]
    """What was known to make figures of its clips mislead."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip of the test split and what the best net took it for."""

    name: str
    actual: str
    predicted: str
    probability: float
    samples_T: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Best:
    """The net with the highest test accuracy, looked into."""

    told: RunSummary
    evaluation: Evaluation
    filters: FilterBank | None
    sounds: tuple[Sound, ...]
    missing: tuple[str, ...]
    """Why something is not shown."""
    dead: tuple[str, ...]
    """Sentences on its dead channels, where somebody asked for them before."""
    toml: str


@dataclass(frozen=True, slots=True)
class Work:
    """All that a report says."""

    title: str
    made: float
    runs: tuple[RunSummary, ...]
    tables: tuple[TableView, ...]
    best: Best | None

    @property
    def finished(self) -> tuple[RunSummary, ...]:
        """The runs that have a test figure, the best first."""
        done = [one for one in self.runs if one.status.test_accuracy is not None]
        return tuple(sorted(done, key=lambda one: -(one.status.test_accuracy or 0)))

    @property
    def synthetic(self) -> bool:
        """Whether any figure is of synthetic speech."""
        return any(one.status.synthetic for one in self.runs)


def gather(runs: Sequence[tuple[RunFolder, Status]], title: str) -> Work:
    """Read what a report says of some runs; what is damaged is left out or said to be missing."""
    library = Library(lenient=True)
    told = tuple(_told(run, one, library) for run, one in runs)
    done = [one for one in told if one.run.predictions_path("test").exists()]
    best = max(done, key=_rank, default=None)
    return Work(title, time.time(), told, tuple(_tables(told, library)), _best(best))


def _rank(one: RunSummary) -> tuple[bool, bool, float]:
    """What makes a run the best: sound training and real clips before others, then accuracy."""
    return not one.flaw, not one.status.synthetic, one.status.test_accuracy or 0.0


def _told(run: RunFolder, status: Status, library: Library) -> RunSummary:
    try:
        about = run.about()
    except LabbenchError:
        about = {}
    clips = about.get("clips", {})
    counts = ", ".join(f"{count:,} {split}" for split, count in clips.get("counts", {}).items())
    machine = " · ".join(
        str(part)
        for part in (
            about.get("host"), about.get("device"), about.get("precision"),
            *(f"{name} {about[name]}" for name in ("labbench", "torch", "python") if name in about),
        )
        if part
    )  # fmt: skip
    name = clips.get("name") or status.clips
    mark = f" {clips['fingerprint'][:12]}" if clips.get("fingerprint") else ""
    return RunSummary(
        run, status, run.history(MOST), machine, f"{name}{mark}{f' ({counts})' if counts else ''}",
        again(run, library), flaw(run, status), warnings(about),
    )  # fmt: skip


def again(run: RunFolder, library: Library) -> str:
    """The command that makes the same run: its preset by name and what differs, or its file."""
    by_file = f"labbench run {shell_quoted(str(run.path / 'preset.toml'))}"
    try:
        preset = run.preset()
        base = library.get(preset.name)
    except LabbenchError:
        return by_file
    changes = [
        f"--set {shell_quoted(f'{section}.{key}={_typed(value)}')}"
        for section, part in _sections(preset).items()
        for key, value in part.items()
        if value != _sections(base).get(section, {}).get(key)
    ]
    return " ".join(["labbench run", shell_quoted(preset.name), *changes])


def _sections(preset: Preset) -> dict[str, dict[str, object]]:
    tree = to_tree(resolved(preset))
    return {
        key: part for key, part in tree.items() if isinstance(part, dict) and key != "published"
    }


def _typed(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tables(told: Sequence[RunSummary], library: Library) -> Iterator[TableView]:
    """The tables of which some cell has a run of the report."""
    ours = {one.run.id for one in told}
    cells = Cells(listing()[0])
    for table in library.tables():
        progress = cells.progress(TableLayout.of(library, table.name))
        if any(one.run.id in ours for cell in progress for one in cell.runs):
            yield TableView.of(progress)


def _best(told: RunSummary | None) -> Best | None:
    if told is None:
        return None
    run = told.run
    missing: list[str] = []
    try:
        predictions = run.predictions("test")
        evaluation = evaluate_predictions(run, told.status, predictions)
        toml = to_toml(run.preset())
    except LabbenchError:
        return None
    try:
        bank = run_filters(run).bank
    except LabbenchError as error:
        bank = None
        missing.append(f"Filters: {error}")
    try:
        sounds = tuple(_sounds(run, predictions))
    except LabbenchError as error:
        sounds = ()
        missing.append(f"Clips: {error}")
    return Best(told, evaluation, bank, sounds, tuple(missing), _dead(run), toml)


def _sounds(run: RunFolder, found: Predictions) -> Iterator[Sound]:
    """Clips that the net is surest of, of different words: right ones, then wrong ones."""
    odds, predicted = found.probabilities, found.predicted
    sure = np.nan_to_num(odds[np.arange(len(predicted)), predicted])
    for right in (True, False):
        seen: set[int] = set()
        for index in np.argsort(-sure, kind="stable"):
            word = int(found.actual[index])
            if (predicted[index] == word) is not np.bool_(right) or word in seen:
                continue
            if len(seen) == SOUNDS // 2:
                break
            seen.add(word)
            yield Sound(
                found.names[index], found.words[word], found.words[predicted[index]],
                float(sure[index]),
                sound_of(run, int(found.clips[index]), found.names[index]),
            )  # fmt: skip


def _dead(run: RunFolder) -> tuple[str, ...]:
    """What is kept of the question about dead channels; nothing is computed."""
    try:
        dead = kept(run, dead_question(run))
    except LabbenchError:
        return ()
    if dead is None:
        return ()
    return (dead_words.whole(dead), *(dead_words.sentence(layer) for layer in dead.layers))
