"""Windows over a sound, and what is made of their logits."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labbench.errors import DataError, LabbenchError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import ClipRef
from labbench.interpret.predict.answer import Outline, Predicted, meant, window_starts
from tests.opened import opened


@pytest.mark.parametrize(
    ("samples", "starts"),
    [(9_000, [0]), (16_000, [0]), (16_001, [0, 1]), (20_000, [0, 4_000]),
     (21_000, [0, 4_000, 5_000]), (32_000, [0, 4_000, 8_000, 12_000, 16_000])],
    ids=str,
)  # fmt: skip
def test_windows_cover_the_sound_and_hold_no_zeros(samples: int, starts: list[int]) -> None:
    assert window_starts(samples, 250).tolist() == starts


def drawn(samples: np.ndarray, piece: int) -> np.ndarray:
    outline = Outline(len(samples))
    for start in range(0, len(samples), piece):
        outline.add(samples[start : start + piece])
    return outline.drawn()


@pytest.mark.parametrize("piece", [999, 100_000])
def test_an_outline_keeps_what_is_loudest(piece: int) -> None:
    samples = np.zeros(100_000, np.float32)
    samples[[12_345, 99_999]] = 0.5, -0.25
    found = drawn(samples, piece)
    assert len(found) == 32_000
    assert (found.max(), found.min()) == (0.5, -0.25)
    assert abs(int(found.argmax()) / 32_000 - 0.12345) < 1e-4


def test_an_outline_of_a_short_sound_is_the_sound() -> None:
    samples = np.linspace(-1, 1, 20_000, dtype=np.float32)
    np.testing.assert_array_equal(drawn(samples, 7_000), samples)
    np.testing.assert_array_equal(drawn(samples[:9_000], 7_000)[:9_000], samples[:9_000])
    assert not drawn(samples[:9_000], 7_000)[9_000:].any()


def test_more_windows_than_can_be_kept_are_refused() -> None:
    with pytest.raises(DataError, match=r"has 3,599,000 windows .* Take a wider stride than 1 ms"):
        window_starts(3_600 * 16_000, 1)


def heard(odds: list[list[float]]) -> Predicted:
    """A sound with these probabilities, a window every half second."""
    logits = np.log(np.array(odds, np.float32))
    return Predicted(
        clip=ClipRef(name="a.wav", path="/a.wav", digest="0"), stride_ms=500, words=("x", "y"),
        logits_WK=logits, starts_s=np.arange(len(odds)) * 0.5, seconds=0.5 + 0.5 * len(odds),
        rate_hz=16_000, channels=1, outline=np.zeros(16_000, np.float32),
    )  # fmt: skip


def test_moments_are_stretches_of_one_class_the_surest_first() -> None:
    found = heard([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]).moments()
    seen = [(one.word, round(one.probability, 6), one.surest_s, one.start_s, one.stop_s)
            for one in found]  # fmt: skip
    assert seen == [("x", 0.9, 0.5, 0.0, 1.5), ("y", 0.8, 1.0, 1.0, 2.0), ("x", 0.7, 1.5, 1.5, 2.5)]


def test_every_class_is_guessed_once_where_it_is_surest() -> None:
    found = heard([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]]).guesses()
    assert [(one.word, round(one.probability, 6), one.start_s) for one in found] == [
        ("x", 0.9, 0.5), ("y", 0.8, 1.0),
    ]  # fmt: skip


def test_what_a_person_means(tmp_path: Path) -> None:
    run = opened()
    folder = tmp_path / "sounds" / "deep"
    folder.mkdir(parents=True)
    soundfile.write(folder / "b.flac", np.zeros(8_000), 8_000)
    soundfile.write(folder.parent / "a.WAV", np.zeros(8_000), 8_000, format="WAV")
    (folder / "notes.txt").write_text("no sound")
    (folder / "c.mp3").write_text("no sound either")
    (folder / "._b.flac").write_text("what a Mac leaves on a stick")
    found = meant(run, str(folder.parent))
    names = [one.name if isinstance(one, ClipRef) else str(one) for one in found]
    assert names[:2] == ["a.WAV", "b.flac"]
    assert "c.mp3: is not sound" in names[2]
    [clip] = meant(run, "middle")
    assert isinstance(clip, ClipRef)
    assert clip.name == "middle/test1.wav"
    (tmp_path / "none").mkdir()
    [error] = meant(run, str(tmp_path / "none"))
    assert isinstance(error, LabbenchError)
    assert "holds no sound files" in str(error)


def test_a_file_that_is_not_there_is_told_even_where_the_clips_are_gone() -> None:
    run = opened()
    shutil.rmtree(clips_of(run).folder)
    [error] = meant(run, "my.wav")
    assert isinstance(error, LabbenchError)
    assert "there is no such file" in str(error)
    [other] = meant(run, "middle")
    assert isinstance(other, LabbenchError)
    assert "no data set 'tones'" in str(other)
