"""Splits that are given: by lists, however they are written, and by folders."""

from __future__ import annotations

import hashlib
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from labbench.audio.build import add
from labbench.audio.clips import Clips
from labbench.audio.splits import speech_commands_set
from tests.audio.folders import folder, wav

Form = Callable[[str], bytes]
"""How a line of a list is written."""

FORMS: dict[str, Form] = {
    "dot": lambda name: f"./{name}\n".encode(),
    "crlf": lambda name: f"{name}\r\n".encode(),
    "backslash": lambda name: name.replace("/", "\\").encode() + b"\r\n",
    "folder": lambda name: f"data/speech_commands_v0.02/{name}\n".encode(),
    "absolute": lambda name: f"/home/ann/{name}\n".encode(),
    "suffix": lambda name: f"{name.removesuffix('.wav')}.flac\n".encode(),
    "decomposed": lambda name: unicodedata.normalize("NFD", name).encode() + b"\n",
}
WORDS = ("bed", "café")


def splits_of(clips: Clips) -> dict[str, str]:
    names = [name.decode() for name in clips.names]
    return {n: ("train", "validation", "test")[c] for n, c in zip(names, clips.splits, strict=True)}


def held(root: Path) -> tuple[list[str], list[str]]:
    """Clips for validation and for test that the data set's own rule has train on."""
    names = sorted(f"{path.parent.name}/{path.name}" for path in root.rglob("*.wav"))
    of_train = [name for name in names if speech_commands_set(name.split("/")[1]) == "train"]
    return of_train[::9][:4], of_train[1::9][:4]


def write_lists(root: Path, form: Form, start: bytes = b"") -> tuple[list[str], list[str]]:
    validation, test = held(root)
    for file, names in (("validation_list.txt", validation), ("testing_list.txt", test)):
        (root / file).write_bytes(start + b"".join(map(form, names)))
    return validation, test


@pytest.mark.parametrize("form", FORMS)
def test_lists_are_matched_however_they_are_written(tmp_path: Path, form: str) -> None:
    root = folder(tmp_path / "in", words=WORDS)
    validation, test = write_lists(root, FORMS[form])
    clips = add("sc", root)
    found = splits_of(clips)
    assert [found[name] for name in validation + test] == ["validation"] * 4 + ["test"] * 4
    assert "by the official validation_list.txt and testing_list.txt, " in clips.meta.split_rule
    assert not clips.meta.split_notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lists_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    root = folder(tmp_path / "in", words=WORDS)
    validation, _ = held(root)
    (root / "validation_list.txt").write_text("\n".join(validation), encoding=encoding)
    clips = add("sc", root)
    assert {splits_of(clips)[name] for name in validation} == {"validation"}
    assert "by the official validation_list.txt, " in clips.meta.split_rule
    assert not clips.meta.split_notes


def test_lines_that_name_no_clip_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    validation, test = held(root)
    lost = ["bed/none_nohash_0.wav", "nothing", "cat/none_nohash_1.wav"]
    other = ["zebra/a_nohash_0.wav", "zebra/b_nohash_0.wav"]
    (root / "validation_list.txt").write_text("\n".join([*validation, *lost]))
    (root / "testing_list.txt").write_text("\n".join([*test, validation[0], *other]))
    clips = add("sc", root)
    assert splits_of(clips)[validation[0]] == "test"
    told = "3 of 12 lines name no clip: first bed/none_nohash_0.wav; 1 clip in both lists"
    assert f"by the official validation_list.txt and testing_list.txt ({told}" in (
        clips.meta.split_rule
    )
    assert "2 lines of the lists of other words" in clips.meta.split_rule
    assert [note.startswith(told) for note in clips.meta.split_notes] == [True]


