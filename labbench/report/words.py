"""What a report says in words and rows, for HTML and Markdown alike."""

from __future__ import annotations

import time
from collections import Counter

from labbench import units
from labbench.evaluation.compare import compare, difference_to_published
from labbench.report.gather import Best, RunSummary, Work

RUN_HEADER = ("run", "state", "clips", "epochs", "test accuracy", "published", "difference",
              "parameters", "time")  # fmt: skip

CLASS_HEADER = ("word", "precision", "recall", "F1", "clips")


def summary(work: Work) -> list[str]:
    """The report in a few sentences."""
    states = Counter(one.status.state for one in work.runs)
    counted = ", ".join(f"{count} {state}" for state, count in states.most_common())
    spent = sum(one.status.elapsed_s for one in work.runs)
    said = [
        f"{units.plural(len(work.runs), 'run')} ({counted}), "
        f"{units.duration(spent)} of training in all."
    ]
    if work.best is not None:
        said.append(best_words(work.best))
    elif work.runs:
        said.append("No run has a test figure yet.")
    if work.synthetic:
        said.append(
            "Figures marked synthetic are of SYNTHETIC speech: they say nothing of real voices."
        )
    said += dict.fromkeys(
        f"Results on data set {one.status.clips} may mislead: {told}."
        for one in work.runs for told in one.warnings
    )  # fmt: skip
    return said


def best_words(best: Best) -> str:
    """The best run beside the published figure."""
    report, status = best.evaluation.report, best.told.status
    said = f"Best: {best.told.run.id}, {units.accuracy(report.accuracy)} on {report.clips:,} clips"
    if status.published is None:
        return said + "."
    said += f"; published {units.accuracy(status.published)}"
    beside = compare(report.accuracy, status.published, report.clips, synthetic=status.synthetic)
    return f"{said}: {beside.in_words()}." if beside else said + "."


def run_row(one: RunSummary) -> tuple[str, ...]:
    """A run's figures under `RUN_HEADER`."""
    status = one.status
    ours, published = status.test_accuracy, status.published
    apart = difference_to_published(ours, published, synthetic=status.synthetic)
    state = f"{status.state}{' (trained wrongly)' if one.flaw else ''}"
    clips = f"{status.clips}{' (synthetic)' if status.synthetic else ''}"
    return (
        one.run.id, state, clips or units.MISSING, f"{status.epoch}/{status.epochs}",
        units.accuracy(ours), units.accuracy(published), units.difference(apart),
        units.whole(status.parameters or None), units.duration(status.elapsed_s or None),
    )  # fmt: skip


def class_rows(best: Best) -> list[tuple[str, ...]]:
    """The best net's figures by word under `CLASS_HEADER`, the averages last."""
    report = best.evaluation.report
    rows = [
        (word, *(f"{float(figure[index]):.4f}" for figure in
                 (report.precision, report.recall, report.f1)),
         f"{int(report.support[index]):,}")
        for index, word in enumerate(report.words)
    ]  # fmt: skip
    for name, one in (("macro", report.macro), ("weighted", report.weighted)):
        figures = (f"{value:.4f}" for value in (one.precision, one.recall, one.f1))
        rows.append((name, *figures, f"{report.clips:,}"))
    return rows


def confused(best: Best) -> list[str]:
    """The pairs confused most, in words."""
    return [pair.in_words() for pair in best.evaluation.report.confusions(5)]


def machines(work: Work) -> list[str]:
    """Machines and versions, and how many runs each had."""
    return _counted(one.machine for one in work.runs)


def data_sets(work: Work) -> list[str]:
    """Data sets, and how many runs each had."""
    return _counted(one.clips for one in work.runs if one.machine)


def _counted(texts: object) -> list[str]:
    found = Counter(text for text in texts if text)  # type: ignore[attr-defined]
    return [f"{text} — {units.plural(count, 'run')}" for text, count in found.most_common()]


def made(work: Work) -> str:
    """When the report was made."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(work.made))
