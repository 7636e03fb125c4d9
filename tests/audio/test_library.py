"""A listing finds damaged data sets, says what is wrong, and they can be removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labbench.audio import library
from labbench.audio.clips import open_clips
from labbench.errors import DataError
from tests.tiny import make_clips


def cut_short(folder: Path) -> None:
    os.truncate(folder / "clips.npy", 5_000)


def without_labels(folder: Path) -> None:
    (folder / "labels.npy").unlink()


def without_meta(folder: Path) -> None:
    (folder / "meta.json").unlink()


def garbled(folder: Path) -> None:
    (folder / "meta.json").write_text('{"format": 1')


def of_tomorrow(folder: Path) -> None:
    text = (folder / "meta.json").read_text()
    (folder / "meta.json").write_text(text.replace('"format": 1', '"format": 2'))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut_short": (cut_short, "clips.npy has 5,000 bytes, 2,016,000 are needed."),
    "without_labels": (without_labels, "labels.npy is missing."),
    "without_meta": (without_meta, "no meta.json"),
    "garbled": (garbled, "cannot be read"),
    "of_tomorrow": (of_tomorrow, "format 2"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_told_and_can_be_removed(name: str) -> None:
    damage, why = DAMAGES[name]
    make_clips("good")
    folder = make_clips("bad").folder
    damage(folder)
    bad, good = library.survey()
    assert (bad.name, good.name, good.damage) == ("bad", "good", "")
    assert why in bad.damage
    assert good.meta is not None
    assert good.size_bytes > 63 * 32_000
    with pytest.raises(DataError):
        open_clips("bad")
    library.remove("bad")
    assert [one.name for one in library.survey()] == ["good"]


def test_numbers_that_no_word_has_are_damage() -> None:
    folder = make_clips().folder
    labels = np.load(folder / "labels.npy")
    labels[7] = 3
    np.save(folder / "labels.npy", labels)
    with pytest.raises(DataError, match=r"labels\.npy holds numbers it should not"):
        open_clips("tones")


def test_a_new_machine_has_none() -> None:
    assert library.survey() == []
