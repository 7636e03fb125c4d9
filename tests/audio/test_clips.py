from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labbench.audio import library
from labbench.audio.clips import open_clips
from labbench.errors import DataError
from tests import tiny


def test_a_selection_has_labels_in_the_order_of_the_words() -> None:
    clips = tiny.make_clips()
    chosen = clips.select(("high", "low"), "test")
    assert len(chosen.rows) == 10
    for row, label in zip(chosen.rows, chosen.labels, strict=True):
        assert clips.words[clips.labels[row]] == ("high", "low")[label]
        assert clips.splits[row] == 2
    assert isinstance(clips.clips, np.memmap)


def test_missing_words_and_data_sets_are_named_with_the_way_out() -> None:
    clips = tiny.make_clips()
    with pytest.raises(DataError, match="no clips of: bed, cat") as failure:
        clips.select(("low", "bed", "cat"), "train")
    assert "low, middle, high" in failure.value.hint
    with pytest.raises(DataError, match="'tonse'") as failure:
        open_clips("tonse")
    assert "'tones'" in failure.value.hint
    assert "data add" in failure.value.hint


def test_a_damaged_data_set_is_named() -> None:
    clips = tiny.make_clips()
    path = clips.folder / "labels.npy"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match=r"labels\.npy"):
        open_clips("tones")


def test_columns_of_another_shape_are_damage() -> None:
    clips = tiny.make_clips()
    for column, array in (("labels", clips.labels[:, None]), ("speaker_names", np.array(b"a"))):
        path = clips.folder / f"{column}.npy"
        good = path.read_bytes()
        np.save(path, array)
        with pytest.raises(DataError, match=column):
            open_clips("tones")
        path.write_bytes(good.replace(b"'shape'", b"('shape'"))
        with pytest.raises(DataError, match=column):
            open_clips("tones")
        path.write_bytes(good)


def test_auto_takes_speech_commands_else_the_only_one_else_synthetic(tmp_path: Path) -> None:
    assert library.auto_name(tiny.WORDS) == "synthetic"
    tiny.make_clips("mine")
    assert library.auto_name(tiny.WORDS) == "mine"
    tiny.make_clips("other")
    with pytest.raises(DataError, match="several data sets: mine, other") as failure:
        library.auto_name(tiny.WORDS)
    assert "--set data.name=mine" in failure.value.hint
    tiny.make_clips("speech_commands")
    assert library.auto_name(tiny.WORDS) == "speech_commands"


def test_a_data_set_is_removed_whole() -> None:
    clips = tiny.make_clips()
    library.remove("tones")
    assert not clips.folder.exists()
    with pytest.raises(DataError):
        library.remove("tones")
