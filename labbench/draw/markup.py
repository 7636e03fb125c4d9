"""Names in texts of other programs: what these would take for markup stands there as text."""

from __future__ import annotations

import csv
import html
import io
import re

from labbench.text import UNSEEN, shown

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    # After the end of a row these would be its options.
    "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip

_MARKDOWN = re.compile(
    r"[\\`*\[\]<|~$#]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])|(?<=\w):(?=//)|(?<=\w)@|(?<=www)\."
    r"|^>|^[+=-](?=[\s+=-]|$)|(?<=^\d)[.)](?=\s|$)"
)
"""Signs that Markdown takes for more than they are; most only at some places."""

_FIGURE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|-?inf|nan"
_FORMULA = re.compile(rf"(?!(?:{_FIGURE})\Z)[=+@\t\r＝＋－＠-]", re.IGNORECASE)
"""How a text begins that a spreadsheet computes."""

_SUSPECT = re.compile(
    rf'"|(?!\n){UNSEEN.pattern}|(?:^|,)(?!(?:{_FIGURE})(?:,|$))[=+@＝＋－＠-]',
    re.IGNORECASE | re.MULTILINE,
)
"""Where CSV may hold more than plain fields; most of it holds none, and millions of figures."""


def html_text(text: str) -> str:
    """A name or sentence for HTML."""
    return html.escape(shown(text))


def markdown_text(text: str) -> str:
    """A name or sentence for Markdown, in a table too."""
    return _MARKDOWN.sub(r"\\\g<0>", shown(text))


def latex_text(text: str) -> str:
    """A name or sentence for LaTeX; signs before figures are minus and plus, not hyphens."""
    escaped = "".join(_LATEX.get(sign, sign) for sign in shown(text))
    return re.sub(r"([+-])(?=\d\.\d{4})", r"$\1$", escaped.replace("±", r"$\pm$"))


def latex_label(name: str) -> str:
    r"""A name within `\\label{}`: other signs than letters, figures and `:./-` are hyphens."""
    return re.sub(r"[^A-Za-z0-9:./-]+", "-", name)


def spreadsheet(table: str) -> str:
    """CSV that a spreadsheet opens as what it says, and that is safe to look at.

    A text that it would compute has an apostrophe before it; figures stay figures. Unseen signs
    stand there as escapes.
    """
    if not _SUSPECT.search(table):
        return table
    target = io.StringIO()
    csv.field_size_limit(max(csv.field_size_limit(), len(table)))
    rows = csv.reader(io.StringIO(table, newline=""))
    csv.writer(target, lineterminator="\n").writerows([_cell(one) for one in row] for row in rows)
    return target.getvalue()


def _cell(text: str) -> str:
    return shown(f"'{text}" if _FORMULA.match(text) else text)
