"""Nothing of a folder or an archive vanishes: it is a clip, or it is told of."""

from __future__ import annotations

import bz2
import io
import lzma
import os
import shutil
import socket
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labbench.audio import archives, members, sources
from labbench.audio.build import add
from labbench.audio.clips import Clips, open_clips
from labbench.audio.members import TOP
from labbench.audio.progress import silent
from labbench.draw.export import export
from labbench.errors import DataError
from labbench.views.data import DataView
from tests.audio.folders import wav


def words(root: Path, *names: str, clips: int = 4) -> Path:
    for number, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for clip in range(clips):
            (root / name / f"{clip}.wav").write_bytes(wav(100 * number + clip + 1, 2_000))
    return root


def told(clips: Clips) -> dict[str, str]:
    return {one.name: one.reason for one in clips.meta.skipped}


def names(clips: Clips) -> set[str]:
    return {name.decode() for name in clips.names}


def test_a_linked_folder_is_a_word(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    (root / "zoo").symlink_to(words(tmp_path / "else", "dog") / "dog")
    (root / "deep").mkdir()
    (root / "deep" / "eel").symlink_to("../../far")
    words(tmp_path / "far", "inner")
    (tmp_path / "far" / "0.wav").symlink_to(root / "bed" / "0.wav")
    clips = add("x", root)
    assert clips.words == ("bed", "cat", "eel", "inner", "zoo")
    assert len(clips.clips) == 4 * 4 + 1
    assert not clips.meta.skipped


def test_links_in_a_circle_have_an_end_and_are_told(tmp_path: Path) -> None:
    """Real folders come first: `aaa` would else take the clips of `bed`."""
    root = words(tmp_path / "in", "bed", "cat")
    for link, to in {
        "aaa": "bed", "bed/again": "..", "up": "../..", "gone": "nowhere", "cat/loop": "loop",
        "bed/gone.wav": "nowhere.wav",
    }.items():  # fmt: skip
        (root / link).symlink_to(to)
    clips = add("x", root)
    assert clips.words == ("bed", "cat")
    assert len(clips.clips) == 8
    assert told(clips) == {
        "aaa": "is a link to a folder that is read anyway",
        "bed/again": "is a link to a folder that is read anyway",
        "up": "is a link to a folder above it",
        "gone": "is a link to nothing",
        "bed/gone.wav": "is a link to nothing",
        "cat/loop": "is a link to nothing",
    }


def test_what_is_no_plain_file_is_told(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    os.mkfifo(root / "bed" / "pipe.wav")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(root / "cat" / "s.wav"))
        clips = add("x", root)
    assert told(clips) == {"bed/pipe.wav": "is no plain file", "cat/s.wav": "is no plain file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat", "dog")
    (root / "dog").chmod(0)
    try:
        clips = add("x", root)
    finally:
        (root / "dog").chmod(0o755)
    assert told(clips) == {"dog": "is a folder that cannot be read (Permission denied)"}


def test_lists_without_end_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "LARGEST_LIST", 1000)
    root = words(tmp_path / "in", "bed", "cat", clips=20)
    (root / "testing_list.txt").write_text("bed/1.wav")
    (root / "validation_list.txt").write_bytes(bytes(1001))
    for number in range(40):
        (root / f"{number}").mkdir()
        (root / f"{number}" / "testing_list.txt").write_text("bed/2.wav")
    clips = add("x", root)
    assert clips.meta.skipped_reasons == {
        "is larger than 0 MiB": 1, "is one of more than 32 lists": 9,
    }  # fmt: skip


