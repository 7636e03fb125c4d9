"""What sounds are taken for, drawn and written."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from labbench.draw.export import npz
from labbench.errors import DataError
from labbench.interpret.clip import ClipRef
from labbench.interpret.predict.answer import Predicted
from labbench.interpret.predict.course import Course
from labbench.interpret.predict.options import PredictOptions
from labbench.interpret.predict.picture import PredictionsView
from tests.draw.drawing import lines, plain
from tests.recorded import report_matrix

WORDS, _ = report_matrix()


def sound(windows: int, word: str = "", seconds: float | None = None) -> Predicted:
    """Each window is taken for the next word."""
    logits = np.full((windows, 16), -2.0, np.float32)
    logits[np.arange(windows), np.arange(windows) % 16] = np.linspace(3, 5, windows)
    return Predicted(
        clip=ClipRef(name=f"{windows}.wav", path=f"/sounds/{windows}.wav", digest="0", word=word),
        stride_ms=500, words=WORDS, logits_WK=logits, starts_s=np.arange(windows) * 0.5,
        seconds=seconds or 0.5 + 0.5 * windows, rate_hz=44_100, channels=2,
        outline=np.sin(np.arange(16_000) / 9).astype(np.float32),
    )  # fmt: skip


def view(*sounds: Predicted, **changes: object) -> PredictionsView:
    return PredictionsView("0001-net", False, PredictOptions(), 7, sounds, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("height", [8, 20, 40])
@pytest.mark.parametrize("windows", [1, 9, 300])
def test_fits(width: int, height: int, windows: int) -> None:
    drawn = lines(view(sound(windows)), width, height)
    assert len(drawn) <= height
    assert max(map(len, drawn)) <= width


def test_a_short_sound_is_said_to_be_followed_by_zeros() -> None:
    text = plain(view(sound(1, "tree", seconds=0.4)), 100)
    assert "0.60 s of zeros follow, as in training" in text
    assert "✖ it is tree" in text
    assert "44,100 Hz" in text
    assert text.index("\nzero ") < text.index("\none ")
    assert "which the net never learned" in plain(view(sound(1, "xylophone")), 100)


def test_all_classes_where_there_is_room_and_the_likeliest_where_there_is_none() -> None:
    one = sound(4)
    names = [line.split()[0] for line in lines(Course(one), 60) if line[:1].isalpha()]
    assert names == list(WORDS)
    few = [line.split()[0] for line in lines(Course(one), 60, 7) if line[:1].isalpha()]
    assert few == ["zero", "one", "two", "three"]


def test_bars_stand_where_the_class_is_heard() -> None:
    odds = Course(sound(4)).columns(50)
    assert odds.shape == (16, 50)
    # Middles at 0.5, 1, 1.5 and 2 of 2.5 seconds.
    assert odds[:4].argmax(axis=0).tolist() == [0] * 15 + [1] * 10 + [2] * 10 + [3] * 15
    # More windows than columns: none is left out.
    many = Course(sound(300)).columns(20)
    assert many[:16].max(axis=1).min() > 0.7


def test_several_sounds_as_csv_json_and_arrays() -> None:
    shown = view(sound(1, "zero"), sound(3), unreadable=(DataError("is empty.", where="x.wav"),))
    rows = list(csv.DictReader(shown.as_csv().splitlines()))
    assert [row["predicted"] for row in rows] == ["zero", "zero", "one", "two"]
    assert [row["start_s"] for row in rows] == ["0.0", "0.0", "0.5", "1.0"]
    odds = [float(rows[3][f"p({word})"]) for word in WORDS]
    assert sum(odds) == pytest.approx(1)
    assert max(odds) == float(rows[3]["probability"])
    document = shown.as_json()
    assert document["unreadable"] == [{"where": "x.wav", "what": "is empty."}]
    assert [len(one["top"]) for one in document["sounds"]] == [5, 5]
    assert document["sounds"][1]["moments"][0]["word"] == "two"
    assert shown.as_arrays()["logits"].shape == (4, 16)
    assert npz(shown)
    text = plain(shown, 100)
    assert "1.wav" in text
    assert "3.wav" in text


def test_nothing_read_is_no_fault() -> None:
    shown = view()
    assert shown.as_csv().splitlines() == ["sound,start_s,predicted,probability"]
    assert shown.as_arrays()["logits"].shape == (0, 0)
    assert "0001-net" in plain(shown, 60)
