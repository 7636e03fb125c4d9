"""Names in CSV, Markdown, HTML, LaTeX and SVG, read back by what reads these."""

from __future__ import annotations

import csv
import html.parser
import io
import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from labbench.draw import markup
from labbench.draw.export import csv_text, export, npz
from labbench.draw.plain import Text
from labbench.text import UNSEEN, shown

NAMES = st.text(
    st.sampled_from("\x1b\x9b\u202e\u200b\n\r\t=+-@|*_`~[]<>&#$%^{}\\\"'.,:;!1ab ")
    | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
FIGURE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-?inf|nan", re.IGNORECASE)


@given(st.lists(st.tuples(NAMES, st.floats(allow_nan=False), st.integers()), max_size=4))
def test_csv_opens_as_text_where_it_is_text_and_as_figures_where_it_is_one(rows: Any) -> None:
    table = markup.spreadsheet(csv_text(["=name", "figure", "count"], rows))
    header, *read = csv.reader(io.StringIO(table, newline=""))
    assert header == ["'=name", "figure", "count"]
    assert not UNSEEN.search(table.replace("\n", ""))
    for (name, figure, count), cells in zip(rows, read, strict=True):
        assert cells[0] in (shown(name), shown(f"'{name}"))
        assert FIGURE.fullmatch(cells[0]) or not re.match(r"[=+@＝＋－＠-]", cells[0])
        assert (float(cells[1]), int(cells[2])) == (figure, count)


@pytest.mark.parametrize(
    ("name", "cell"),
    [("=1+1", "'=1+1"), ("+a", "'+a"), ("-1+1", "'-1+1"), ("@x", "'@x"), ("-a,b", "'-a,b"),
     ("\t=1", r"'\t=1"), ("\r=1", r"'\r=1"), ("＝1", "'＝1"), ("-1.5e-3", "-1.5e-3"), ("-", "'-"),
     ("a=b", "a=b"), ("a\nb", r"a\nb"), ("-inf", "-inf"), ("-1_0", "'-1_0")],
)  # fmt: skip
def test_what_begins_like_a_formula_is_text(name: str, cell: str) -> None:
    for rows in ([[name]], [["x"], [name]], [[1, name]], [[1, name, -0.5]]):
        read = list(csv.reader(io.StringIO(markup.spreadsheet(csv_text(["h"], rows)))))
        assert cell in read[-1]


def _words(tokens: Any) -> str:
    return "".join(
        _words(one.children) if one.children else one.content
        for one in tokens
        if one.type != "softbreak"
    )


@given(NAMES.map(str.strip), NAMES.map(str.strip))
def test_markdown_shows_a_name_as_it_is(first: str, second: str) -> None:
    read = MarkdownIt("gfm-like")
    one, two = markup.markdown_text(first), markup.markdown_text(second)
    page = f"- {one}\n\n# {two}\n\n{one}\n\n| {one} | {two} |\n|---|---|\n| {two} | {one} |\n"
    tokens = read.parse(page)
    kinds = [token.type for token in tokens if token.type.endswith("_open")]
    parts = [
        "bullet_list",
        "list_item",
        "paragraph",
        "heading",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
    assert set(kinds) <= {f"{part}_open" for part in parts}
    texts = [_words(token.children) for token in tokens if token.type == "inline"]
    if first and second:
        assert texts == [
            shown(name) for name in (first, second, first, first, second, second, first)
        ]


class _Page(html.parser.HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(f"{tag}{attrs}")

    def handle_data(self, data: str) -> None:
        self.text += data


@given(NAMES)
def test_html_shows_a_name_as_it_is(name: str) -> None:
    page = _Page(f'<p title="{markup.html_text(name)}">{markup.html_text(name)}</p>')
    assert page.tags == [f"p{[('title', shown(name))]}"]
    assert page.text == shown(name)


@given(NAMES)
def test_latex_takes_nothing_of_a_name_for_a_command(name: str) -> None:
    text = markup.latex_text(name)
    spoken = {r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^",
              r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"$\pm$": "±",
              "$+$": "+", "$-$": "-"}  # fmt: skip
    pattern = "|".join(map(re.escape, spoken)) + r"|\\[&%$#_{}]|\{[][*]\}|[^][*\\&%$#_{}~^<>|]"
    parts = re.findall(pattern, text)
    assert "".join(parts) == text
    assert "".join(spoken.get(one) or one.strip("\\{}")[:1] or one[1] for one in parts) == shown(
        name
    )
    assert re.fullmatch(r"[A-Za-z0-9:./-]*", markup.latex_label(name))


@dataclass(frozen=True)
class Named:
    """A view of one name."""

    name: str

    def render(self, width: int, height: int | None = None, *, theme: Any = None) -> Text:
        return Text(self.name)

    def as_json(self) -> Any:
        return {"name": self.name}

    def as_csv(self) -> str:
        return csv_text(["name"], [[self.name]])


@given(NAMES.filter(lambda name: bool(name.strip("\n"))))
def test_svg_is_xml_and_shows_the_name_in_picture_and_title(name: str) -> None:
    svg = export(Named(name), "svg", width=120, title=name).decode()
    texts = [
        one.text or ""
        for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]
    wanted = shown(name).replace(" ", "\N{NO-BREAK SPACE}").strip("\N{NO-BREAK SPACE}")
    assert sum(wanted in text for text in texts) >= 1 + (shown(name) == shown(name).strip())
    assert not UNSEEN.search(svg.replace("\n", ""))


def test_arrays_and_json_keep_the_name_and_csv_shows_it() -> None:
    name = "=\x1b[31m\u202ea\nb"
    assert np.load(io.BytesIO(npz(Named(name))))["name"].tolist() == [name]
    document = export(Named(name), "json")
    assert b"\\u202e" in document
    assert b"\x1b" not in document
    assert export(Named(name), "csv") == b"name\n'=\\x1b[31m\\u202ea\\nb\n"
