from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from labbench import paths
from labbench.audio import library, maker, sources
from labbench.audio.build import add
from labbench.audio.clips import open_clips
from labbench.audio.jobs import Add
from labbench.audio.splits import dealt, speaker_of, speech_commands_set
from labbench.errors import BusyError, DataError
from tests.audio.folders import folder, wav

SAMPLE = Path(
    os.environ.get("LABBENCH_SAMPLE")
    or Path(__file__).parents[3] / "shared" / "data" / "speech_commands_sample.tar.gz"
)


def test_speech_commands_by_its_own_rule(tmp_path: Path) -> None:
    clips = add("sc", folder(tmp_path / "in"))
    assert clips.meta.kind == "speech_commands"
    assert clips.words == ("bed", "cat")
    assert len(clips.clips) == 80
    for name, split, sample in zip(clips.names, clips.splits, clips.clips[:, 0], strict=True):
        word, base = name.decode().split("/")
        assert ("train", "validation", "test")[split] == speech_commands_set(base)
        speaker = int(base.split("_")[0], 16) // 7919 if int(base[:8], 16) else 0
        assert sample == 1 + 1000 * (word == "cat") + speaker
    by_speaker: dict[int, set[int]] = {}
    for speaker, split in zip(clips.speakers, clips.splits, strict=True):
        by_speaker.setdefault(int(speaker), set()).add(int(split))
    assert all(len(found) == 1 for found in by_speaker.values())


def test_the_rule_is_the_data_sets_own() -> None:
    """Files of the official lists of v0.02."""
    known = {
        "0e17f595_nohash_1.wav": "validation",
        "1bc45db9_nohash_1.wav": "validation",
        "b433332a_nohash_0.wav": "validation",
        "1528225c_nohash_0.wav": "test",
        "9d4bab4f_nohash_1.wav": "test",
        "a1533da4_nohash_0.wav": "test",
    }
    assert {name: speech_commands_set(name) for name in known} == known
    # A clip's number never matters, its speaker does.
    assert speech_commands_set("abc_nohash_0.wav") == speech_commands_set("abc_nohash_9.wav")
    counts = {"train": 0, "validation": 0, "test": 0}
    for speaker in range(5000):
        counts[speech_commands_set(f"{speaker:08x}_nohash_0.wav")] += 1
    assert 400 < counts["validation"] < 600
    assert 400 < counts["test"] < 600


