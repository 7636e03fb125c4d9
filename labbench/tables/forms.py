"""A table for a text: Markdown, LaTeX (booktabs) and HTML, as the report lays it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from labbench import units
from labbench.draw.markup import html_text, latex_label, latex_text, markdown_text
from labbench.tables.progress import Cell, misses
from labbench.tables.view import TableView

TextForm = Literal["md", "latex", "html"]

STYLE = """
table{border-collapse:collapse;font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
th,td{padding:2px 12px;text-align:right;border-bottom:1px solid #ddd}th:first-child{text-align:left}
caption{text-align:left;padding:6px 12px;color:#444}small{color:#666}
.within{color:#00702f}.below{color:#b00020}.above{color:#8a5a00}.none{color:#777}
"""


def formatted(view: TableView, form: TextForm) -> str:
    """The table in a format for texts, ending in a newline."""
    match form:
        case "md":
            return markdown(view)
        case "latex":
            return latex(view)
        case "html":
            return page(view)


def caption(view: TableView) -> str:
    """What the figures are, in a sentence or two."""
    progress = view.progress
    speech = "synthetic speech" if view.synthetic else progress.clips.name
    changed = f", with {' '.join(progress.layout.changes)}" if progress.layout.changes else ""
    return (
        f"{progress.layout.about or progress.layout.name}{changed}. Accuracy on the test clips of "
        f"{speech}: mean ± standard deviation over seeds (published, difference). "
        f"{progress.done} of {len(progress.cells)} cells done."
    )


def cell_text(cell: Cell) -> str:
    """`0.9461 ± 0.0011 (0.9433, +0.0028)`, or the cell's state."""
    ours = cell.state if cell.mean is None else units.accuracy(cell.mean)
    if cell.deviation is not None:
        ours += f" ± {cell.deviation:.4f}"
    if cell.planned.figure is None:
        return ours
    published = "X" if cell.published is None else units.accuracy(cell.published)
    aside = f", {cell.difference:+.4f}" if cell.difference is not None else ""
    return f"{ours} ({published}{aside})"


def _parameters(view: TableView, row: str) -> str:
    layout = view.progress.layout
    check = layout.check(row)
    if check is not None:
        return f"{check.ours:,}" if check.equal else f"{check.ours:,} (report {check.reported:,})"
    counts = {layout.cells[row, column].parameters for column in layout.columns}
    return f"{min(counts):,}" if len(counts) == 1 else f"{min(counts):,} to {max(counts):,}"


def _grid(view: TableView, escape: Callable[[str], str]) -> list[list[str]]:
    """Header and rows as escaped texts."""
    layout = view.progress.layout
    lines = [[escape(layout.name), *map(escape, layout.columns.values()), "parameters"]]
    for row in view.rows:
        cells = [escape(cell_text(view.progress.cells[row, column])) for column in layout.columns]
        lines.append([escape(layout.rows[row]), *cells, escape(_parameters(view, row))])
    return lines


def markdown(view: TableView) -> str:
    """A pipe table with a caption below."""
    header, *rows = _grid(view, markdown_text)
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [f"| {' | '.join(line)} |" for line in (header, rule, *rows)]
    said = map(markdown_text, [caption(view), *view.paired_words()])
    return "\n".join([*lines, "", *said]) + "\n"


def latex(view: TableView) -> str:
    """A tabular with booktabs' rules in a table environment."""
    header, *rows = _grid(view, latex_text)
    body = [f"    {' & '.join(line)} \\\\" for line in rows]
    said = " ".join([caption(view), *(f"{words}." for words in view.paired_words())])
    return "\n".join([
        r"\begin{table}", r"  \centering", rf"  \caption{{{latex_text(said)}}}",
        rf"  \label{{tab:{latex_label(view.progress.layout.name)}}}",
        rf"  \begin{{tabular}}{{l{'r' * (len(header) - 1)}}}", r"    \toprule",
        f"    {' & '.join(header)} \\\\", r"    \midrule", *body, r"    \bottomrule",
        r"  \end{tabular}", r"\end{table}",
    ]) + "\n"  # fmt: skip


def fragment(view: TableView) -> str:
    """The <table> alone, to be set into a page that has `STYLE`."""
    layout, quoted = view.progress.layout, html_text
    said = [caption(view), *view.paired_words()]
    lines = ["<table>", f"<caption>{'<br>'.join(map(quoted, said))}</caption>", "<thead><tr><th>"]
    lines += [f"{quoted(layout.name)}</th>"]
    lines += [f"<th>{quoted(label)}</th>" for label in (*layout.columns.values(), "parameters")]
    lines.append("</tr></thead><tbody>")
    for row in view.rows:
        cells = [_html_cell(view, view.progress.cells[row, column]) for column in layout.columns]
        lines.append(f"<tr><th>{quoted(layout.rows[row])}</th>{''.join(cells)}")
        lines.append(f"<td>{quoted(_parameters(view, row))}</td></tr>")
    return "\n".join([*lines, "</tbody></table>"]) + "\n"


def _html_cell(view: TableView, cell: Cell) -> str:
    kind = "none"
    if cell.difference is not None:
        side = "below" if cell.difference < 0 else "above"
        kind = side if misses(cell.difference, view.tolerance) else "within"
    ours, _, aside = cell_text(cell).partition(" (")
    small = f" <small>({html_text(aside)}</small>" if aside else ""
    return f'<td class="{kind}">{html_text(ours)}{small}</td>'


def page(view: TableView) -> str:
    """A whole page with the table."""
    title = html_text(f"labbench: {view.progress.layout.name}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{STYLE}</style></head><body>\n{fragment(view)}</body></html>\n"
    )