def test_lists_that_name_no_clip_at_all_are_not_followed_and_it_is_said(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    write_lists(root, lambda name: name.upper().encode() + b"\n")
    clips = add("sc", root)
    for name, split in splits_of(clips).items():
        assert split == speech_commands_set(name.split("/")[1])
    first = held(root)[0][0].upper()
    told = (
        "NOT by the official validation_list.txt and testing_list.txt:"
        f" none of 8 lines names a clip: first {first}"
    )
    assert clips.meta.split_rule == (
        f"by speaker, the sha1 rule of Speech Commands (10 % validation, 10 % test); {told}"
    )
    assert clips.meta.split_notes == (told,)


def test_lists_of_a_set_of_other_names(tmp_path: Path) -> None:
    """What is in no list is trained on; a split without a list is dealt from that."""
    names = spread(tmp_path / "in", ["yes", "no"], 20)
    tested = names[::7]
    (tmp_path / "in" / "testing_list.txt").write_text("\n".join(tested))
    clips = add("own", tmp_path / "in")
    found = splits_of(clips)
    assert {name for name, split in found.items() if split == "test"} == set(tested)
    for word in ("yes", "no"):
        rest = [name for name in names if name not in tested and name.startswith(word)]
        order = sorted(rest, key=lambda name: hashlib.sha1(name.encode()).digest())
        assert [name for name in order if found[name] == "validation"] == order[:2]
    assert clips.meta.kind == "folder"
    assert not clips.meta.attribution
    assert "validation of the clips for train, by clip: 10 % of each word" in clips.meta.split_rule


def test_the_lists_nearest_to_the_top_are_those_of_the_set(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    validation, test = write_lists(root, lambda name: f"{name}\n".encode())
    (root / "lists" / "old").mkdir(parents=True)
    (root / "lists" / "old" / "testing_list.txt").write_text("\n".join(validation))
    clips = add("sc", root)
    assert {splits_of(clips)[name] for name in validation} == {"validation"}
    assert {splits_of(clips)[name] for name in test} == {"test"}
    assert not clips.meta.skipped


def spread(root: Path, folders: list[str], count: int) -> list[str]:
    """Clips without speakers in folders; returns their paths."""
    names = []
    for number, one in enumerate(folders):
        (root / one).mkdir(parents=True)
        for index in range(count):
            (root / one / f"t{index}.wav").write_bytes(wav(1 + 100 * number + index))
            names.append(f"{one}/t{index}.wav")
    return names


def given(root: Path, heads: tuple[str, ...], count: int = 6) -> list[str]:
    return spread(root, [f"{head}/{word}" for head in heads for word in ("yes", "no")], count)


@pytest.mark.parametrize(
    "heads",
    [("train", "val", "test"), ("Training", "valid", "TESTING"), ("train", "dev", "eval"),
     ("train", "eval", "test")],
)  # fmt: skip
def test_folders_of_splits_are_followed(tmp_path: Path, heads: tuple[str, ...]) -> None:
    names = given(tmp_path / "in", heads)
    clips = add("own", tmp_path / "in")
    assert clips.words == ("no", "yes")
    means = dict(zip(heads, ("train", "validation", "test"), strict=True))
    assert splits_of(clips) == {name: means[name.split("/")[0]] for name in names}
    assert clips.meta.split_rule == f"by the folders {', '.join(heads)}"


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_folders_of_splits_in_an_archive(tmp_path: Path, kind: str) -> None:
    given(tmp_path / "in" / "set" / "audio", ("train", "val", "test"))
    archive = tmp_path / f"set.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for path in sorted((tmp_path / "in").rglob("*.wav")):
                packed.write(path, path.relative_to(tmp_path / "in"))
    else:
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(tmp_path / "in" / "set", "./set")
    clips = add("own", archive)
    assert clips.meta.clips_by_split == {"train": 12, "validation": 12, "test": 12}
    assert all(name.split("/")[0] == {"validation": "val"}.get(split, split)
               for name, split in splits_of(clips).items())  # fmt: skip


def test_a_split_without_a_folder_is_dealt_from_train(tmp_path: Path) -> None:
    names = given(tmp_path / "in", ("train", "test"), 20)
    found = splits_of(clips := add("own", tmp_path / "in"))
    assert {name for name in names if found[name] == "test"} == {
        name for name in names if name.startswith("test/")
    }
    counts = [list(found.values()).count(split) for split in ("train", "validation")]
    assert counts == [36, 4]
    assert clips.meta.split_rule.startswith(
        "by the folders train, test; validation of the clips for train, by clip: 10 %"
    )


def test_folders_of_splits_with_clips_beside_them_are_not_followed_and_it_is_said(
    tmp_path: Path,
) -> None:
    given(tmp_path / "in", ("train", "test"), 12)
    spread(tmp_path / "in" / "more", ["yes"], 2)
    clips = add("own", tmp_path / "in")
    told = "NOT by the folders of train and test: 2 clips outside of them: first more/yes/t0.wav"
    assert clips.meta.split_notes == (told,)
    assert told in clips.meta.split_rule


def test_words_that_are_named_as_splits_are_words(tmp_path: Path) -> None:
    spread(tmp_path / "in", ["train", "test", "bus"], 12)
    clips = add("own", tmp_path / "in")
    assert clips.words == ("bus", "test", "train")
    assert "by clip" in clips.meta.split_rule
    assert not clips.meta.split_notes