def test_official_lists_win(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    names = sorted(f"{p.parent.name}/{p.name}" for p in root.rglob("*.wav"))
    of_train = [n for n in names if speech_commands_set(n.split("/")[1]) == "train"]
    (root / "validation_list.txt").write_text("\n".join(of_train[:3]) + "\n")
    (root / "testing_list.txt").write_text("\n".join(of_train[3:5]) + "\n")
    clips = add("sc", root)
    split = {name.decode(): int(code) for name, code in zip(clips.names, clips.splits, strict=True)}
    assert [split[name] for name in of_train[:6]] == [1, 1, 1, 2, 2, 0]
    assert "official" in clips.meta.split_rule


def test_any_folder_is_split_by_speaker_where_names_tell_them(tmp_path: Path) -> None:
    for word in ("yes", "no"):
        (tmp_path / "in" / word).mkdir(parents=True)
        for speaker in ("ann", "bob", "cid", "dan", "eve"):
            for take in range(3):
                path = tmp_path / "in" / word / f"{word}_{speaker}_{take}.wav"
                path.write_bytes(wav(5))
    clips = add("own", tmp_path / "in")
    assert clips.meta.kind == "folder"
    assert "by speaker" in clips.meta.split_rule
    splits_of = {
        speaker: {int(s) for s in clips.splits[clips.speakers == index]}
        for index, speaker in enumerate(clips.speaker_names)
    }
    assert len(splits_of) == 5
    assert all(len(found) == 1 for found in splits_of.values())
    assert {next(iter(found)) for found in splits_of.values()} == {0, 1, 2}


def test_without_speakers_each_word_is_dealt_by_name() -> None:
    names = [f"{w}/{i}.wav" for w in "ab" for i in range(20)]
    words = [name[0] for name in names]
    codes, rule = dealt(names, words, [None] * 40)
    assert "a voice can be in two splits" in rule
    for word in "ab":
        mine = [code for code, w in zip(codes, words, strict=True) if w == word]
        assert [mine.count(code) for code in (0, 1, 2)] == [16, 2, 2]
    assert dealt(names[::-1], words[::-1], [None] * 40)[0] == codes[::-1]


def test_clips_that_tell_no_speaker_leave_the_others_by_speaker() -> None:
    names = [f"a/{s}_nohash_{take}.wav" for s in range(30) for take in range(4)]
    odd = [f"a/recording {n}.wav" for n in range(10)]
    speakers = [speaker_of("a", name.split("/")[1]) for name in names + odd]
    codes, rule = dealt(names + odd, ["a"] * 130, speakers)
    assert "10 whose names tell no speaker" in rule
    for place in range(0, 120, 4):
        assert len(set(codes[place : place + 4])) == 1
    assert [codes[:120].count(code) for code in (0, 1, 2)] == [96, 12, 12]
    assert [codes[120:].count(code) for code in (0, 1, 2)] == [8, 1, 1]


def test_speakers_in_names() -> None:
    assert speaker_of("bed", "00f0204f_nohash_3.wav") == "00f0204f"
    assert speaker_of("7", "7_jackson_32.wav") == "jackson"
    assert speaker_of("bed", "recording 12.wav") is None


def test_background_noise_and_other_files_are_passed_over(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    (root / "_background_noise_").mkdir()
    (root / "_background_noise_" / "hum.wav").write_bytes(wav(1, 90_000))
    (root / "README.md").write_text("read me")
    (root / "bed" / ".hidden.wav").write_bytes(wav(1))
    clips = add("sc", root)
    assert clips.words == ("bed", "cat")
    assert len(clips.clips) == 80
    assert not clips.meta.skipped


def test_broken_files_are_skipped_and_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    (root / "bed" / "torn_nohash_0.wav").write_bytes(wav(1)[:5000])
    (root / "bed" / "empty_nohash_0.wav").write_bytes(b"")
    (root / "cat" / "text_nohash_0.wav").write_text("not sound")
    clips = add("sc", root)
    skipped = {one.name: one.reason for one in clips.meta.skipped}
    assert skipped.keys() == {
        "bed/torn_nohash_0.wav", "bed/empty_nohash_0.wav", "cat/text_nohash_0.wav",
    }  # fmt: skip
    assert "torn" in skipped["bed/torn_nohash_0.wav"]
    assert len(clips.clips) == 80


def test_words_can_be_chosen_and_ordered(tmp_path: Path) -> None:
    root = folder(tmp_path / "in", words=("a", "b", "c"))
    assert add("some", root, words=["c", "a"]).words == ("c", "a")
    with pytest.raises(DataError, match="no clips of 'd'"):
        add("none", root, words=["a", "d"])
    with pytest.raises(DataError, match="a: named twice"):
        add("twice", root, words=["a", "b", "a"])
    assert library.data_set_names() == ["some"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda root: None, "no such file"),
        (lambda root: root.mkdir(), "no clip in it"),
        (lambda root: root.write_text("x"), "neither a folder nor an archive"),
    ],
)
def test_nothing_usable_is_a_clear_error(tmp_path: Path, make: object, why: str) -> None:
    make(tmp_path / "in")  # type: ignore[operator]
    with pytest.raises(DataError, match=why):
        add("x", tmp_path / "in")
    assert library.data_set_names() == []


def test_an_empty_split_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"leave the .* split empty"):
        add("x", folder(tmp_path / "in", speakers=2))


