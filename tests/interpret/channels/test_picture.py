"""Dead channels as sentences, map and lists."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import numpy as np
import pytest

from labbench.draw.export import export
from labbench.draw.palette import DARK, LIGHT
from labbench.errors import RunError
from labbench.interpret.channels import picture, words
from labbench.interpret.channels.answer import Dead, Layer
from labbench.interpret.channels.map import Grid
from labbench.interpret.channels.options import PARTS, DeadOptions
from labbench.interpret.channels.picture import DeadView
from tests.draw.drawing import lines
from tests.recorded import record

LABELS = ("zero", "one", "two", "three")
CLIPS = np.array([10, 10, 20, 0])


def layer(name: str, channels: int, function: str = "relu", seed: int = 0) -> Layer:
    """A quarter of the channels dead, a quarter silent for `zero`, the others awake."""
    rng = np.random.default_rng(seed)
    awake = np.tile(CLIPS, (channels, 1))
    awake[: channels // 4] = 0
    awake[channels // 4 : channels // 2, 0] = 0
    strength = rng.uniform(0.5, 1, (channels, 4)) * (awake > 0)
    strength[-1, 1] = 30
    strength[:, 3] = np.nan
    limits = np.where(np.arange(channels) == 2, 0.8, 0.1)[:, None] * (function == "tanh")
    limits = np.where(np.isnan(strength), np.nan, limits)
    low = np.zeros_like(strength)
    above = np.where(np.isnan(strength), np.nan, 0.25)
    return Layer(name, function, LABELS, CLIPS, awake, strength, strength, 2 * strength, low,
                 above, limits)  # fmt: skip


def view(channels: int = 16, function: str = "relu", **more: Any) -> DeadView:
    layers = (layer("conv1", 4, function), layer("conv2", channels, function))
    found = Dead("test", LABELS, CLIPS, 90, layers)
    return DeadView.of("0001-custom-ch32", False, found, DeadOptions(**more))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("channels", [1, 16, 300])
@pytest.mark.parametrize(("width", "height"), [(40, 12), (78, 20), (138, 40)])
def test_fits(part: str, channels: int, width: int, height: int) -> None:
    for channel in (None, 0, channels - 1):
        one = view(channels, show=part, channel=channel)
        drawn = lines(one, width, height)
        assert len(drawn) <= height
        assert max(map(len, drawn)) <= width


def test_the_sentence_says_what_is_gone() -> None:
    one = view()
    # 4 channels never wake, 4 not for a quarter of the clips: 5 of 16 in an average clip.
    assert words.sentence(one.layer) == (
        "In conv2 an average clip leaves 5.0 of 16 channels silent (31%): 4 for every label,"
        " 4 more for some labels, the rest from clip to clip. Its relu sets 75% of all samples to"
        " 0."
    )
    assert words.whole(one.dead).startswith("Of 20 channels in 2 layers, 5 (25%) are dead")
    assert words.brief(one.layer).startswith("31% gone in an average clip · 4 of 16 dead")


def test_sentences_of_the_extremes() -> None:
    one = layer("conv1", 4)
    awake = np.tile(CLIPS, (4, 1))
    full = dataclasses.replace(one, awake_CK=awake)
    none = dataclasses.replace(one, awake_CK=0 * awake)
    assert "every one of 40 clips wakes all 4 channels" in words.sentence(full)
    assert "all 4 channels are silent for every one of 40 clips" in words.sentence(none)
    tanh = layer("conv1", 4, "tanh")
    assert "tanh cuts no half off: 28% of its outputs are near a limit" in words.sentence(tanh)
    assert "1 channel saturated" in words.sentence(tanh)
    gelu = dataclasses.replace(full, activation="gelu")
    assert "75% of what goes into its gelu is not above 0" in words.sentence(gelu)


def test_the_map_can_be_read_without_colour() -> None:
    drawn = lines(view(order="channel"), 60, None)
    row = {line.split()[0]: line for line in drawn if line.startswith(LABELS)}
    assert row["zero"][6:] == " · " * 8 + "█" * 24
    assert row["two"].count("·") == 4
    # A label without clips says nothing.
    assert row["three"].strip() == "three"


def test_the_map_shows_strength_between_limits() -> None:
    assert view(function="tanh").grid.figure == "strength"
    assert view().grid.figure == "awake"
    shares = Grid(layer("conv1", 8), np.arange(8), "strength").shares
    assert np.nanmax(shares[2:], axis=1).tolist() == [1] * 6
    assert np.nanmax(shares[:2]) == 0
    assert np.isnan(shares[:, 3]).all()


def test_orders() -> None:
    indices = {
        order: [one.index for one in view(8, order=order).channels]
        for order in ("awake", "channel", "label", "state")
    }
    assert indices["channel"] == list(range(8))
    assert indices["awake"] == [4, 5, 6, 7, 2, 3, 0, 1]
    assert indices["state"][:2] == [0, 1]
    by_label = [one.label for one in view(8, order="label").channels]
    assert by_label == sorted(by_label, key=[*LABELS, ""].index)


def test_the_cursor_explains_its_channel() -> None:
    one = view(order="channel", channel=5)
    text = "\n".join(lines(one, 78, 20))
    assert "▲▲▲▲ 5" in text
    assert "channel 5: partly dead, 75% of clips wake it; silent for zero;" in text
    assert one.moved(-9).place == 0
    assert one.moved(99).place == 15
    assert "channel 15: selective" in "\n".join(lines(one.moved(10), 78, 20))
    assert "dead. No clip of any label" in "\n".join(lines(one.moved(-5), 78, 20))


@pytest.mark.parametrize("width", [40, 78])
@pytest.mark.parametrize("channels", [4, 40, 200])
def test_a_click_finds_the_channel_that_is_drawn_there(width: int, channels: int) -> None:
    grid = view(channels).moved(channels // 2).grid
    shown, each = grid.columns(width)
    axis = lines_of(grid, width)[-1]
    mark = axis.index("▲")
    assert grid.place_at(mark, width) == channels // 2
    assert grid.place_at(0, width) is None
    assert grid.place_at(grid.label_width() + each * len(shown), width) is None


def lines_of(grid: Grid, width: int) -> list[str]:
    return [line.plain for line in grid.lines(width, len(LABELS) + 1, DARK)]


def test_more_channels_or_labels_than_fit_are_told() -> None:
    assert "1-54 of 200 channels" in lines_of(view(200).grid, 60)[-1]
    narrow = [line.plain for line in view(8).grid.lines(60, 3, LIGHT)]
    assert len(narrow) == 3
    assert "labels 1-2 of 4" in narrow[-1]


def test_dead_channels_are_drawn_together_in_the_whole_list() -> None:
    drawn = lines(view(), 100, None)
    assert "dead: 0-3" in drawn
    assert words.spans([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"
    assert words.spans([]) == ""


def test_formats() -> None:
    one = view()
    document = one.as_json()
    assert document["clips"] == 40
    assert [each["layer"] for each in document["layers"]] == ["conv1", "conv2"]
    conv2 = document["layers"][1]
    assert conv2["gone"] == pytest.approx(5 / 16)
    assert conv2["channels"][0]["state"] == "dead"
    header, *rows = csv.reader(io.StringIO(one.as_csv()))
    assert header[-1] == "awake:three"
    assert len(rows) == 20
    assert rows[0][:4] == ["conv1", "0", "dead", "0.0"]
    assert rows[0][-1] == ""
    with np.load(io.BytesIO(export(one, "npz"))) as arrays:
        assert arrays["conv2.awake"].shape == (16, 4)
        assert arrays["clips"].tolist() == CLIPS.tolist()
    named = one.having(one.options.having(layer="conv2"))
    assert [each["layer"] for each in named.as_json()["layers"]] == ["conv2"]
    assert export(one, "png", width=80).startswith(b"\x89PNG")
    assert b"<svg" in export(one, "svg", width=80)


def test_no_such_layer() -> None:
    run = record()
    with pytest.raises(RunError, match="no layer 'conv7'"):
        picture.view(run, DeadOptions(layer="conv7"), view().dead)
    assert picture.view(run, DeadOptions(), view().dead).layer.name == "conv2"
    assert picture.view(run, DeadOptions(layer="1"), view().dead).layer.name == "conv1"
