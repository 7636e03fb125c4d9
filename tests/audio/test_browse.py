"""Finding clips in a data set: 36 to train, 12 to validate, 15 to test, of three words."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.audio.browse import amplitudes, facts, row_of, rows_of
from labbench.errors import DataError
from tests.tiny import make_clips


def test_words_and_splits_narrow() -> None:
    clips = make_clips()
    assert rows_of(clips).tolist() == list(range(63))
    assert rows_of(clips, words=["low"], splits=["test"]).tolist() == [48, 51, 54, 57, 60]
    both = rows_of(clips, words=["low", "high"], splits=["test", "validation"])
    assert len(both) == 2 * (4 + 5)
    names = [clips.names[row].decode() for row in both]
    assert {name.split("/")[0] for name in names} == {"low", "high"}
    assert not any("train" in name for name in names)


@pytest.mark.parametrize(
    ("narrow", "hint"), [({"words": ["lo"]}, "'low'"), ({"splits": ["tests"]}, "'test'")]
)
def test_what_is_not_there_is_told(narrow: dict[str, list[str]], hint: str) -> None:
    with pytest.raises(DataError, match="There is no") as raised:
        rows_of(make_clips(), **narrow)
    assert hint in raised.value.hint


@pytest.mark.parametrize("asked", ["high/test2.wav", "test2.wav", "test2", "high/test2", "50"])
def test_a_clip_is_found_by_its_name_an_end_of_it_or_its_row(asked: str) -> None:
    clips = make_clips()
    found = facts(clips, row_of(clips, asked))
    assert (found.row, found.name, found.word, found.split) == (
        50, "high/test2.wav", "high", "test",
    )  # fmt: skip
    assert (found.speaker, found.seconds, found.changed) == ("test-speaker", 1.0, ())
    assert amplitudes(clips, 50).tolist() == (clips.clips[50] / 32_768).tolist()


@pytest.mark.parametrize(
    ("asked", "why"),
    [("none.wav", "no clip"), ("63", "no clip"), ("", "no"), ("9" * 5000, "no clip")],
    ids=["name", "row", "nothing", "long row"],
)
def test_a_clip_that_is_not_there(asked: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        row_of(make_clips(), asked)


def test_an_end_that_several_have() -> None:
    clips = make_clips()
    names = np.array(clips.names)
    names[3] = b"low/same.wav"
    names[4] = b"middle/same.wav"
    object.__setattr__(clips, "names", names)
    with pytest.raises(DataError, match="may mean 2 clips") as raised:
        row_of(clips, "same")
    assert "low/same.wav, middle/same.wav" in raised.value.hint
    assert row_of(clips, "middle/same") == 4
