"""Glyphs, palettes and export."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group
from rich.text import Text

from labbench.draw import glyphs, halfblocks, palette
from labbench.draw.export import export, json_text
from labbench.runs.status import State
from labbench.views.classes import ClassesView
from labbench.views.confusion import ConfusionView
from tests.draw.drawing import results


@given(st.floats(0, 1), st.integers(1, 40))
def test_bars_fill_their_share(share: float, width: int) -> None:
    bar = glyphs.bar(share, width)
    assert len(bar) == width
    eighths = 8 * bar.count("█") + sum("▏▎▍▌▋▊▉".find(sign) + 1 for sign in bar)
    assert eighths == round(share * width * 8)


@pytest.mark.parametrize(("share", "bar"), [(-1, "  "), (math.nan, "  "), (0.5, "█ "), (2, "██")])
def test_bars_are_clipped(share: float, bar: str) -> None:
    assert glyphs.bar(share, 2) == bar


def test_a_sparkline_by_hand() -> None:
    # Levels 1 to 4 of four dots, two values a cell.
    assert glyphs.sparkline([0, 1, 2, 3], 10) == "⣠⣾"
    assert glyphs.sparkline([], 10) == ""
    assert glyphs.sparkline([5, 5], 10) == "⣤"
    assert len(glyphs.sparkline([-math.inf, 0, 1e308, math.inf, math.nan], 10)) == 3
    assert glyphs.sparkline([0, math.nan, 3], 10) == "⡀⡇"
    assert len(glyphs.sparkline(range(1000), 10)) == 10


def test_every_state_has_a_sign_of_its_own() -> None:
    from typing import get_args

    assert set(glyphs.STATES) == set(get_args(State))
    assert len(set(glyphs.STATES.values())) == len(glyphs.STATES)


@given(
    st.lists(st.text("abcdef", min_size=1, max_size=9), min_size=1, max_size=16, unique=True),
    st.integers(2, 9),
)
def test_shortened_words_stay_apart(words: list[str], width: int) -> None:
    short = glyphs.shortened(words, width)
    assert max(map(len, short)) <= width
    assert len(set(short)) == len(words)


@pytest.mark.parametrize("name", ["viridis", "inferno"])
def test_maps_grow_lighter_step_by_step(name: palette.MapName) -> None:
    values = [palette.luminance(colour) for colour in palette.ramp(name)]
    assert len(values) == 256
    assert all(later >= earlier - 2e-3 for earlier, later in pairwise(values))


@pytest.mark.parametrize("name", ["viridis", "inferno"])
@pytest.mark.parametrize("light", [False, True])
def test_text_on_every_step_is_readable(name: palette.MapName, light: bool) -> None:
    for step in range(256):
        style = palette.cell(name, step / 255, light=light)
        assert style.color is not None
        assert style.bgcolor is not None
        ink, ground = (
            palette.luminance(tuple(one.get_truecolor())) for one in (style.color, style.bgcolor)
        )
        contrast = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
        assert contrast >= 4.5


def test_plain_text_has_no_escapes() -> None:
    assert "\x1b" not in export(ConfusionView(results()), "ansi").decode()


@pytest.mark.parametrize(("color", "mark"), [("truecolor", "48;2;"), ("256", "48;5;")])
def test_colours_are_those_asked_for(
    color: str, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    # Rich keeps the escape codes of styles, so each colour system has a process of its own.
    code = (
        "from tests.draw.drawing import results; from labbench.draw.export import export;"
        "from labbench.views.confusion import ConfusionView;"
        f"print(export(ConfusionView(results()), 'ansi', color={color!r}).decode())"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert mark in run.stdout


def test_svg_is_well_formed_and_keeps_spaces() -> None:
    text = export(ConfusionView(results()), "svg", title="a < b").decode()
    root = ElementTree.fromstring(text)
    namespace = "{http://www.w3.org/2000/svg}"
    texts = list(root.iter(f"{namespace}text"))
    assert any("369" in (one.text or "") for one in texts)
    space = "{http://www.w3.org/XML/1998/namespace}space"
    assert all(one.get(space) == "preserve" for one in texts if one.get("x"))


def test_json_has_no_nan() -> None:
    assert json.loads(json_text({"a": math.nan, "b": math.inf})) == {"a": None, "b": None}


def test_json_of_a_view_is_json() -> None:
    assert json.loads(export(ClassesView(results()), "json"))["clips"] == 4815


def test_no_color_leaves_figures_and_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    target = io.StringIO()
    console = Console(file=target, width=80, force_terminal=True, color_system="truecolor")
    console.print(ConfusionView(results()).render(80))
    text = target.getvalue()
    assert "48;2;" not in text
    assert "38;" not in text
    assert "369" in text


def test_without_colours_a_picture_is_drawn_in_shades() -> None:
    line = halfblocks.picture(np.array([[0, 0.5, 1], [0, 0.5, 1]]), "inferno")[0]
    target = io.StringIO()
    Console(file=target, width=10, color_system=None).print(
        halfblocks.Shaded(Group(Text("▀ kept"), line)), end=""
    )
    kept, shaded = target.getvalue().splitlines()
    assert kept.rstrip() == "▀ kept"
    assert [halfblocks.SHADES.index(sign) for sign in shaded[:3]] == [0, 2, 4]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (44, "custom-ch64-tanh-dropout/8/do0.5 #tag a note"),
        (40, "custom-ch64-tanh-dropout/8/do0.5 #tag a…"),
        (24, "custom-c…dropout/8/do0.5"),
        (1, "…"),
    ],
)
def test_names_are_cut_in_the_middle(width: int, shown: str) -> None:
    text = Text.assemble("custom-ch64-tanh-dropout/8/do0.5", (" #tag a note", "red"))
    cut = glyphs.elide(text, width)
    assert cut.plain == shown
    assert cut.cell_len <= width
