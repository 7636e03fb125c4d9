"""A report as Markdown, and as one self-contained HTML page: no scripts, no outside resources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labbench.draw.markup import html_text, markdown_text
from labbench.report import figures, words
from labbench.report.gather import Best, Work
from labbench.tables import forms as tableforms
from labbench.text import shown

CSS = Path(__file__).with_name("report.css")


def html(work: Work) -> str:
    """The whole page."""
    parts = [f"<h1>{html_text(work.title)}</h1>", f'<p class="soft">{words.made(work)}</p>']
    for sentence in words.summary(work):
        warns = ' class="warn"' if "SYNTHETIC" in sentence else ""
        parts.append(f"<p{warns}>{html_text(sentence)}</p>")
    if work.tables:
        parts.append("<h2>Tables</h2>")
        parts += [f'<div class="wide">{tableforms.fragment(one)}</div>' for one in work.tables]
    parts += ["<h2>Runs</h2>", _table(words.RUN_HEADER, [words.run_row(one) for one in work.runs])]
    if any(one.history.epochs for one in work.finished):
        caption = "Validation accuracy of the runs with the best test figures."
        parts.append(_figure(figures.accuracies(work.finished), caption))
    if work.best is not None:
        parts += _best(work.best)
    parts += ["<h2>Machines and data</h2>", _list(words.machines(work))]
    parts += [_list(words.data_sets(work)), "<h2>Again</h2>"]
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
    if confused := words.confused(best):
        parts += ["<p>Confused most:</p>", _list(confused)]
    parts.append(_table(words.CLASS_HEADER, words.class_rows(best)))
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
        words.made(work),
        *map(markdown_text, words.summary(work)),
    ]
    for table in work.tables:
        parts += [
            f"## {markdown_text(table.progress.layout.name)}",
            tableforms.markdown(table).strip(),
        ]
    parts += [
        "## Runs",
        _markdown_table(words.RUN_HEADER, [words.run_row(one) for one in work.runs]),
    ]
    if work.best is not None:
        parts += _best_in_markdown(work.best)
    parts += [
        "## Machines and data",
        _markdown_list(words.machines(work)),
        _markdown_list(words.data_sets(work)),
    ]
    commands = "\n".join(shown(f"    {one.again}    # {one.run.id}") for one in work.runs)
    parts += ["## Again", commands]
    return "\n\n".join(part for part in parts if part) + "\n"


def _best_in_markdown(best: Best) -> list[str]:
    parts = [f"## Best model: {markdown_text(best.told.run.id)}"]
    parts += [_markdown_table(words.CLASS_HEADER, words.class_rows(best))]
    if confused := words.confused(best):
        parts += ["Confused most:", _markdown_list(confused)]
    return [*parts, *map(markdown_text, best.dead)]


def _markdown_list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {markdown_text(line)}" for line in lines)


def _markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = ([markdown_text(cell) for cell in line] for line in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))
