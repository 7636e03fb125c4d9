"""The tables at any width and in every format, read back by what reads such formats."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labbench.draw.export import json_text
from labbench.presets import Library
from labbench.runs import Clips, RunFolder
from labbench.runs.reader import listing
from labbench.tables.forms import formatted
from labbench.tables.layout import TableLayout
from labbench.tables.overview import TablesView
from labbench.tables.progress import Cells, TableProgress
from labbench.tables.view import TableView
from tests.draw.drawing import lines, plain
from tests.recorded import record

TANH, INIT = "custom-ch64-tanh", "custom-ch64-relu-init"
CHANGES = ("training.epochs=12",)
"""Recorded runs have so many epochs."""


def progress(name: str, root: Path | None = None) -> TableProgress:
    layout = TableLayout.of(Library(), name, changes=CHANGES)
    return Cells(listing(root)[0]).progress_on(layout, Clips("speech_commands"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs in every state, two of them one cell."""
    root = tmp_path_factory.mktemp("runs")
    record(root, preset=f"{TANH}/8/do0.5", test_accuracy=0.9461)
    record(root, preset=f"{TANH}/8/do0.5", test_accuracy=0.9441, seed=1)
    record(root, preset=f"{TANH}/8/bn", test_accuracy=0.9001)
    record(root, preset=f"{TANH}/8/do0.5+bn", state="running", epochs=7)
    record(root, preset=f"{TANH}/9/do0.5", state="failed", epochs=2, message="out of memory")
    record(root, preset=f"{TANH}/9/bn", state="queued", epochs=0)
    for row, first, second in (("8", 0.95, 0.96), ("7", 0.93, 0.94)):
        record(root, preset=f"{INIT}/{row}/xavier-bn", test_accuracy=first)
        record(root, preset=f"{INIT}/{row}/he-bn", test_accuracy=second)
    return root


def view(root: Path, name: str = TANH, **of: object) -> TableView:
    return TableView.of(progress(name, root), **of)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 140, 240])
@pytest.mark.parametrize("name", [TANH, INIT])
def test_every_width_holds_our_figures_whole(root: Path, name: str, width: int) -> None:
    drawn = lines(view(root, name), width)
    assert max(map(len, drawn)) <= width
    text = "\n".join(drawn)
    assert ("0.9451" if name == TANH else "0.9600") in text


def test_a_wide_table_says_all(root: Path) -> None:
    text = plain(view(root, courses={}), 150)
    row = next(line for line in text.splitlines() if line.startswith("8 CONV"))
    assert "0.9451 ±0.0014 0.9433 ▲ +0.0018 " in row
    assert "0.9001         0.9269 ▼ -0.0268!" in row
    assert "7/12" in row
    assert "363,600 ✔" in row
    assert "✖ ·" in text
    assert "failed" in text
    assert "queued" in text
    assert "within 0.01: 1 of 2" in text


def test_the_tolerance_decides_what_is_marked(root: Path) -> None:
    assert "-0.0268!" not in plain(view(root, tolerance=0.03), 150)
    assert "+0.0018!" in plain(view(root, tolerance=0.001), 150)


def test_a_live_cell_has_its_course(root: Path) -> None:
    live = progress(TANH, root).cells["8", "do0.5+bn"].live
    assert live is not None
    drawn = plain(view(root, courses={live.run.id: [0.1, 0.5, 0.9]}), 150)
    assert re.search("[\u2801-\u28ff]", drawn)


def test_two_halves_stand_under_their_names_and_are_compared(root: Path) -> None:
    drawn = lines(view(root, INIT), 80)
    assert drawn[2].split() == ["xavier", "he"]
    assert drawn[3].split() == ["DO(0.5)", "BN", "do0.5+bn"] * 2 + ["parameters"]
    assert "here: he better than xavier by 0.0100 on average, in 2 of 2 cells" in " ".join(drawn)


def test_a_low_window_shows_the_row_of_the_cursor(root: Path) -> None:
    for row in ("1", "5", "9"):
        drawn = lines(view(root, cursor=(row, "bn")), 80, 9) if row else []
        shown = lines(TableView.of(progress(TANH, root), cursor=(row, "bn")), 80)
        assert len(shown) == 12
        assert any(line.startswith(f"{row} ") for line in drawn)


def test_markdown(root: Path) -> None:
    text = formatted(view(root), "md").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text[:11]]
    assert {len(row) for row in cells} == {5}
    assert cells[9] == [
        "8 CONV(5, 128)", "0.9451 ± 0.0014 (0.9433, +0.0018)", "0.9001 (0.9269, -0.0268)",
        "live (0.9252)", "363,600",
    ]  # fmt: skip


def test_latex(root: Path) -> None:
    text = formatted(view(root), "latex")
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {row.count("&") for row in rows} == {4}
    assert text.count("{") == text.count("}")
    assert r"0.9001 (0.9269, $-$0.0268)" in text
    assert r"speech\_commands" in text
    assert r"\begin{tabular}{lrrrr}" in text


class Reader(HTMLParser):
    """Cells of an HTML table by row, with their classes."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append((dict(attrs).get("class") or "", ""))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.rows and {"td", "th"} & set(self.open):
            kind, text = self.rows[-1][-1]
            self.rows[-1][-1] = (kind, text + data)


def test_html(root: Path) -> None:
    reader = Reader()
    reader.feed(formatted(view(root), "html"))
    assert reader.open == []
    assert {len(row) for row in reader.rows} == {5}
    assert reader.rows[8][1] == ("within", "0.9451 ± 0.0014 (0.9433, +0.0018)")
    assert reader.rows[8][2] == ("below", "0.9001 (0.9269, -0.0268)")


def test_json_and_csv_hold_every_cell_and_run(root: Path) -> None:
    table = json.loads(json_text(view(root).as_json()))
    assert (table["cells"], table["done"], table["within"]) == (27, 2, 1)
    row = next(one for one in table["rows"] if one["row"] == "8")
    assert row["parameters_equal"] is True
    first = row["cells"][0]
    assert (first["seeds"], first["accuracies"]) == ([0, 1], [0.9461, 0.9441])
    assert [run["number"] for run in first["runs"]] == [1, 2]
    read = list(csv.DictReader(io.StringIO(view(root).as_csv())))
    assert len(read) == 27
    same = next(one for one in read if one["preset"] == f"{TANH}/8/do0.5")
    assert float(same["ours"]) == pytest.approx(0.9451)
    assert (same["seeds"], same["state"]) == ("2", "finished")


@pytest.mark.parametrize("width", [40, 80, 140])
def test_all_tables_at_a_glance(root: Path, width: int) -> None:
    tables = TablesView.of([progress(table.name, root) for table in Library().tables()])
    drawn = lines(tables, width)
    assert len(drawn) == 10
    assert max(map(len, drawn)) <= width
    (line,) = [line for line in drawn if line.startswith(f"{TANH} ")]
    assert "2/27" in line
    known = {one["table"]: one for one in tables.as_json()}
    assert (known[TANH]["live"], known[TANH]["queued"], known[TANH]["failed"]) == (1, 1, 1)
    assert len(tables.as_csv().splitlines()) == 10


def test_a_run_that_is_no_cell_is_in_no_table(labbench_home: Path) -> None:
    run: RunFolder = record(preset="demo")
    assert run.number
    assert progress(TANH).count("missing") == 27
