"""Data sets and their clips, at any width."""

from __future__ import annotations

import csv

import pytest
from rich.cells import cell_len

from labbench.audio import library
from labbench.draw.export import View
from labbench.draw.palette import DARK
from labbench.views.clips import ClipsView
from labbench.views.data import DataListView, DataView, stacked
from tests.draw.drawing import lines
from tests.tiny import make_clips

TABLE = ["low", "12", "4", "5", "21"]


@pytest.mark.parametrize("width", [40, 60, 80, 129, 130, 140, 200])
def test_fits_and_tells_every_count(width: int) -> None:
    clips = make_clips()
    views: tuple[View, ...] = (
        DataView.of(clips), ClipsView.of(clips), DataListView(tuple(library.survey())),
    )  # fmt: skip
    for view in views:
        assert max(map(cell_len, lines(view, width))) <= width
    table = [line.split() for line in lines(views[0], width)]
    assert any(line[:5] == TABLE for line in table)
    assert any(line[:5] == ["all", "36", "12", "15", "63"] for line in table)


def test_bars_are_as_long_as_their_shares() -> None:
    assert stacked([20, 10, 10], 40, 20, DARK).plain == "█" * 10 + "▓" * 5 + "░" * 5
    assert stacked([10, 0, 10], 40, 20, DARK).plain == "█" * 5 + "░" * 5
    assert stacked([0, 0, 0], 0, 20, DARK).plain == ""


def test_clips_are_listed_as_asked() -> None:
    view = ClipsView.of(make_clips(), words=["low"], splits=["test"], limit=2)
    rows = list(csv.DictReader(view.as_csv().splitlines()))
    assert [row["name"] for row in rows] == ["low/test0.wav", "low/test3.wav"]
    assert rows[0]["speaker"] == "test-speaker"
    document = view.as_json()
    assert (document["data_set"], document["found"], len(document["clips"])) == ("tones", 5, 2)
    drawn = lines(view, 80)
    assert drawn[0] == "tones  5 of 63 clips"
    assert drawn[-1] == "and 3 more"
    assert len(lines(ClipsView.of(make_clips()), 80, 10)) == 10


def test_a_damaged_set_is_listed_with_what_is_wrong() -> None:
    folder = make_clips("bad").folder
    (folder / "labels.npy").unlink()
    make_clips("good")
    view = DataListView(tuple(library.survey()))
    drawn = lines(view, 120)
    assert "damaged" in drawn[1]
    assert "✖ labels.npy is missing." in drawn[1]
    assert "damaged" not in drawn[2]
    bad, good = view.as_json()
    assert bad["damage"] == "labels.npy is missing."
    assert "damage" not in good
    assert good["clips"] == 63
    assert [row["damage"] for row in csv.DictReader(view.as_csv().splitlines())] == [
        "labels.npy is missing.", "",
    ]  # fmt: skip
