"""A report as Markdown: everything but the figures."""

from __future__ import annotations

from collections.abc import Sequence

from labbench.draw.markup import markdown_text as text
from labbench.report import words
from labbench.report.gather import Best, Work
from labbench.tables import forms as tableforms
from labbench.text import shown


def markdown(work: Work) -> str:
    """The report; its figures are in the .html form."""
    parts = [f"# {text(work.title)}", words.made(work), *map(text, words.summary(work))]
    for table in work.tables:
        parts += [f"## {text(table.filled.sheet.name)}", tableforms.markdown(table).strip()]
    parts += ["## Runs", _table(words.RUN_HEADER, [words.run_row(one) for one in work.runs])]
    if work.best is not None:
        parts += _best(work.best)
    parts += ["## Machines and data", _list(words.machines(work)), _list(words.data_sets(work))]
    commands = "\n".join(shown(f"    {one.again}    # {one.run.id}") for one in work.runs)
    parts += ["## Again", commands]
    return "\n\n".join(part for part in parts if part) + "\n"


def _best(best: Best) -> list[str]:
    parts = [f"## Best model: {text(best.told.run.id)}"]
    parts += [_table(words.CLASS_HEADER, words.class_rows(best))]
    if confused := words.confused(best):
        parts += ["Confused most:", _list(confused)]
    return [*parts, *map(text, best.dead)]


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = ([text(cell) for cell in line] for line in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))
