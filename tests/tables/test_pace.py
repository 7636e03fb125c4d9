"""How long cells take, by arithmetic alone."""

from __future__ import annotations

import pytest

from labbench.architecture import Model
from labbench.audio.chosen import counts_of
from labbench.audio.library import fingerprint_of
from labbench.audio.meta import read_meta
from labbench.paths import clips_dir
from labbench.presets import Library, edited
from labbench.runs import Clips
from labbench.runs.reader import listing
from labbench.tables.layout import TableLayout
from labbench.tables.pace import (
    Pace,
    clips_as_training,
    cost,
    left_s,
    measured,
    multiply_adds,
)
from labbench.tables.progress import Cells
from tests import tiny
from tests.tables.test_progress import SPEECH, TABLE, made


def test_multiply_adds_are_those_of_the_layers() -> None:
    # 5 taps x 1 -> 8 channels on 16,000 samples, pool 3; the dense layer sees 8 x 5,334 features.
    model = Model(convs=1, channels=8, kernel=5)
    count = multiply_adds(model, 4)
    assert count - 8 * 5 * 16_000 in (8 * 5333 * 4, 8 * 5334 * 4, 8 * 16_000 * 4)
    assert multiply_adds(Model(convs=2, channels=8), 4) > multiply_adds(
        Model(convs=2, channels=4), 4
    )


def test_a_net_in_between_is_put_in_between() -> None:
    pace = Pace.of([(100.0, 1.0), (400.0, 2.0), (400.0, 6.0)])
    assert pace.seconds_per_clip(100) == 1.0
    assert pace.seconds_per_clip(400) == 4.0
    assert pace.seconds_per_clip(200) == pytest.approx(2.0)
    assert pace.seconds_per_clip(50) == pytest.approx(0.5)
    assert pace.seconds_per_clip(800) == pytest.approx(8.0)
    assert Pace(()).seconds_per_clip(100) is None
    assert pace.covers(120)
    assert not pace.covers(200)


def test_clips_of_an_epoch() -> None:
    tiny.make_clips()
    assert fingerprint_of("tones") == read_meta(clips_dir() / "tones").fingerprint
    counts = counts_of(tiny.preset(), read_meta(clips_dir() / "tones"))
    assert counts is not None
    assert (counts.train, counts.validation) == (36, 12)
    assert clips_as_training(counts) == pytest.approx(40)
    half = edited(tiny.preset(), ["data.words=low,high", "data.train_share=0.5"])
    counts = counts_of(half, read_meta(clips_dir() / "tones"))
    assert counts is not None
    assert counts.train == pytest.approx(12)
    assert counts_of(tiny.preset(), None) is None
    assert counts_of(Library().get("demo"), None) is not None


def test_the_time_left_of_a_table() -> None:
    layout = TableLayout.of(Library(), TABLE)
    told = {"steps_per_epoch": 10, "slot": "cpu"}
    preset = Library().get(f"{TABLE}/8/bn")
    made(f"{TABLE}/8/bn", epoch=20, step=200, elapsed_s=640.0, **told)
    made(f"{TABLE}/8/do0.5", "queued")
    cells = Cells(listing()[0]).progress_on(layout, SPEECH)
    # 200 steps of 64 clips in 640 s; the waiting run has 60 epochs of 10 steps.
    assert measured(cells, "cpu").seconds_per_clip(cost(preset)) == pytest.approx(0.05)
    assert not measured(cells, "cuda").points
    assert left_s(cells) == pytest.approx(60 * 10 * 64 * 0.05)
    made(f"{TABLE}/8/do0.5+bn", "running", left_s=80.0, epoch=3, step=30, elapsed_s=96.0, **told)
    cells = Cells(listing()[0]).progress_on(layout, SPEECH)
    assert left_s(cells, at_once=2) == pytest.approx((80 + 60 * 10 * 64 * 0.05) / 2)
    assert left_s(Cells([]).progress_on(layout, SPEECH)) == 0.0


def test_nothing_tells_the_time_left() -> None:
    made(f"{TABLE}/8/do0.5", "queued", clips=Clips("x"))
    layout = TableLayout.of(Library(), TABLE)
    assert left_s(Cells(listing()[0]).progress_on(layout, Clips("x"))) is None
