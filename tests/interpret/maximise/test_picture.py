"""A maximised sound beside the best real clip: figures, spectrum, all forms and sizes."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.draw.export import export
from labbench.interpret.maximise.answer import Climbed, Maximised
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.maximise.picture import MaximiseView, spectrum_db
from tests.draw.drawing import lines, plain

TIMES = np.arange(16_000) / 16_000


def found(steps: int = 20) -> Maximised:
    tones = [0.5 * np.sin(2 * np.pi * hz * TIMES) for hz in (500, 1_500)]
    rise = np.linspace(0, 1, steps)
    return Maximised(
        target="conv3:1", samples_ST=np.stack(tones).astype(np.float32),
        scores_SN=np.stack([2 * rise, 3 * rise]).astype(np.float32),
        reached_S=np.array([2.0, 3.0], np.float32),
        logits_SK=np.array([[1, 0], [0, 2]], np.float32),
        real_T=np.sin(2 * np.pi * 3_000 * TIMES).astype(np.float32), real_score=1.5,
        real_name="tree/a.wav", real_clips=500, total=581, words=("three", "tree"),
    )  # fmt: skip


def made(
    found: Maximised | None, seed: int | None = None, others: tuple[str, ...] = ()
) -> MaximiseView:
    climbed = Climbed("conv3:1", found, others)
    return MaximiseView("0001-run", False, MaximiseOptions(seed=seed), climbed)


def test_the_highest_seed_is_told_beside_the_real_clip() -> None:
    text = lines(made(found()), 100, 24)
    assert text[0] == "0001-run  conv3:1"
    assert text[1] == ("reached 3  best real clip 1.5, 2 times that  "
                       "tree/a.wav (500 of 581 test clips)")  # fmt: skip
    assert text[2] == "taken for tree 0.8808  seed 1 of 2: 2, 3"
    other = made(found(), seed=0)
    assert lines(other, 100, 24)[2].startswith("taken for three 0.7311  seed 0 of 2")


@pytest.mark.parametrize("width", [40, 80, 109, 110, 140])
@pytest.mark.parametrize("height", [16, 24, 45])
def test_it_fits(width: int, height: int) -> None:
    text = lines(made(found()), width, height)
    assert max(map(len, text)) <= width
    assert len(text) <= height
    assert any("spectrum, dB" in line for line in text[3:])
    assert any("score by step" in line for line in text) == (width >= 110)


def test_a_single_step_and_a_real_clip_that_leaves_it_cold() -> None:
    assert plain(made(found(1)), 140, 40)


def test_spectrum_in_decibels_under_its_strongest_band() -> None:
    tone = np.sin(2 * np.pi * 1_025 * TIMES) + 0.1 * np.sin(2 * np.pi * 3_025 * TIMES)
    khz, levels = spectrum_db(tone)
    assert khz[levels.argmax()] == pytest.approx(1.025)
    assert levels.max() == 0
    assert levels[np.abs(khz - 3.025).argmin()] == pytest.approx(-20, abs=0.01)
    assert (spectrum_db(np.zeros(16_000))[1] == -60).all()


def test_forms() -> None:
    view = made(found())
    document = view.as_json()
    assert document["best_seed"] == 1
    assert document["seeds"][1]["taken_for"] == "tree"
    assert len(view.as_csv().splitlines()) == 16_001
    assert view.as_arrays()["samples"].shape == (2, 16_000)
    assert export(view, "svg", width=80).startswith(b"<svg")


def test_nothing_yet() -> None:
    view = made(None, others=("bed", "cat"))
    assert "No sound was looked for yet" in plain(view, 80)
    assert "already found: bed, cat" in plain(view, 80)
    assert view.as_json()["seeds"] == []
    assert view.as_csv() == "seconds,real\n"
    assert view.as_arrays() == {}
