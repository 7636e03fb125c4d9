"""Nothing that any widget draws reaches the terminal as a control, whoever wrote it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.screen import Screen
from textual.widgets import Input, Static

from labbench.text import UNSEEN
from labbench.tui.app import BenchApp
from labbench.tui.driver import VISIBLE_ONLY
from labbench.tui.services import Services

BLACK = Color(0, 0, 0)
PICTURES = sorted((Path(__file__).parent / "__snapshots__").rglob("*.svg"))


def test_a_line_keeps_its_width_and_loses_its_controls() -> None:
    bold = Style(bold=True)
    line = [Segment("ab\x1b[31mc", bold), Segment("\u202ed\u200b\x9b"), Segment("ok")]
    painted = VISIBLE_ONLY.apply(line, BLACK)
    assert [one.cell_length for one in painted] == [one.cell_length for one in line]
    assert [one.style for one in painted] == [one.style for one in line]
    assert "".join(one.text for one in painted).startswith("ab[31mcd")
    assert not any(UNSEEN.search(one.text) for one in painted)
    assert VISIBLE_ONLY.apply(line[2:], BLACK) == line[2:]


async def test_inputs_markup_and_notifications_are_painted_without_controls() -> None:
    payload = "\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e[red]x"
    app = BenchApp(Services(beating=False))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await app.push_screen(Screen())
        await app.screen.mount(Input(payload), Static(payload, markup=False))
        app.notify(payload, title=payload)
        await pilot.pause()
        await pilot.pause()
        painted = app.export_screenshot()
    text = "".join(ElementTree.fromstring(painted).itertext())
    assert not UNSEEN.search(painted.replace("\n", ""))
    assert text.count("[red]x") == 4
    assert r"\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e[red]x" in text


def test_no_picture_shows_the_escape_of_a_line_end() -> None:
    assert len(PICTURES) > 100
    assert [path.name for path in PICTURES if r"\n" in path.read_text(encoding="utf-8")] == []
