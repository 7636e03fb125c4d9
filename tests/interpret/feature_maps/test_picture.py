"""Feature maps of every shape of net, drawn and written."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

from labbench.architecture.stages import stages
from labbench.draw.export import npz
from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.clip import named
from labbench.interpret.feature_maps import picture
from labbench.interpret.feature_maps.answer import (
    ChannelFigures,
    Maps,
    MapsQuestion,
    spectrogram_of,
)
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.feature_maps.picture import LEAST, STRIPS, MapsView, shared
from tests.draw.drawing import lines, plain
from tests.opened import MODELS, opened


def views(model: str) -> list[MapsView]:
    """A clip in the first and the last layer."""
    found = context.load(opened(MODELS[model]))
    made = []
    for one in (stages(found.plan)[0], stages(found.plan)[-1]):
        ask = MapsQuestion(clip=named(found.run, "low"), layer=one.name)
        made.append(picture.view(found.run, MapsOptions(), context.compute(found, ask)))
    return made


@pytest.mark.parametrize("model", list(MODELS))
def test_every_shape_fits_and_is_written(model: str) -> None:
    for view in views(model):
        for width, height in ((40, 8), (78, 18), (138, 37)):
            for one in (view, view.having(view.options.having(before=True))):
                drawn = lines(one, width, height)
                assert len(drawn) <= height
                assert max(map(len, drawn)) <= width
                assert drawn[-1].split()[-1] == "1s"
        assert "best net, epoch 3" in plain(view, 100)
        assert len(list(csv.DictReader(view.as_csv().splitlines()))) == len(view.channels)
        assert npz(view)
        document = view.as_json()
        np.testing.assert_array_equal(document["after"], view.maps.after_CT[view.channel])


@pytest.fixture(scope="module")
def maps() -> Maps:
    from labbench.interpret.clip import ClipRef

    time = np.arange(4_000) / 4_000
    before = np.stack([np.sin(40 * time), -np.ones(4_000), 3 * np.sin(60 * time)])
    return Maps(
        clip=ClipRef(name="a.wav", digest="0", word="b"), layer="conv2",
        samples_T=np.sin(2000 * np.arange(16_000) / 16_000).astype(np.float32),
        before_CT=before.astype(np.float32), after_CT=np.maximum(before, 0).astype(np.float32),
        rate_hz=4_000.0, start_s=0.0, activation="relu", words=("a", "b"),
        logits_K=np.array([2.0, 1.0], np.float32),
    )  # fmt: skip


def view(maps: Maps, **changes: Any) -> MapsView:
    figures = ChannelFigures.of(maps.after_CT)
    return MapsView("0001-net", False, MapsOptions(channel=2, **changes), 3, maps, figures)


def test_channels_by_energy_and_by_index(maps: Maps) -> None:
    seen = view(maps)
    assert seen.channels == [2, 0, 1]
    assert view(maps, sort="index").channels == [0, 1, 2]
    assert seen.having(seen.options.having(before=True)).channels == [2, 1, 0]
    assert [seen.moved(by).channel for by in (-1, 1, 2, 9)] == [2, 0, 1, 1]
    rows = list(csv.DictReader(seen.as_csv().splitlines()))
    energy = np.square(maps.after_CT[2].astype(float)).mean()
    assert float(rows[0]["energy"]) == pytest.approx(energy)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)


def test_values_under_the_cursor_and_what_is_said(maps: Maps) -> None:
    seen = view(maps, at=0.25)
    assert seen.sample_at(0.25) == 1_000
    before = maps.before_CT[2, 1_000]
    assert f"{before:+.4f} before" in seen.channel_words()
    text = plain(seen, 140, 30)
    assert "✖ it is b, taken for a 0.7311" in text
    assert "conv2 · 3 channels of 4,000 samples at 4,000 Hz · after relu, 1 silent" in text
    assert text.count("│") >= 20


def test_a_channel_that_is_not_there() -> None:
    found = context.load(opened())
    ask = MapsQuestion(clip=named(found.run, "low"), layer="conv1")
    with pytest.raises(RunError, match="conv1 has no channel 9") as caught:
        picture.view(found.run, MapsOptions(channel=9), context.compute(found, ask))
    assert "0 to 3" in caught.value.hint


def test_windows_are_as_long_deeper_down() -> None:
    tone = np.sin(2 * np.pi * 800 * np.arange(5_333) * 3 / 16_000).astype(np.float32)
    found = spectrogram_of(tone, 16_000 / 3)
    assert found is not None
    assert found.frequencies_hz[-1] == pytest.approx(16_000 / 6)
    assert found.times_s[1] - found.times_s[0] == pytest.approx(0.008, rel=0.05)
    peak = found.frequencies_hz[found.power_FW.mean(axis=1).argmax()]
    assert abs(peak - 800) < 20
    assert spectrogram_of(tone[:40], 16_000 / 3**6) is None


@pytest.mark.parametrize("height", range(2, 40))
def test_lines_are_shared_out_to_the_last(height: int) -> None:
    rows = shared(STRIPS, height)
    assert sum(rows.values()) == height
    assert all(count >= LEAST[part] for part, count in rows.items())
    assert "after" in rows
    assert height < sum(LEAST.values()) or set(rows) == set(STRIPS)