def test_a_kill_while_it_is_made_leaves_the_old_one_and_is_swept(
    tmp_path: Path, labbench_home: Path
) -> None:
    root = folder(tmp_path / "in")
    old = add("sc", root).meta.fingerprint
    (root / "bed" / "more_nohash_0.wav").write_bytes(wav(9))
    code = (
        "import sys, time, pathlib; from labbench.audio.build import add\n"
        "def slow(done, total, what, /): time.sleep(0.05)\n"
        f"add('sc', pathlib.Path({str(root)!r}), replace=True, progress=slow)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 20
    while not list(paths.clips_dir().glob(".sc.making-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(BusyError):
        add("sc", root, replace=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert open_clips("sc").meta.fingerprint == old
    assert list(paths.clips_dir().glob(".sc.making-*"))
    new = add("sc", root, replace=True)
    assert new.meta.fingerprint != old
    assert not list(paths.clips_dir().glob(".sc.*making*"))


def test_a_name_that_is_taken_needs_replace(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    add("sc", root)
    with pytest.raises(DataError, match="already") as failure:
        add("sc", root)
    assert "--replace" in failure.value.hint


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    def cancel(done: int, total: int, what: str, /) -> None:
        if done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add("sc", folder(tmp_path / "in"), progress=cancel)
    assert library.data_set_names() == []
    assert not list(paths.clips_dir().glob(".sc.making-*"))


def test_a_full_disk_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "small"
    place.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True
        ).returncode
    ):
        pytest.skip("needs to mount a small tmpfs")
    try:
        monkeypatch.setenv("LABBENCH_CLIPS", str(place))
        with pytest.raises(DataError, match="disk is full"):
            add("sc", folder(tmp_path / "in"))
        assert [path.name for path in place.iterdir() if path.is_dir()] == []
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real speech is not here")
def test_real_speech() -> None:
    clips = add("sample", SAMPLE)
    assert clips.meta.clips_by_split == {"train": 3600, "validation": 510, "test": 581}
    assert not clips.meta.skipped
    with tarfile.open(SAMPLE) as archive:
        listed = {
            line
            for name in ("./validation_list.txt", "./testing_list.txt")
            for line in archive.extractfile(name).read().decode().split()  # type: ignore[union-attr]
        }
    # The official lists agree with the rule, clip by clip.
    for name in listed:
        assert speech_commands_set(name.split("/")[1]) != "train"
    for name, split in zip(clips.names, clips.splits, strict=True):
        rule = speech_commands_set(name.decode().split("/")[1])
        assert ("train", "validation", "test")[split] == rule
    assert clips.select(("zero", "cat"), "train").labels.tolist().count(1) == 320


@pytest.mark.skipif(sys.platform != "linux", reason="names are UTF-8 there")
def test_files_whose_names_are_no_text_are_left_out(tmp_path: Path) -> None:
    source = folder(tmp_path / "in")
    odd = source / "bed" / os.fsdecode(b"\xff.wav")
    shutil.copy(next((source / "bed").glob("*.wav")), odd)
    clips = add("sc", source)
    assert [(one.name, one.reason) for one in clips.meta.skipped] == [
        ("bed/?.wav", "has a name that is no UTF-8 text")
    ]
    with pytest.raises(DataError, match="UTF-8"):
        maker.make(Add(name="other", path=os.fsdecode(b"/tmp/\xff")))


@pytest.mark.parametrize(
    "stage",
    ["looking for files", "reading", "checking levels", "comparing", "comparing pairs",
     "comparing in full"],
)  # fmt: skip
def test_whenever_it_is_stopped_nothing_half_is_left(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LOOK_EVERY", 10)
    source = folder(tmp_path / "in")
    before = add("mine", source, words=["bed"]).meta.fingerprint

    def stop(done: int, total: int, what: str, /) -> None:
        if what == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add("mine", source, replace=True, progress=stop)
    assert open_clips("mine").meta.fingerprint == before
    assert [path.name for path in paths.clips_dir().iterdir() if path.is_dir()] == ["mine"]