def test_every_kind_that_predict_reads_is_a_clip_and_others_are_told(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    sound = np.full(2_000, 0.1)
    for suffix, form in {"opus": "OGG", "aiff": "AIFF", "aif": "AIFF", "AU": "AU", "w64": "W64",
                         "caf": "CAF", "oga": "OGG"}.items():  # fmt: skip
        subtype = "OPUS" if suffix == "opus" else None
        target = io.BytesIO()
        soundfile.write(target, sound, 16_000, format=form, subtype=subtype)
        (root / "bed" / f"x.{suffix}").write_bytes(target.getvalue())
    for number in range(12):
        (root / "cat" / f"{number:02}.m4a").write_bytes(b"x")
    (root / "cat" / "notes").write_text("x")
    clips = add("x", root)
    assert len(clips.clips) == 8 + 7
    kinds = {"is of a kind that is not read (.m4a)": 12,
             "is of a kind that is not read (no suffix)": 1}  # fmt: skip
    assert clips.meta.skipped_reasons == kinds
    shown = export(DataView.of(clips), "ansi", width=120).decode()
    assert "left out (13 files)" in shown
    assert (
        "  12: is of a kind that is not read (.m4a) (cat/00.m4a, cat/01.m4a, cat/02.m4a, ...)"
    ) in shown
    assert "  cat/notes is of a kind that is not read (no suffix)" in shown


def test_what_nobody_expects_among_the_clips_is_counted_aside(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat", "_noise_")
    (root / "README.md").write_text("x")
    (root / "bed" / "._0.wav").write_text("what a Mac leaves on a stick")
    (root / ".git" / "objects").mkdir(parents=True)
    (root / ".git" / "objects" / "0").write_text("x")
    clips = add("x", root)
    assert not clips.meta.skipped
    assert clips.meta.passed_over == (
        "6 in folders that begin with _ or ., or hidden"
        " (.git/objects/0, _noise_/0.wav, _noise_/1.wav, ...)",
        "1 beside the words' folders (README.md)",
    )
    shown = export(DataView.of(open_clips("x")), "ansi", width=200).decode()
    assert "passed over  6 in folders" in shown


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "tar"])
def test_clips_of_one_name_are_all_kept(tmp_path: Path, packed: bool) -> None:
    """Of `a/bed/0.wav` and `bed/0.wav` the first takes the short name of the second."""
    root = words(tmp_path / "in", "bed", "cat")
    shutil.copytree(root / "bed", root / "a" / "bed")
    source = root
    if packed:
        source = tmp_path / "x.tar"
        with tarfile.open(source, "w") as archive:
            archive.add(root, ".")
    clips = add("x", source)
    assert len(clips.clips) == len(names(clips)) == 12
    assert clips.words == ("bed", "cat")


def packed(root: Path, to: Path) -> Path:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.add(root, ".")
    plain = content.getvalue()
    middle = len(plain) // 2
    if "xz" in to.name.lower():
        # Two streams with zeros between, as xz allows.
        to.write_bytes(lzma.compress(plain[:middle]) + bytes(8) + lzma.compress(plain[middle:]))
    else:
        to.write_bytes(bz2.compress(plain[:middle]) + bz2.compress(plain[middle:]))
    return to


@pytest.mark.parametrize("name", ["x.tar.xz", "x.TXZ", "x.tar.bz2", "x.Tbz2", "x.TAR.XZ"])
def test_a_tar_packed_by_xz_or_bzip2_is_read(tmp_path: Path, name: str) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    assert names(add("x", packed(root, tmp_path / name))) == names(add("y", root))
    broken = tmp_path / f"b{name}"
    broken.write_bytes((tmp_path / name).read_bytes()[:-200])
    with pytest.raises(DataError, match="damaged or cut off"):
        add("z", broken)


@pytest.mark.parametrize("name", ["X.ZIP", "x.Zip", "x.TAR", "X.TGZ"])
def test_an_archive_is_known_in_capitals(tmp_path: Path, name: str) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for path in root.rglob("*.wav"):
                archive.write(path, path.relative_to(root))
    else:
        with tarfile.open(tmp_path / name, "w:gz" if name == "X.TGZ" else "w") as tar:
            tar.add(root, ".")
    assert len(add("x", tmp_path / name).clips) == 8


def test_an_xz_that_asks_for_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_DICTIONARY", 1 << 20)
    path = packed(words(tmp_path / "in", "bed", "cat"), tmp_path / "x.tar.xz")
    with pytest.raises(DataError, match=r"damaged or cut off: Memory usage limit"):
        add("x", path)


def test_links_and_odd_names_of_archives_are_told(tmp_path: Path) -> None:
    root = words(tmp_path / "in", "bed", "cat")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(root, ".")
        for name, kind in {"dog": tarfile.SYMTYPE, "bed/l.wav": tarfile.LNKTYPE}.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, "bed/0.wav"
            archive.addfile(link)
        long = tarfile.TarInfo(f"bed/{'x' * 2_000}.wav")
        archive.addfile(long)
        archive.addfile(tarfile.TarInfo("cat/x.m4a"))
    clips = add("x", tmp_path / "x.tar")
    assert clips.meta.skipped_reasons == {
        "is a link or a special file": 2,
        "has a path of more than 1,000 characters": 1,
        "is of a kind that is not read (.m4a)": 1,
    }
    assert max(map(len, told(clips))) < 100


def test_a_member_without_a_name_is_no_reason_to_fall_over(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("q.wav", wav(1))
    damaged = bytearray(content.getvalue())
    entry = damaged.rindex(b"PK\x01\x02")
    # Its name becomes its comment.
    damaged[entry + 28], damaged[entry + 32] = 0, 5
    (tmp_path / "x.zip").write_bytes(damaged)
    assert [file.passed for file in sources.files(tmp_path / "x.zip", silent)] == [TOP]
