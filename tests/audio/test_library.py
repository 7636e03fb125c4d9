"""A listing finds damaged data sets, says what is wrong, and they can be removed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbench import paths
from labbench.audio import library
from labbench.audio.build import add
from labbench.audio.clips import open_clips
from labbench.audio.library import difference_in_words, look_alike_key, natural_key
from labbench.errors import DataError
from labbench.runs import launch
from tests.audio.folders import folder
from tests.tiny import make_clips
from tests.unprivileged import unprivileged


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


KILLED_AT_EVERY_MOMENT = """
import shutil
from labbench import paths
from labbench.audio import library
from tests.killed import deaths
from tests.tiny import make_clips
folder, kept = make_clips("mine").folder, paths.clips_dir() / ".kept"
whole = {path.name for path in folder.iterdir()}
shutil.copytree(folder, kept)
for _ in deaths(lambda: library.remove("mine")):
    if folder.exists():
        print("whole" if {path.name for path in folder.iterdir()} == whole else "half")
    else:
        print("gone", len(library.survey()))
        shutil.copytree(kept, folder)
"""


def test_a_removal_that_is_killed_leaves_the_whole_set_or_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EVERY_MOMENT], capture_output=True, text=True, check=True,
        env=launch.of_this_process().whole_environment(os.environ),
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert set(said) == {"whole", "gone 0"}
    assert said == sorted(said, reverse=True), "it is gone for good at one moment"
    assert said.count("gone 0") > 10
    assert not list(paths.clips_dir().glob(".removing-*")), "the last one swept what others left"


def test_a_link_is_not_followed_and_a_protected_set_left_whole(tmp_path: Path) -> None:
    folder = make_clips("mine").folder
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="is a link"):
        library.remove("mine")
    assert folder.is_symlink()
    assert open_clips("mine").meta.clips == 63
    make_clips("other").folder.chmod(0o555)
    command = unprivileged(sys.executable, "-m", "labbench", "data", "rm", "other", "--yes")
    done = subprocess.run(command, capture_output=True, text=True)
    (paths.clips_dir() / "other").chmod(0o755)
    assert done.returncode == DataError.exit_code
    assert "it cannot be deleted: Permission denied" in done.stderr
    assert open_clips("other").meta.clips == 63


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
    assert sorted(mixed, key=natural_key) == words


@given(st.lists(st.text(), unique=True))
def test_any_words_have_one_order(words: list[str]) -> None:
    assert len(sorted({natural_key(word) for word in words})) == len(words)


def test_words_that_look_alike() -> None:
    composed, decomposed = "café", unicodedata.normalize("NFD", "café")
    assert composed != decomposed
    assert {look_alike_key(word) for word in (composed, decomposed, "CAFÉ")} == {"café"}
    assert look_alike_key("cafe") != look_alike_key(composed)
    assert difference_in_words([composed, decomposed]) == "Unicode form"
    assert difference_in_words(["yes", "Yes"]) == "case"


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
