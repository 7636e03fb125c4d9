"""A report as Markdown, and as one self-contained HTML page: no scripts, no outside resources."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from labbench import units
from labbench.draw.markup import html_text, markdown_text
from labbench.evaluation.compare import compare, difference_to_published
from labbench.report import figures
from labbench.report.gather import Best, RunSummary, Work
from labbench.tables import forms as tableforms
from labbench.text import shown

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


CSS = Path(__file__).with_name("report.css")


def html(work: Work) -> str:
    """The whole page."""
    parts = [f"<h1>{html_text(work.title)}</h1>", f'<p class="soft">{made(work)}</p>']
    for sentence in summary(work):
        warns = ' class="warn"' if "SYNTHETIC" in sentence else ""
        parts.append(f"<p{warns}>{html_text(sentence)}</p>")
    if work.tables:
        parts.append("<h2>Tables</h2>")
        parts += [f'<div class="wide">{tableforms.fragment(one)}</div>' for one in work.tables]
    parts += ["<h2>Runs</h2>", _table(RUN_HEADER, [run_row(one) for one in work.runs])]
    if any(one.history.epochs for one in work.finished):
        caption = "Validation accuracy of the runs with the best test figures."
        parts.append(_figure(figures.accuracies(work.finished), caption))
    if work.best is not None:
        parts += _best(work.best)
    parts += ["<h2>Machines and data</h2>", _list(machines(work))]
    parts += [_list(data_sets(work)), "<h2>Again</h2>"]
    commands = "\n".join(html_text(f"{one.again}    # {one.run.id}") for one in work.runs)
    parts.append(f"<pre>{commands}</pre>")
    return _document(work.title, parts)


def _document(title: str, parts: Sequence[str]) -> str:
    css = CSS.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{html_text(title)}</title><style>{css}</style></head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _best(best: Best) -> list[str]:
    run, report = best.told.run, best.evaluation.report
    parts = [f"<h2>Best model: {html_text(run.id)}</h2>"]
    if best.told.history.epochs:
        caption = "Course of the run; dotted: the epoch whose weights were kept."
        parts.append(_figure(figures.course(best.told), caption))
    caption = (
        f"Confusion matrix: {best.evaluation.caption}. Colour is the share of the actual word."
    )
    parts.append(_figure(figures.confusion(report), caption))
    if pairs := confused(best):
        parts += ["<p>Confused most:</p>", _list(pairs)]
    parts.append(_table(CLASS_HEADER, class_rows(best)))
    parts += [f'<p class="warn">{html_text(note)}</p>' for note in report.notes]
    parts += _inside(best)
    toml = "\n".join(map(html_text, best.toml.split("\n")))
    parts.append(f"<details><summary>The whole preset</summary><pre>{toml}</pre></details>")
    return parts


def _inside(best: Best) -> list[str]:
    """Filters, dead channels and sounds, and why some of it is missing."""
    parts = []
    if best.filters is not None:
        bank = best.filters
        caption = (
            f"{bank.layer}: {bank.channels} filters of {bank.taps} taps at {bank.rate_hz:,.0f} Hz."
        )
        parts += ["<h3>First layer</h3>", _figure(figures.filters(bank), caption)]
    parts += [f"<p>{html_text(sentence)}</p>" for sentence in best.dead]
    if best.sounds:
        caption = "Test clips: actual word, predicted word and its probability."
        parts += ["<h3>Sounds</h3>", _figure(figures.spectrograms(best.sounds), caption)]
    return parts + [f'<p class="soft">{html_text(why)}</p>' for why in best.missing]


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{html_text(caption)}</figcaption></figure>"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{html_text(line)}</li>' for line in lines)}</ul>" if lines else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html_text(name)}</th>" for name in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{html_text(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def markdown(work: Work) -> str:
    """The report; its figures are in the .html form."""
    parts = [
        f"# {markdown_text(work.title)}",
        made(work),
        *map(markdown_text, summary(work)),
    ]
    for table in work.tables:
        parts += [
            f"## {markdown_text(table.progress.layout.name)}",
            tableforms.markdown(table).strip(),
        ]
    parts += [
        "## Runs",
        _markdown_table(RUN_HEADER, [run_row(one) for one in work.runs]),
    ]
    if work.best is not None:
        parts += _best_in_markdown(work.best)
    parts += [
        "## Machines and data",
        _markdown_list(machines(work)),
        _markdown_list(data_sets(work)),
    ]
    commands = "\n".join(shown(f"    {one.again}    # {one.run.id}") for one in work.runs)
    parts += ["## Again", commands]
    return "\n\n".join(part for part in parts if part) + "\n"


def _best_in_markdown(best: Best) -> list[str]:
    parts = [f"## Best model: {markdown_text(best.told.run.id)}"]
    parts += [_markdown_table(CLASS_HEADER, class_rows(best))]
    if pairs := confused(best):
        parts += ["Confused most:", _markdown_list(pairs)]
    return [*parts, *map(markdown_text, best.dead)]


def _markdown_list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {markdown_text(line)}" for line in lines)


def _markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = ([markdown_text(cell) for cell in line] for line in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))
