"""Words in the order people count in, and words that look alike."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbench.audio.build import add
from labbench.audio.words import look, natural, told_apart
from labbench.errors import DataError
from tests.audio.folders import folder


@pytest.mark.parametrize(
    "words",
    [
        [str(n) for n in range(12)],
        ["cat", "digit2", "digit10", "digit10a", "digit10b", "zero"],
        ["v1.2", "v1.10", "v2.1"],
        ["02", "2", "10"],
        ["1", "1" + "0" * 5_000],
        ["bed", "bird", "cat", "dog", "eight"],
    ],
)
def test_numbers_are_counted(words: list[str]) -> None:
    mixed = random.Random(0).sample(words, len(words))
    assert sorted(mixed, key=natural) == words


@given(st.lists(st.text(), unique=True))
def test_any_words_have_one_order(words: list[str]) -> None:
    assert len(sorted({natural(word) for word in words})) == len(words)


def test_words_that_look_alike() -> None:
    composed, decomposed = "café", unicodedata.normalize("NFD", "café")
    assert composed != decomposed
    assert look(composed) == look(decomposed) == look("CAFÉ") != look("cafe")
    assert told_apart([composed, decomposed]) == "Unicode form"
    assert told_apart(["yes", "Yes"]) == "case"


def test_classes_stand_in_the_order_people_count_in(tmp_path: Path) -> None:
    root = folder(tmp_path / "in", words=("digit10", "digit2", "0", "10", "2"))
    clips = add("digits", root)
    assert clips.words == ("0", "2", "10", "digit2", "digit10")
    for name, label in zip(clips.names, clips.labels, strict=True):
        assert clips.words[label] == name.decode().split("/")[0]


@pytest.mark.parametrize(("asked", "how"), [("cafe\u0301", "Unicode form"), ("CAFÉ", "case")])
def test_a_word_that_is_asked_for_in_another_form_is_told(
    tmp_path: Path, asked: str, how: str
) -> None:
    root = folder(tmp_path / "in", words=("bed", "café"))
    with pytest.raises(DataError, match="there are no clips of") as failure:
        add("own", root, words=["bed", asked])
    assert failure.value.hint == (
        f"The folder 'café' looks alike: they differ by {how}. Name it as it is."
    )
    with pytest.raises(DataError, match="there are no clips of") as failure:
        add("own", root, words=["beds"])
    assert failure.value.hint == "Did you mean 'bed'?"


def test_a_word_of_which_no_file_can_be_read_is_told_with_the_reason(tmp_path: Path) -> None:
    root = folder(tmp_path / "in", words=("bed", "cat"))
    for path in (root / "cat").iterdir():
        path.write_text("no sound")
    with pytest.raises(DataError, match="there are no clips of 'cat'") as failure:
        add("own", root, words=["cat"])
    assert failure.value.hint.startswith("Left out: cat/00000000_nohash_0.wav is not sound")
